"""Stored calendars."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from helpdesk.agents.models import Calendar
from helpdesk.sla.domain.calendars import Holidays, work_calendar


def test_work_calendar_reads_hours_zone_and_own_holidays() -> None:
    calendar = Calendar(
        time_zone="Europe/Vienna",
        hours={"0": [["13:00", "18:00"], ["08:00", "12:00"]], "5": [["00:00", "24:00"]]},
        extra_holidays=["2026-11-11"],
    )

    work = work_calendar(calendar)

    assert work.week == (((480, 720), (780, 1080)), (), (), (), (), ((0, 1440),), ())
    assert work.zone == ZoneInfo("Europe/Vienna")
    assert date(2026, 11, 11) in work.holidays


def test_work_calendar_joins_spans_that_touch_or_overlap() -> None:
    calendar = Calendar(hours={"1": [["08:00", "12:00"], ["12:00", "13:00"], ["12:30", "14:00"]]})

    assert work_calendar(calendar).week[1] == ((480, 840),)


def test_work_calendar_of_equal_content_is_worked_out_once() -> None:
    assert work_calendar(Calendar(hours={})) is work_calendar(Calendar(name="other", hours={}))


@pytest.mark.parametrize(
    "land,day,is_holiday",
    [
        ("BY", date(2026, 1, 6), True),
        ("NW", date(2026, 1, 6), False),
        ("", date(2026, 10, 3), True),
        ("BE", date(2027, 3, 8), True),
        ("BY", date(2027, 3, 8), False),
    ],
)
def test_holidays_differ_by_land_in_any_year(land: str, day: date, *, is_holiday: bool) -> None:
    assert (day in Holidays("DE", land, ())) is is_holiday


def test_holidays_of_an_unknown_land_are_none_rather_than_an_error() -> None:
    assert date(2026, 1, 1) not in Holidays("DE", "XX", ())
