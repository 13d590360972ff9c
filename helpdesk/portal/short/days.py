"""When somebody is there to call: the halves of the next working days."""

from datetime import date, timedelta
from itertools import islice

from django.utils import timezone

from helpdesk.agents.models import Calendar
from helpdesk.sla.domain.calendars import work_calendar

MORNING, AFTERNOON = "am", "pm"
NOON = 12 * 60
# Less than an hour of work before or after noon is no time to promise a call in.
LEAST = 60
LOOK_AHEAD = 21
Half = tuple[date, str]


def halves_ahead(calendar: Calendar, days: int = 3) -> list[Half]:
    """Return the halves of the next ``days`` days on which somebody works, from tomorrow on."""
    counted = work_calendar(calendar)
    today = timezone.localdate(timezone=counted.zone)
    ahead = (today + timedelta(days=number) for number in range(1, LOOK_AHEAD))
    open_days = (
        day for day in ahead if day not in counted.holidays and counted.week[day.weekday()]
    )
    return [
        (day, half)
        for day in islice(open_days, days)
        for half in _halves(counted.week[day.weekday()])
    ]


def _halves(spans: tuple[tuple[int, int], ...]) -> list[str]:
    before = sum(max(0, min(closes, NOON) - opens) for opens, closes in spans)
    after = sum(max(0, closes - max(opens, NOON)) for opens, closes in spans)
    return [half for half, length in ((MORNING, before), (AFTERNOON, after)) if length >= LEAST]
