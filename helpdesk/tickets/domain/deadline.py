"""The door by which the clocks write the earliest deadline onto the ticket."""

from datetime import datetime

from helpdesk.lib.statements import Change
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.models.ticket import NEVER

_DUE = Change(
    lambda ticket_id, due_at, kind: (
        Ticket.objects.filter(pk=ticket_id),
        {"due_at": due_at, "due_sort": due_at, "due_kind": kind, "clock_paused": False},
    ),
    "ticket_id",
    "due_at",
    "kind",
)


def set_due(*, ticket_id: int, due_at: datetime | None, kind: str, paused: bool) -> None:
    """Keep the earliest running deadline on the ticket so that lists sort by an index.

    Neither version nor history change: a deadline follows from facts that are recorded.
    """
    if due_at is not None and not paused:
        _DUE.apply_in_time(ticket_id=ticket_id, due_at=due_at, kind=kind)
        return
    Ticket.objects.filter(pk=ticket_id).update(
        due_at=due_at, due_sort=due_at or NEVER, due_kind=kind, clock_paused=paused
    )
