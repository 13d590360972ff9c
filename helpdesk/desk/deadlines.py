"""How a deadline looks in a list and in a ticket."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext

from helpdesk.lib.worktime import NoWorkingTimeError, open_until
from helpdesk.sla.models import Clock
from helpdesk.sla.queries import counted_by
from helpdesk.tickets.enums import ENDED
from helpdesk.tickets.models import Ticket

URGENT = timedelta(minutes=60)
SOON_SHARE = 0.25
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DueState:
    """What an agent sees of a deadline: how pressing, and how long."""

    level: str
    label: str


NONE = DueState("none", "–")


class Promised(Protocol):
    """What of a ticket, or of its row in a list, tells how its deadline looks."""

    @property
    def status(self) -> str:
        """Return the status; what has ended has no deadline any more."""

    @property
    def clock_paused(self) -> bool:
        """Tell whether the time stands still."""

    @property
    def due_at(self) -> datetime | None:
        """Return the earliest moment that is promised."""

    @property
    def received_at(self) -> datetime:
        """Return when the citizen wrote."""


def due_state(ticket: Promised, now: datetime | None = None) -> DueState:
    """Return the earliest deadline of ``ticket``; red only when overdue or under an hour."""
    if ticket.status in ENDED:
        return NONE
    if ticket.clock_paused:
        return DueState("paused", gettext("paused"))
    return due_at(ticket, ticket.due_at, now or timezone.now())


def due_at(ticket: Promised, moment: datetime | None, now: datetime) -> DueState:
    """Return how pressing one moment is for ``ticket``."""
    if moment is None:
        return NONE
    left = moment - now
    if left <= URGENT:
        level = "urgent"
    else:
        level = "soon" if left <= (moment - ticket.received_at) * SOON_SHARE else "calm"
    return DueState(level, format_left(left))


def format_left(left: timedelta) -> str:
    """Write a span as "0:38", "-2:10", "1 d 6 h" or "3 d"."""
    sign = "−" if left < timedelta(0) else ""
    minutes = int(abs(left).total_seconds() // 60)
    if abs(left) < DAY:
        return f"{sign}{minutes // 60}:{minutes % 60:02d}"
    days, hours = divmod(minutes // 60, 24)
    if days > 1 or not hours:
        return sign + gettext("%(days)d d") % {"days": days}
    return sign + gettext("%(days)d d %(hours)d h") % {"days": days, "hours": hours}


@dataclass(frozen=True, slots=True)
class ClockLine:
    """One promise in the side panel: running, paused, kept or missed."""

    name: str
    state: str
    due: DueState
    due_at: datetime | None
    percent: int
    reason: str = ""


def clock_lines(ticket: Ticket, clocks: Iterable[Clock]) -> list[ClockLine]:
    """Return the ticket's promises, the running one that ends first at the top."""
    now = timezone.now()
    lines = [_clock_line(ticket, clock, now) for clock in clocks]
    return sorted(lines, key=lambda line: (line.state != "running", line.due_at or now))


def _clock_line(ticket: Ticket, clock: Clock, now: datetime) -> ClockLine:
    name = clock.get_kind_display()
    if clock.stopped_at:
        return ClockLine(name, "missed" if clock.missed_at else "kept", NONE, None, 100)
    if clock.due_at is None:
        return ClockLine(name, "paused", NONE, None, 0, str(ticket.get_status_display()))
    whole = clock.due_at - ticket.received_at
    used = (now - ticket.received_at) / whole if whole > timedelta(0) else 1.0
    due = due_at(ticket, clock.due_at, now)
    return ClockLine(name, "running", due, clock.due_at, min(100, max(0, round(used * 100))))


def counting_words(clocks: Iterable[Clock], now: datetime | None = None) -> str:
    """Say when the time of the promise that ends first stands still, and when it goes on.

    Nothing where no promise runs any more, or where this one ends before work does.
    """
    now = now or timezone.now()
    running = [clock for clock in clocks if clock.due_at and not clock.stopped_at]
    first = min(running, key=lambda clock: clock.due_at or now, default=None)
    if first is None or first.due_at is None or first.due_at <= now:
        return ""
    calendar = counted_by(first.agreement_id)
    try:
        is_open, until = open_until(now, calendar)
        goes_on = open_until(until, calendar)[1] if is_open and until else until
    except NoWorkingTimeError:
        return ""
    if until is None or goes_on is None or until >= first.due_at:
        return ""
    if not is_open:
        return gettext("Out of hours: the time stands still until %(moment)s.") % {
            "moment": _moment(goes_on, now)
        }
    return gettext("The time runs until %(until)s and goes on %(moment)s.") % {
        "until": _moment(until, now),
        "moment": _moment(goes_on, now),
    }


def _moment(moment: datetime, now: datetime) -> str:
    """Write a moment of today as its time alone."""
    local = timezone.localtime(moment)
    is_today = local.date() == timezone.localdate(now)
    return date_format(local, "H:i" if is_today else gettext("D j M, H:i"))
