"""A house in which something happens, with what follows from it."""

from collections.abc import Callable

from django.core.cache import cache

from helpdesk.agents.models import User
from helpdesk.notifications.models import Notice
from helpdesk.reactions.tasks import run
from helpdesk.tickets.domain.articles import write_note
from helpdesk.tickets.domain.assign import assign
from helpdesk.tickets.models import Ticket
from tests.factories.house import House, make_inbound
from tests.factories.house import make_ticket as take_in


def happen(work: Callable[[], object]) -> None:
    """Let something happen, with all that follows from it."""
    work()
    # What waited from before is looked for where nothing is new.
    run()
    run()


def owned(house: House, user: User) -> Ticket:
    """Return a ticket of ``user``, of whose past nobody is told any more."""
    ticket = take_in(house)
    happen(lambda: assign(ticket_id=ticket.pk, user=user, owner_id=user.pk))
    ticket.refresh_from_db()
    return ticket


def note(ticket: Ticket, user: User, text: str = "Bitte ansehen.") -> None:
    """Let ``user`` write an internal note."""
    happen(lambda: write_note(ticket_id=ticket.pk, user=user, text=text))


def named_in_a_note(house: House, user: User) -> Ticket:
    """Return a request of a colleague in which ``user`` was named a moment ago."""
    ticket = owned(house, house.anna)
    note(ticket, house.anna, f"@{user.name} bitte")
    # What the navigation counted before is no longer so.
    cache.clear()
    return ticket


def give(ticket: Ticket, by: User, to: User | None, team_id: int | None = None) -> None:
    """Let somebody assign the ticket."""
    owner_id = to.pk if to else None
    happen(lambda: assign(ticket_id=ticket.pk, user=by, owner_id=owner_id, team_id=team_id))


def told() -> list[tuple[str, str]]:
    """Return who was told and why, in the order of what happened."""
    rows = Notice.objects.select_related("user").order_by("id")
    return [(row.user.name, row.reason) for row in rows]


__all__ = [
    "give",
    "happen",
    "make_inbound",
    "named_in_a_note",
    "note",
    "owned",
    "take_in",
    "told",
]
