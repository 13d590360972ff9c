"""Requests that have to do with each other point to each other, and no more than that."""

from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from helpdesk.agents.models import User
from helpdesk.citizens.domain.kept import find_change, keep_change, take_change
from helpdesk.tickets import facts
from helpdesk.tickets.domain.locking import TicketNotThereError, lock_ticket, lock_tickets
from helpdesk.tickets.domain.taking_back import ChangedSinceError
from helpdesk.tickets.enums import LinkKind
from helpdesk.tickets.models import Ticket, TicketLink
from helpdesk.tickets.queries import visible_to

# What an agent can say of two requests; the other kinds are found by the program.
CHOSEN = (LinkKind.RELATED, LinkKind.PART_OF, LinkKind.CAUSED_BY, LinkKind.FOLLOWS)
MAX_REASON = 160
LINKING = "linking"
# What makes a link what it is.
_SAID = ("source_id", "target_id", "kind", "reason")


@transaction.atomic
def link_tickets(
    *,
    ticket_id: int,
    other_id: int,
    user: User,
    kind: LinkKind = LinkKind.RELATED,
    reason: str = "",
) -> str:
    """Link two tickets that the agent may read; "" if they are linked already or are one.

    ``kind`` is what the ticket is to the other, ``reason`` what colleagues read of it. Returns the
    key by which it is taken back. Raises TicketNotThereError.
    """
    ticket, other = _lock_both(ticket_id, other_id, user)
    if ticket == other or _links(ticket, other).exists():
        return ""
    reason = " ".join(reason.replace("\0", "").split())[:MAX_REASON]
    TicketLink.objects.create(source=ticket, target=other, kind=kind, reason=reason)
    _record(ticket, other, facts.LINKED, user, kind)
    return _keep(ticket, other, user, before=[])


@transaction.atomic
def unlink_tickets(*, ticket_id: int, other_id: int, user: User) -> str:
    """Take every link between two tickets away; "" if there is none.

    Returns the key by which they come back as they were. Raises TicketNotThereError.
    """
    ticket, other = _lock_both(ticket_id, other_id, user)
    before = _said(ticket, other)
    if not before:
        return ""
    _links(ticket, other).delete()
    _record(ticket, other, facts.UNLINKED, user)
    return _keep(ticket, other, user, before=before)


@transaction.atomic
def take_back_linking(*, ticket_id: int, user: User, key: str) -> None:
    """Let two tickets point to each other as they did before ``user`` changed that.

    Raises TicketNotThereError, ChangedSinceError.
    """
    named = find_change(user=user, what=LINKING, key=key)
    if named is None or named["ticket"] != ticket_id:
        # Whoever may not change the request is told no more than that.
        lock_ticket(ticket_id=ticket_id, user=user, verb="change_ticket")
        raise ChangedSinceError
    ticket, other = _lock_both(ticket_id, named["other"], user)
    kept = take_change(user=user, what=LINKING, key=key)
    if kept is None:
        raise ChangedSinceError
    if _said(ticket, other) != kept["after"]:
        raise ChangedSinceError
    _links(ticket, other).delete()
    before = TicketLink.objects.bulk_create(TicketLink(**said) for said in kept["before"])
    kind = LinkKind(before[0].kind) if before else LinkKind.RELATED
    _record(ticket, other, facts.LINKED if before else facts.UNLINKED, user, kind, undo=True)


def _keep(ticket: Ticket, other: Ticket, user: User, *, before: list[dict[str, Any]]) -> str:
    ends = {"ticket": ticket.pk, "other": other.pk}
    data = ends | {"before": before, "after": _said(ticket, other)}
    return keep_change(user=user, what=LINKING, data=data)


def _said(ticket: Ticket, other: Ticket) -> list[dict[str, Any]]:
    return list(_links(ticket, other).order_by("pk").values(*_SAID))


def _lock_both(ticket_id: int, other_id: int, user: User) -> tuple[Ticket, Ticket]:
    """Lock both ends: from the other one somebody may link them in the same moment.

    Raises TicketNotThereError unless ``user`` may change the one and read the other.
    """
    lock_tickets(ticket_ids=(ticket_id, other_id))
    ticket = lock_ticket(ticket_id=ticket_id, user=user, verb="change_ticket")
    other = visible_to(user).filter(pk=other_id).first()
    if other is None:
        raise TicketNotThereError
    return ticket, other


def _links(ticket: Ticket, other: Ticket) -> QuerySet[TicketLink]:
    there = Q(source=ticket, target=other)
    return TicketLink.objects.filter(there | Q(source=other, target=ticket))


def _record(
    ticket: Ticket,
    other: Ticket,
    kind: str,
    user: User,
    link: LinkKind = LinkKind.RELATED,
    *,
    undo: bool = False,
) -> None:
    """Tell of a link on both: whoever works on the other one sees where it came from."""
    for here, there in ((ticket, other), (other, ticket)):
        data = {"target_id": there.pk, "kind": link} | ({"undo": True} if undo else {})
        facts.record(ticket=here, kind=kind, actor=facts.by_user(user), data=data)
