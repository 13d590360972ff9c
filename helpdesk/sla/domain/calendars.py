"""Turns the stored calendar into the one that working time is counted by."""

import json
import logging
from collections.abc import Mapping
from datetime import date
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from django.utils.translation import get_language

from helpdesk.agents.models import Calendar
from helpdesk.lib.worktime import MINUTES_PER_DAY, Span, WorkCalendar

# Ours → that of the library's names.
LANGUAGES = {"de": "de", "en": "en_US"}

logger = logging.getLogger(__name__)


def work_calendar(calendar: Calendar) -> WorkCalendar:
    """Return the calendar to count by; the same content is worked out once per process."""
    return _build(
        calendar.time_zone,
        calendar.country,
        calendar.subdivision,
        json.dumps(calendar.hours, sort_keys=True),
        tuple(day["date"] if isinstance(day, dict) else day for day in calendar.extra_holidays),
    )


def names_of_holidays(calendar: Calendar, year: int) -> dict[date, str]:
    """Return the days of a year on which nobody works, with what they are called."""
    own = {
        date.fromisoformat(day["date"]): str(day["name"])
        for day in calendar.extra_holidays
        if isinstance(day, dict)
    }
    language = LANGUAGES.get(get_language() or "", "de")
    public = _public_holidays(calendar.country, calendar.subdivision, year, language)
    return dict(public) | {day: name for day, name in own.items() if day.year == year}


def day_minutes(calendar: Calendar) -> int:
    """Return how long a working day is on the average; 0 if nobody ever works."""
    week = [sum(b - a for a, b in spans) for spans in work_calendar(calendar).week]
    days = [minutes for minutes in week if minutes]
    return round(sum(days) / len(days)) if days else 0


class Holidays:
    """The public holidays of a Land, year by year as they are asked for, and a town's own."""

    def __init__(self, country: str, subdivision: str, extra: tuple[str, ...]) -> None:
        """Take an ISO 3166 country and Land, and further days as ISO dates."""
        self._place = country, subdivision
        self._extra = frozenset(date.fromisoformat(day) for day in extra)

    def __contains__(self, day: object) -> bool:
        """Tell whether nobody works on ``day``."""
        return isinstance(day, date) and (
            day in self._extra or day in _public_holidays(*self._place, day.year)
        )


@lru_cache(maxsize=64)
def _build(
    time_zone: str, country: str, subdivision: str, hours: str, extra: tuple[str, ...]
) -> WorkCalendar:
    spans: dict[str, list[list[str]]] = json.loads(hours)
    week = tuple(_day(spans.get(str(weekday), [])) for weekday in range(7))
    return WorkCalendar(week, ZoneInfo(time_zone), Holidays(country, subdivision, extra))


def _day(spans: list[list[str]]) -> tuple[Span, ...]:
    """Return a day's spans in order; those that touch or overlap become one."""
    merged: list[Span] = []
    for opens, closes in sorted((_minute(opens), _minute(closes)) for opens, closes in spans):
        if merged and opens <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(closes, merged[-1][1]))
        else:
            merged.append((opens, closes))
    return tuple(merged)


def _minute(text: str) -> int:
    hours, _, minutes = text.partition(":")
    return min(int(hours) * 60 + int(minutes or 0), MINUTES_PER_DAY)


@cache
def _public_holidays(
    country: str, subdivision: str, year: int, language: str = "de"
) -> Mapping[date, str]:
    # lazy: a large library, needed only where deadlines are counted
    import holidays  # noqa: PLC0415 - see above

    try:
        found = holidays.country_holidays(
            country, subdiv=subdivision or None, years=year, language=language
        )
        return dict(found.items())
    except NotImplementedError:
        # A promise without holidays is better than none.
        logger.error("no holidays are known for %s-%s", country, subdivision)  # noqa: TRY400 - the trace says nothing more
        return {}
