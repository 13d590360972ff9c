"""Following a ticket: a reader's own bookmark, no change of the ticket.

No fact is recorded: as with what somebody has seen, it is nobody else's business, and the
history of a request is not the place to learn who looks over whose shoulder.
"""

from django.db import transaction

from helpdesk.agents.models import User
from helpdesk.tickets.domain.locking import TicketNotThereError
from helpdesk.tickets.models import Watcher
from helpdesk.tickets.queries import visible_to


@transaction.atomic
def watch_ticket(*, ticket_id: int, user: User) -> None:
    """Let ``user`` hear of everything about the ticket; raises TicketNotThereError."""
    _demand_visible(ticket_id, user)
    Watcher.objects.bulk_create([Watcher(ticket_id=ticket_id, user=user)], ignore_conflicts=True)


@transaction.atomic
def unwatch_ticket(*, ticket_id: int, user: User) -> None:
    """Let ``user`` hear no more than what concerns them; raises TicketNotThereError."""
    _demand_visible(ticket_id, user)
    Watcher.objects.filter(ticket_id=ticket_id, user=user).delete()


def _demand_visible(ticket_id: int, user: User) -> None:
    if not visible_to(user).filter(pk=ticket_id).exists():
        raise TicketNotThereError
