"""The lock every change of a ticket takes first, with the right it demands."""

from collections.abc import Iterable

from helpdesk.agents.models import User
from helpdesk.permissions.registry import can
from helpdesk.tickets.models import Ticket


class TicketNotThereError(Exception):
    """The ticket does not exist, or this user may not do this to it: the two look the same."""


def lock_ticket(*, ticket_id: int, user: User, verb: str) -> Ticket:
    """Return the locked row; raise TicketNotThereError unless ``user`` may ``verb`` it."""
    ticket = (
        Ticket.objects.select_for_update(of=("self",))
        .select_related("authority", "team")
        .filter(pk=ticket_id)
        .first()
    )
    if ticket is None or not can(user, "read_ticket", ticket) or not can(user, verb, ticket):
        raise TicketNotThereError
    return ticket


def lock_tickets(*, ticket_ids: Iterable[int]) -> None:
    """Lock several rows by ascending key, as every door does; who may do what is for the caller."""
    rows = Ticket.objects.select_for_update(of=("self",)).filter(pk__in=ticket_ids)
    list(rows.order_by("pk").values_list("pk"))
