"""Promised times across the change of clocks, whatever the calendar: properties, not examples."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk.lib.worktime import WorkCalendar, add_minutes, working_time

# Clocks change on 29 March and 25 October, and on 5 April and 4 October down under.
BERLIN, SYDNEY = "Europe/Berlin", "Australia/Sydney"
CHANGES = (
    datetime(2026, 3, 29, 1, tzinfo=UTC),
    datetime(2026, 10, 25, 1, tzinfo=UTC),
    datetime(2026, 4, 4, 16, tzinfo=UTC),
    datetime(2026, 10, 3, 16, tzinfo=UTC),
)
MINUTE = timedelta(minutes=1)

# Spans that end at midnight, stand around the hour of the change, and ordinary ones.
SPANS = st.sampled_from(
    (
        ((0, 1440),),
        ((120, 180),),
        ((60, 150), (150, 240)),
        ((480, 720), (780, 960)),
        ((1320, 1440),),
        ((0, 90), (1380, 1440)),
        (),
    )
)
DAYS_AROUND = st.sampled_from(CHANGES).flatmap(
    lambda change: st.integers(-3 * 24 * 60, 3 * 24 * 60).map(
        lambda minutes: change + minutes * MINUTE
    )
)
HOLIDAYS = st.frozensets(
    st.sampled_from(CHANGES).flatmap(
        lambda change: st.integers(-3, 3).map(lambda days: change.date() + timedelta(days=days))
    ),
    max_size=4,
)


@st.composite
def calendars(draw: st.DrawFn) -> WorkCalendar:
    week = draw(st.tuples(*[SPANS] * 7).filter(any))
    zone = ZoneInfo(draw(st.sampled_from((BERLIN, SYDNEY))))
    return WorkCalendar(week, zone, draw(HOLIDAYS))


@settings(max_examples=120, deadline=None)
@given(calendars(), DAYS_AROUND, st.integers(0, 6000))
def test_what_is_promised_is_what_is_measured(
    calendar: WorkCalendar, start: datetime, minutes: int
) -> None:
    due = add_minutes(start, minutes, calendar)

    assert working_time(start, due, calendar) == minutes * MINUTE


@settings(max_examples=120, deadline=None)
@given(calendars(), DAYS_AROUND, st.integers(1, 3000))
def test_no_earlier_moment_would_keep_the_promise(
    calendar: WorkCalendar, start: datetime, minutes: int
) -> None:
    due = add_minutes(start, minutes, calendar)

    assert working_time(start, due - timedelta(seconds=1), calendar) < minutes * MINUTE


@settings(max_examples=120, deadline=None)
@given(calendars(), DAYS_AROUND, DAYS_AROUND, st.integers(1, 3000))
def test_who_asks_later_is_never_promised_an_earlier_time(
    calendar: WorkCalendar, one: datetime, other: datetime, minutes: int
) -> None:
    early, late = sorted((one, other))

    assert add_minutes(early, minutes, calendar) <= add_minutes(late, minutes, calendar)


@settings(max_examples=120, deadline=None)
@given(calendars(), DAYS_AROUND, st.integers(1, 3000), st.integers(1, 3000))
def test_more_promised_time_is_never_due_earlier(
    calendar: WorkCalendar, start: datetime, some: int, more: int
) -> None:
    due = add_minutes(start, some, calendar)

    assert due < add_minutes(start, some + more, calendar)


@settings(max_examples=120, deadline=None)
@given(calendars(), DAYS_AROUND, st.integers(2, 3000), st.data())
def test_a_pause_that_takes_no_working_time_moves_nothing(
    calendar: WorkCalendar, start: datetime, minutes: int, data: st.DataObject
) -> None:
    spent = data.draw(st.integers(1, minutes - 1))
    paused = add_minutes(start, spent, calendar)
    # Whoever resumes at the next opening has lost nothing of it.
    resumed = add_minutes(paused, 1, calendar) - MINUTE
    if working_time(paused, resumed, calendar):
        resumed = paused

    left = minutes - spent

    assert add_minutes(resumed, left, calendar) == add_minutes(start, minutes, calendar)


@settings(max_examples=120, deadline=None)
@given(calendars(), DAYS_AROUND, st.integers(2, 3000), st.integers(1, 2000), st.data())
def test_a_pause_moves_the_deadline_by_its_own_working_time(
    calendar: WorkCalendar, start: datetime, minutes: int, pause: int, data: st.DataObject
) -> None:
    spent = data.draw(st.integers(1, minutes - 1))
    paused = add_minutes(start, spent, calendar)
    resumed = add_minutes(paused, pause, calendar)

    due = add_minutes(resumed, minutes - spent, calendar)

    assert due == add_minutes(start, minutes + pause, calendar)


@settings(max_examples=60, deadline=None)
@given(calendars(), st.sampled_from(CHANGES), st.integers(1, 3000))
def test_a_holiday_in_the_middle_never_brings_a_deadline_forward(
    calendar: WorkCalendar, change: datetime, minutes: int
) -> None:
    more = frozenset((*_days(calendar), change.date()))
    start = change - timedelta(days=2)

    with_holiday = WorkCalendar(calendar.week, calendar.zone, more)

    assert add_minutes(start, minutes, with_holiday) >= add_minutes(start, minutes, calendar)


def _days(calendar: WorkCalendar) -> frozenset[date]:
    assert isinstance(calendar.holidays, frozenset)
    return calendar.holidays


def test_a_day_and_night_in_which_clocks_change_has_23_or_25_hours() -> None:
    always = WorkCalendar((((0, 1440),),) * 7, ZoneInfo(BERLIN))
    spring, autumn = (
        datetime(2026, month, day, tzinfo=ZoneInfo(BERLIN)) for month, day in ((3, 29), (10, 25))
    )

    lengths = [
        working_time(day, (day + timedelta(days=1)), always) // timedelta(hours=1)
        for day in (spring, autumn)
    ]

    assert lengths == [23, 25]
