"""Counting working time."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk.lib.worktime import (
    NoWorkingTimeError,
    Span,
    WorkCalendar,
    add_minutes,
    instant,
    minutes_between,
    open_until,
    working_time,
)

BERLIN = ZoneInfo("Europe/Berlin")
EIGHT_TO_FOUR: tuple[Span, ...] = ((480, 960),)
WEEKDAYS = (EIGHT_TO_FOUR,) * 5 + ((), ())
OFFICE = WorkCalendar(WEEKDAYS, BERLIN, frozenset({date(2026, 12, 25)}))
ALWAYS = WorkCalendar((((0, 1440),),) * 7, BERLIN)


def berlin(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=BERLIN)  # type: ignore[misc,arg-type] # year, month, day and so on


@pytest.mark.parametrize(
    "start,minutes,expected",
    [
        (berlin(2026, 11, 23, 9), 60, berlin(2026, 11, 23, 10)),
        # What is left over goes into the next working day.
        (berlin(2026, 11, 23, 15), 120, berlin(2026, 11, 24, 9)),
        # Before opening and at the weekend nothing counts.
        (berlin(2026, 11, 23, 5), 30, berlin(2026, 11, 23, 8, 30)),
        (berlin(2026, 11, 21, 12), 30, berlin(2026, 11, 23, 8, 30)),
        # A span used up to its end is due at its end, not at the next opening.
        (berlin(2026, 11, 20, 8), 480, berlin(2026, 11, 20, 16)),
        # A holiday on a Friday pushes Thursday's rest beyond the weekend.
        (berlin(2026, 12, 24, 15, 30), 60, berlin(2026, 12, 28, 8, 30)),
        (berlin(2026, 11, 23, 9), 0, berlin(2026, 11, 23, 9)),
        (berlin(2026, 11, 21, 9), 0, berlin(2026, 11, 21, 9)),
    ],
)
def test_add_minutes_counts_only_working_time(
    start: datetime, minutes: int, expected: datetime
) -> None:
    assert add_minutes(start, minutes, OFFICE) == expected


def test_add_minutes_refuses_to_go_backwards() -> None:
    with pytest.raises(ValueError, match="backwards"):
        add_minutes(berlin(2026, 1, 1), -1, OFFICE)


def test_add_minutes_refuses_a_calendar_that_never_opens() -> None:
    with pytest.raises(NoWorkingTimeError):
        add_minutes(berlin(2026, 1, 1), 1, WorkCalendar(((),) * 7, BERLIN))


def test_minutes_between_rounds_down_and_knows_no_negative_time() -> None:
    start = berlin(2026, 11, 23, 9)

    assert minutes_between(start, start + timedelta(seconds=119), OFFICE) == 1
    assert minutes_between(start, start - timedelta(days=9), OFFICE) == 0


@pytest.mark.parametrize(
    "day,hours", [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 7, 1), 24)]
)
def test_working_time_has_23_and_25_hours_where_clocks_change(day: date, hours: int) -> None:
    start = datetime.combine(day, datetime.min.time(), BERLIN)
    end = datetime.combine(day + timedelta(days=1), datetime.min.time(), BERLIN)

    assert working_time(start, end, ALWAYS) == timedelta(hours=hours)


def test_instant_of_a_time_that_is_jumped_over_is_the_moment_of_the_change() -> None:
    spring = date(2026, 3, 29)

    moments = [instant(spring, minute, BERLIN) for minute in (119, 120, 150, 180, 181)]

    change = datetime(2026, 3, 29, 1, tzinfo=UTC)
    minute = timedelta(minutes=1)
    assert moments == [change - minute, change, change, change, change + minute]


def test_working_time_inside_a_jumped_over_span_is_none() -> None:
    night = WorkCalendar((((120, 150), (150, 180)),) * 7, BERLIN)

    total = working_time(berlin(2026, 3, 29, 0), berlin(2026, 3, 30, 0), night)

    assert total == timedelta()


@pytest.mark.parametrize(
    "week", [WEEKDAYS[:6], (((960, 480),),) * 7, (((0, 60), (30, 90)),) * 7, (((0, 1441),),) * 7]
)
def test_calendar_refuses_a_week_that_is_none(week: tuple[tuple[Span, ...], ...]) -> None:
    with pytest.raises(ValueError, match=r"seven days|not in order"):
        WorkCalendar(week, BERLIN)


ZONES = ["Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Pacific/Apia", "UTC"]
edges = st.lists(st.integers(0, 1440), max_size=6, unique=True).map(sorted)
days = edges.map(lambda e: tuple(zip(e[::2], e[1::2], strict=False)))
weeks = st.tuples(*[days] * 7).filter(any)
calendars = st.builds(
    WorkCalendar,
    weeks,
    st.sampled_from(ZONES).map(ZoneInfo),
    st.frozensets(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=20),
)
START = datetime(2025, 12, 1, tzinfo=UTC)
moments = st.integers(0, 420 * 86400).map(lambda seconds: START + timedelta(seconds=seconds))
amounts = st.integers(0, 3000)


@settings(max_examples=80, deadline=None)
@given(calendars, moments, amounts)
def test_working_time_undoes_add_minutes(
    calendar: WorkCalendar, start: datetime, minutes: int
) -> None:
    end = add_minutes(start, minutes, calendar)

    assert working_time(start, end, calendar) == timedelta(minutes=minutes)


@settings(max_examples=80, deadline=None)
@given(calendars, moments, amounts, st.integers(1, 3000))
def test_add_minutes_in_two_steps_is_one_step(
    calendar: WorkCalendar, start: datetime, first: int, second: int
) -> None:
    middle = add_minutes(start, first, calendar)

    assert add_minutes(middle, second, calendar) == add_minutes(start, first + second, calendar)


@settings(max_examples=80, deadline=None)
@given(calendars, moments, moments, st.integers(1, 3000))
def test_add_minutes_never_overtakes(
    calendar: WorkCalendar, one: datetime, other: datetime, minutes: int
) -> None:
    early, late = sorted((one, other))

    assert add_minutes(early, minutes, calendar) <= add_minutes(late, minutes, calendar)


@settings(max_examples=80, deadline=None)
@given(calendars, st.lists(moments, min_size=3, max_size=3).map(sorted))
def test_working_time_of_two_halves_is_the_whole(
    calendar: WorkCalendar, three: list[datetime]
) -> None:
    first, middle, last = three

    halves = working_time(first, middle, calendar) + working_time(middle, last, calendar)

    assert halves == working_time(first, last, calendar)


@pytest.mark.parametrize(
    "now,is_open,until",
    [
        (berlin(2026, 11, 23, 9), True, berlin(2026, 11, 23, 16)),
        (berlin(2026, 11, 23, 8), True, berlin(2026, 11, 23, 16)),
        (berlin(2026, 11, 23, 16), False, berlin(2026, 11, 24, 8)),
        (berlin(2026, 11, 21, 12), False, berlin(2026, 11, 23, 8)),
        # A holiday before a weekend.
        (berlin(2026, 12, 24, 17), False, berlin(2026, 12, 28, 8)),
    ],
)
def test_hours_are_told_until_they_change(now: datetime, until: datetime, *, is_open: bool) -> None:
    assert open_until(now, OFFICE) == (is_open, until)


def test_hours_that_never_end_have_no_end() -> None:
    assert open_until(berlin(2026, 11, 23, 9), ALWAYS) == (True, None)


def test_hours_over_midnight_are_one_span() -> None:
    night = WorkCalendar((((1200, 1440),), ((0, 300),), (), (), (), (), ()), BERLIN)

    assert open_until(berlin(2026, 11, 23, 23), night) == (True, berlin(2026, 11, 24, 5))


def test_hours_of_a_calendar_that_never_opens_are_refused() -> None:
    with pytest.raises(NoWorkingTimeError):
        open_until(berlin(2026, 11, 23, 9), WorkCalendar(((),) * 7, BERLIN))
