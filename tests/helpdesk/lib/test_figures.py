"""What counts as a whole number wherever one is typed."""

import pytest

from helpdesk.lib.figures import is_figure


@pytest.mark.parametrize("text", ["0", "7", "0815", "9" * 18])
def test_plain_digits_are_a_figure(text: str) -> None:
    assert is_figure(text)
    assert int(text) >= 0


@pytest.mark.parametrize("text", ["", "²", "١٢", "½", "-1", "+1", "1 0", "1_0", "1.5", "9" * 19])
def test_other_scripts_signs_and_endless_digits_are_none(text: str) -> None:
    assert not is_figure(text)


def test_a_place_may_take_fewer_digits() -> None:
    assert is_figure("9999", 4)
    assert not is_figure("10000", 4)
