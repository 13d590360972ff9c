"""The bin: a request that nobody should work on is gone from every list, and back by one step.

For thirty days it can be brought back as it was; a message of the citizen brings it back by
itself, since what somebody writes is never lost. After that helpdesk.privacy deletes it.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from helpdesk.agents.models import User
from helpdesk.events.models import Event
from helpdesk.tickets import facts
from helpdesk.tickets.domain.locking import lock_ticket
from helpdesk.tickets.enums import Status
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries import visible_to

KEPT = timedelta(days=30)
_KEPT_STATE = ("status", "outcome")
_KEPT_DATES = ("waiting_until", "resolved_at")


class CannotTrashError(Exception):
    """It is in the bin already, or it was merged and is nothing of its own any more."""


class NotInTrashError(Exception):
    """It is not in the bin, or no longer."""


@transaction.atomic
def trash_ticket(*, ticket_id: int, user: User) -> Ticket:
    """Put a ticket into the bin; raises TicketNotThereError, CannotTrashError."""
    ticket = lock_ticket(ticket_id=ticket_id, user=user, verb="change_ticket")
    if ticket.status in {Status.DELETED, Status.MERGED}:
        raise CannotTrashError
    before = {name: getattr(ticket, name) for name in _KEPT_STATE}
    dates = {name: getattr(ticket, name) for name in _KEPT_DATES}
    before |= {name: moment and moment.isoformat() for name, moment in dates.items()}
    previous, ticket.status, ticket.outcome = ticket.status, Status.DELETED, ""
    ticket.waiting_until, ticket.resolved_at = None, timezone.now()
    _save(ticket, user, previous)
    data = {"before": before}
    facts.record(ticket=ticket, kind=facts.TRASHED, actor=facts.by_user(user), data=data)
    return ticket


@transaction.atomic
def restore_ticket(*, ticket_id: int, user: User) -> Ticket:
    """Bring a ticket back from the bin as it was; raises TicketNotThereError, NotInTrashError."""
    ticket = lock_ticket(ticket_id=ticket_id, user=user, verb="change_ticket")
    event = (
        Event.objects.filter(subject_kind=facts.SUBJECT, subject_id=ticket.pk, kind=facts.TRASHED)
        .order_by("-id")
        .first()
    )
    if ticket.status != Status.DELETED or event is None:
        raise NotInTrashError
    before = event.data["before"]
    for name in _KEPT_STATE:
        setattr(ticket, name, before[name])
    for name in _KEPT_DATES:
        setattr(ticket, name, before[name] and datetime.fromisoformat(before[name]))
    _save(ticket, user, Status.DELETED, undo=True)
    facts.record(ticket=ticket, kind=facts.RESTORED, actor=facts.by_user(user))
    return ticket


def trashed(user: User) -> QuerySet[Ticket]:
    """Return what ``user`` finds in the bin, the last first."""
    return visible_to(user).filter(status=Status.DELETED).order_by("-resolved_at", "-id")


def gone_at(ticket: Ticket) -> datetime | None:
    """Return when a ticket in the bin is deleted for good; None if it is not there."""
    if ticket.status != Status.DELETED or ticket.resolved_at is None:
        return None
    return ticket.resolved_at + KEPT


def _save(ticket: Ticket, user: User, before: str, *, undo: bool = False) -> None:
    ticket.version += 1
    ticket.save()
    data = {"from": before, "to": ticket.status, "outcome": ticket.outcome}
    facts.record(
        ticket=ticket,
        kind=facts.STATUS_CHANGED,
        actor=facts.by_user(user),
        data=data | ({"undo": True} if undo else {}),
    )
