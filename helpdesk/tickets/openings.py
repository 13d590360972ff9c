"""What whoever holds the secret link may do with a request, as it stands now."""

from datetime import datetime, timedelta

from django.utils import timezone

from helpdesk.tickets.enums import ENDED, Outcome, Status
from helpdesk.tickets.models import Rating, Ticket

RATING_EDITABLE = timedelta(days=7)
_OVER = frozenset({Status.RESOLVED, Status.CLOSED})
# Nobody asks how well it went where the citizen or nobody brought it to its end.
_UNRATED = frozenset({Outcome.WITHDRAWN, Outcome.SPAM})


def may_reply(ticket: Ticket) -> bool:
    """Tell whether a message can be added; an ended request is opened again instead.

    To one in the bin it can: it comes back by that, as by mail, since nobody would see it there.
    """
    return ticket.status not in ENDED or ticket.status == Status.DELETED


def may_withdraw(ticket: Ticket) -> bool:
    """Tell whether the request can still be withdrawn."""
    return ticket.status not in ENDED


def reopen_until(ticket: Ticket) -> datetime | None:
    """Return until when an ended request can be opened again; None if it can't."""
    if ticket.status not in _OVER or ticket.resolved_at is None:
        return None
    until = ticket.resolved_at + timedelta(days=ticket.authority.reopen_days)
    return until if timezone.now() <= until else None


def may_rate(ticket: Ticket, rating: Rating | None) -> bool:
    """Tell whether this end can be rated, or the rating of it still be changed."""
    if ticket.status not in _OVER or ticket.resolved_at is None or ticket.outcome in _UNRATED:
        return False
    return rating is None or timezone.now() <= rating.created_at + RATING_EDITABLE
