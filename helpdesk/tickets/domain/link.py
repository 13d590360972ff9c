"""Requests that have to do with each other point to each other, and no more than that."""

from django.db import transaction
from django.db.models import Q, QuerySet

from helpdesk.agents.models import User
from helpdesk.tickets import facts
from helpdesk.tickets.domain.locking import TicketNotThereError, lock_ticket
from helpdesk.tickets.enums import LinkKind
from helpdesk.tickets.models import Ticket, TicketLink
from helpdesk.tickets.queries import visible_to

# What an agent can say of two requests; the other kinds are found by the program.
CHOSEN = (LinkKind.RELATED, LinkKind.PART_OF, LinkKind.CAUSED_BY, LinkKind.FOLLOWS)
MAX_REASON = 160


@transaction.atomic
def link_tickets(
    *,
    ticket_id: int,
    other_id: int,
    user: User,
    kind: LinkKind = LinkKind.RELATED,
    reason: str = "",
) -> bool:
    """Link two tickets that the agent may read; False if they are linked already or are one.

    ``kind`` is what the ticket is to the other, ``reason`` what colleagues read of it.
    Raises TicketNotThereError.
    """
    ticket = lock_ticket(ticket_id=ticket_id, user=user, verb="change_ticket")
    other = _other(other_id, user)
    if ticket == other or _links(ticket, other).exists():
        return False
    reason = " ".join(reason.replace("\0", "").split())[:MAX_REASON]
    TicketLink.objects.create(source=ticket, target=other, kind=kind, reason=reason)
    _record(ticket, other, facts.LINKED, user, kind)
    return True


@transaction.atomic
def unlink_tickets(*, ticket_id: int, other_id: int, user: User) -> bool:
    """Take every link between two tickets away; False if there is none.

    Raises TicketNotThereError.
    """
    ticket = lock_ticket(ticket_id=ticket_id, user=user, verb="change_ticket")
    other = _other(other_id, user)
    if not _links(ticket, other).delete()[0]:
        return False
    _record(ticket, other, facts.UNLINKED, user)
    return True


def _other(other_id: int, user: User) -> Ticket:
    other = visible_to(user).filter(pk=other_id).first()
    if other is None:
        raise TicketNotThereError
    return other


def _links(ticket: Ticket, other: Ticket) -> QuerySet[TicketLink]:
    there = Q(source=ticket, target=other)
    return TicketLink.objects.filter(there | Q(source=other, target=ticket))


def _record(
    ticket: Ticket, other: Ticket, kind: str, user: User, link: LinkKind = LinkKind.RELATED
) -> None:
    """Tell of a link on both: whoever works on the other one sees where it came from."""
    for here, there in ((ticket, other), (other, ticket)):
        data = {"target_id": there.pk, "kind": link}
        facts.record(ticket=here, kind=kind, actor=facts.by_user(user), data=data)
