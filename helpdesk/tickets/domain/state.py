"""Changes of status, by agents and by time."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from helpdesk.agents.models import User
from helpdesk.events.publish import SYSTEM, Actor
from helpdesk.tickets import facts
from helpdesk.tickets.domain.locking import lock_ticket
from helpdesk.tickets.enums import ENDED, TRANSITIONS, WAITING, Outcome, Status
from helpdesk.tickets.models import Ticket

MAX_NOTE = 160


class StatusNotAllowedError(Exception):
    """The table of transitions has no such step, or what it needs is missing."""


def set_status(
    *,
    ticket: Ticket,
    actor: Actor,
    to: Status,
    outcome: str = "",
    until: datetime | None = None,
    note: str = "",
) -> None:
    """Change a locked ticket's status, save it and record the fact.

    Ending needs an outcome and waiting for a date needs the date; whatever else is
    waited for may have one, and comes back by itself then. ``note`` says to colleagues
    what is waited for. The same again changes nothing. Raises StatusNotAllowedError.
    """
    before = Status(ticket.status)
    _check(before, to, outcome, until)
    note = _clean_note(note)
    if to == before and outcome == ticket.outcome and until == ticket.waiting_until and not note:
        return
    ticket.status = to
    ticket.outcome = outcome if to in ENDED else ""
    ticket.waiting_until = until if to in WAITING else None
    ticket.waiting_note = note if to in WAITING else ""
    if to in ENDED:
        ticket.callback_phone = ""
    ticket.resolved_at = (ticket.resolved_at or timezone.now()) if to in ENDED else None
    if before in ENDED and to not in ENDED:
        ticket.reopened += 1
    ticket.version += 1
    ticket.save()
    facts.record(
        ticket=ticket,
        kind=facts.STATUS_CHANGED,
        actor=actor,
        data={"from": before, "to": to, "outcome": ticket.outcome},
        personal={"note": note} if note else None,
    )


def demand_open(ticket: Ticket) -> None:
    """Raise StatusNotAllowedError for a locked ticket that has ended: its outcome stays."""
    if ticket.status in ENDED:
        raise StatusNotAllowedError("it has ended")


def _clean_note(note: str) -> str:
    return " ".join(note.replace("\0", "").split())[:MAX_NOTE]


def _check(before: Status, to: Status, outcome: str, until: datetime | None) -> None:
    if to != before and to not in TRANSITIONS[before]:
        raise StatusNotAllowedError(f"{before} to {to}")
    if to in {Status.RESOLVED, Status.CLOSED} and outcome not in Outcome.values:
        raise StatusNotAllowedError("an ended ticket needs an outcome")
    if to == Status.WAITING_DATE and until is None:
        raise StatusNotAllowedError("waiting for a date needs a date")
    if to in WAITING and to != before and until is not None and until <= timezone.now():
        raise StatusNotAllowedError("what is waited for is a date to come")


@transaction.atomic
def change_status(
    *,
    ticket_id: int,
    user: User,
    to: Status,
    outcome: str = "",
    until: datetime | None = None,
    note: str = "",
) -> Ticket:
    """Change the status for an agent; raises TicketNotThereError, StatusNotAllowedError."""
    ticket = lock_ticket(ticket_id=ticket_id, user=user, verb="change_ticket")
    actor = facts.by_user(user)
    set_status(ticket=ticket, actor=actor, to=to, outcome=outcome, until=until, note=note)
    return ticket


@transaction.atomic
def wake_waiting(*, ticket_id: int) -> bool:
    """Open a ticket of which the time to wait is over; False if it no longer waits for one.

    The fact of the reminder says to whoever is responsible what was waited for.
    """
    ticket = Ticket.objects.select_for_update().filter(pk=ticket_id).first()
    if ticket is None or ticket.status not in WAITING or ticket.waiting_until is None:
        return False
    if ticket.waiting_until > timezone.now():
        return False
    waited, note = ticket.status, ticket.waiting_note
    set_status(ticket=ticket, actor=SYSTEM, to=Status.OPEN)
    facts.record(
        ticket=ticket,
        kind=facts.REMINDED,
        actor=SYSTEM,
        data={"waited": waited, "owner": ticket.owner_id},
        personal={"note": note} if note else None,
    )
    return True
