"""Changes of status, by agents and by time."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from helpdesk.agents.models import User
from helpdesk.events.publish import SYSTEM, Actor
from helpdesk.tickets import facts
from helpdesk.tickets.domain.locking import lock_ticket
from helpdesk.tickets.enums import ENDED, TRANSITIONS, Outcome, Status
from helpdesk.tickets.models import Ticket


class StatusNotAllowedError(Exception):
    """The table of transitions has no such step, or what it needs is missing."""


def set_status(
    *,
    ticket: Ticket,
    actor: Actor,
    to: Status,
    outcome: str = "",
    until: datetime | None = None,
) -> None:
    """Change a locked ticket's status, save it and record the fact.

    Ending needs an outcome and waiting for a date needs the date; the same
    status again changes nothing. Raises StatusNotAllowedError.
    """
    before = Status(ticket.status)
    _check(before, to, outcome, until)
    if to == before and outcome == ticket.outcome and until == ticket.waiting_until:
        return
    ticket.status = to
    ticket.outcome = outcome if to in ENDED else ""
    ticket.waiting_until = until if to == Status.WAITING_DATE else None
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
    )


def _check(before: Status, to: Status, outcome: str, until: datetime | None) -> None:
    if to != before and to not in TRANSITIONS[before]:
        raise StatusNotAllowedError(f"{before} to {to}")
    if to in {Status.RESOLVED, Status.CLOSED} and outcome not in Outcome.values:
        raise StatusNotAllowedError("an ended ticket needs an outcome")
    if to == Status.WAITING_DATE and (until is None or until <= timezone.now()):
        raise StatusNotAllowedError("waiting for a date needs a date to come")


@transaction.atomic
def change_status(
    *,
    ticket_id: int,
    user: User,
    to: Status,
    outcome: str = "",
    until: datetime | None = None,
) -> Ticket:
    """Change the status for an agent; raises TicketNotThereError, StatusNotAllowedError."""
    ticket = lock_ticket(ticket_id=ticket_id, user=user, verb="change_ticket")
    set_status(ticket=ticket, actor=facts.by_user(user), to=to, outcome=outcome, until=until)
    return ticket


@transaction.atomic
def wake_waiting(*, ticket_id: int) -> bool:
    """Open a ticket whose waiting date has come; False if it no longer waits for one."""
    ticket = Ticket.objects.select_for_update().filter(pk=ticket_id).first()
    if ticket is None or ticket.status != Status.WAITING_DATE:
        return False
    if ticket.waiting_until and ticket.waiting_until > timezone.now():
        return False
    set_status(ticket=ticket, actor=SYSTEM, to=Status.OPEN)
    return True
