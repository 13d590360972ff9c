"""Counts working time: weekly spans in a time zone, without holidays, exact across DST.

Pure. Time is what passes between instants: where clocks are put forward, a span from
00:00 to 24:00 has 23 hours. A local time that does not exist that day means the moment
of the change; one that exists twice means the first.
"""

from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

MINUTES_PER_DAY = 24 * 60
# A calendar that holds no working time for so long is taken for one that never opens.
HORIZON_DAYS = 5 * 366
WEEK = timedelta(days=7)

Span = tuple[int, int]
Week = tuple[tuple[Span, ...], ...]


class NoWorkingTimeError(ValueError):
    """The calendar never opens, so no promised time can ever come."""


@dataclass(frozen=True, slots=True, eq=False)
class WorkCalendar:
    """Weekly spans in minutes after midnight (Monday first), time zone, and days off."""

    week: Week
    zone: ZoneInfo
    holidays: Container[date] = field(default_factory=frozenset)

    def __post_init__(self) -> None:
        """Refuse a week that is not seven days of ordered spans that do not overlap."""
        if len(self.week) != 7:
            raise ValueError("a week has seven days")
        for spans in self.week:
            edges = [edge for span in spans for edge in span]
            if edges != sorted(edges) or not all(0 <= e <= MINUTES_PER_DAY for e in edges):
                raise ValueError(f"spans {spans} are not in order within a day")


def add_minutes(start: datetime, minutes: float, calendar: WorkCalendar) -> datetime:
    """Return the first instant (UTC) by which so many working minutes have passed.

    ``start`` must be aware. No minutes give ``start`` itself, even outside of
    working hours. Raises NoWorkingTimeError if the calendar never opens.
    """
    left = timedelta(minutes=minutes)
    if left < timedelta():
        raise ValueError("working time can't be added backwards")
    moment = start.astimezone(UTC)
    if not left:
        return moment
    for opens, closes in _spans_from(moment, calendar):
        begin = max(opens, moment)
        if closes - begin >= left:
            return begin + left
        left -= max(closes - begin, timedelta())
    raise NoWorkingTimeError


def working_time(start: datetime, end: datetime, calendar: WorkCalendar) -> timedelta:
    """Return the exact working time between two aware instants; nothing if ``end`` is earlier."""
    first, last = start.astimezone(UTC), end.astimezone(UTC)
    total = timedelta()
    for opens, closes in _spans_from(first, calendar):
        if opens >= last:
            break
        total += max(min(closes, last) - max(opens, first), timedelta())
    return total


def minutes_between(start: datetime, end: datetime, calendar: WorkCalendar) -> int:
    """Return the whole working minutes between two aware instants, rounded down."""
    return working_time(start, end, calendar) // timedelta(minutes=1)


def open_until(moment: datetime, calendar: WorkCalendar) -> tuple[bool, datetime | None]:
    """Tell whether work is done at an aware instant, and from when (UTC) on that is otherwise.

    None where it stays so for longer than a week. Raises NoWorkingTimeError if the calendar
    never opens.
    """
    start = moment.astimezone(UTC)
    end: datetime | None = None
    for opens, closes in _spans_from(start, calendar):
        if closes <= start:
            continue
        if opens > (end or start):
            return (True, end) if end else (False, opens)
        end = closes
        if end - start > WEEK:
            break
    return True, None


def _spans_from(moment: datetime, calendar: WorkCalendar) -> Iterator[tuple[datetime, datetime]]:
    """Yield the spans in which work is done, in order, as instants, from that day on."""
    first = moment.astimezone(calendar.zone).date()
    seen_any = False
    for offset in range(-1, HORIZON_DAYS):
        day = first + timedelta(days=offset)
        if day in calendar.holidays:
            continue
        for opens, closes in calendar.week[day.weekday()]:
            yield instant(day, opens, calendar.zone), instant(day, closes, calendar.zone)
            seen_any = True
    if not seen_any:
        raise NoWorkingTimeError


# Of every clock the same few days around now are asked, with the same hours.
@lru_cache(maxsize=4096)
def instant(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """Return the instant (UTC) at which local clocks show that minute of the day."""
    local = datetime.combine(day, time()) + timedelta(minutes=minute)
    moment = local.replace(tzinfo=zone).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == local:
        return moment
    return _moment_of_change(local, zone)


def _moment_of_change(local: datetime, zone: ZoneInfo) -> datetime:
    """Return when clocks jump over ``local``, by halving the gap's possible instants."""
    early = local.replace(tzinfo=zone, fold=1).astimezone(UTC)
    late = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    offset_before = early.astimezone(zone).utcoffset()
    while late - early > timedelta(seconds=1):
        middle = early + (late - early) // 2
        if middle.astimezone(zone).utcoffset() == offset_before:
            early = middle
        else:
            late = middle
    return late.replace(microsecond=0)
