from collections.abc import Callable

import pytest

from helpdesk.lib.limits import Limit, spend

HOUR = 3600


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Set the clock that spans are counted by."""

    def move(seconds: float) -> None:
        monkeypatch.setattr("helpdesk.lib.limits.time.time", lambda: 1_000 * HOUR + seconds)

    move(0)
    return move


def hourly(amount: int) -> list[Limit]:
    return [Limit("k", amount, HOUR)]


def test_as_much_as_allowed_goes_through_and_then_a_wait_is_named(
    at: Callable[[float], None],
) -> None:
    at(60)

    waits = [spend(hourly(3)) for _ in range(5)]

    assert waits[:3] == [0, 0, 0]
    assert all(wait > 0 for wait in waits[3:])


def test_after_the_named_wait_it_goes_on(at: Callable[[float], None]) -> None:
    at(600)
    for _ in range(3):
        spend(hourly(3))
    wait = spend(hourly(3))

    at(600 + wait + 1)

    assert spend(hourly(3)) == 0


def test_the_window_slides_instead_of_opening_at_the_full_hour(
    at: Callable[[float], None],
) -> None:
    at(HOUR - 10)
    for _ in range(20):
        spend(hourly(20))

    at(HOUR + 10)

    assert spend(hourly(20)) > 0


def test_what_is_refused_does_not_count_against_any_limit(at: Callable[[float], None]) -> None:
    at(0)
    wide, narrow = Limit("wide", 100, HOUR), Limit("narrow", 1, HOUR)
    spend([wide, narrow])
    for _ in range(50):
        assert spend([wide, narrow]) > 0

    assert spend([wide], units=99) == 0
    assert spend([wide]) > 0


def test_units_are_counted_as_given(at: Callable[[float], None]) -> None:
    at(0)

    assert spend(hourly(10), units=8) == 0
    assert spend(hourly(10), units=3) > 0
    assert spend(hourly(10), units=2) == 0
