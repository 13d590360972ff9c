"""How a deadline looks in a list and in a ticket."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext

from helpdesk.tickets.enums import ENDED, Status
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


def due_state(ticket: Ticket, now: datetime | None = None) -> DueState:
    """Return the earliest deadline of ``ticket``; red only when overdue or under an hour."""
    if Status(ticket.status) in ENDED:
        return NONE
    if ticket.clock_paused:
        return DueState("paused", gettext("paused"))
    if ticket.due_at is None:
        return NONE
    left = ticket.due_at - (now or timezone.now())
    return DueState(_level(ticket, left), format_left(left))


def _level(ticket: Ticket, left: timedelta) -> str:
    if left <= URGENT:
        return "urgent"
    whole = (ticket.due_at or ticket.received_at) - ticket.received_at
    return "soon" if left <= whole * SOON_SHARE else "calm"


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
