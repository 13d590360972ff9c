"""Setting aside what is offered beside a request and does not fit it, and offering it again."""

from django.db import transaction

from helpdesk.agents.models import User
from helpdesk.tickets import facts
from helpdesk.tickets.domain.locking import TicketNotThereError, lock_ticket
from helpdesk.tickets.models import Aside
from helpdesk.tickets.queries import visible_to


@transaction.atomic
def set_aside(*, ticket_id: int, user: User, kind: Aside.Kind, other_id: int) -> None:
    """Offer another request, or an answer, beside this request to nobody any more.

    Whether ``user`` may know of an answer is for the face to ask: answers live above. What was set
    aside already stays so. Raises TicketNotThereError, also of the other request.
    """
    ticket = lock_ticket(ticket_id=ticket_id, user=user, verb="change_ticket")
    others = visible_to(user).exclude(pk=ticket_id)
    if kind == Aside.Kind.REQUEST and not others.filter(pk=other_id).exists():
        raise TicketNotThereError
    _row, is_new = Aside.objects.get_or_create(
        ticket=ticket, kind=kind, other_id=other_id, defaults={"user": user}
    )
    if is_new:
        data = {"kind": kind.value, "other": other_id}
        facts.record(ticket=ticket, kind=facts.SET_ASIDE, actor=facts.by_user(user), data=data)


@transaction.atomic
def offer_again(*, ticket_id: int, user: User, kind: Aside.Kind) -> None:
    """Offer everything of a kind again; raises TicketNotThereError."""
    ticket = lock_ticket(ticket_id=ticket_id, user=user, verb="change_ticket")
    count, _by_table = Aside.objects.filter(ticket=ticket, kind=kind).delete()
    if count:
        data = {"kind": kind.value, "undo": True}
        facts.record(ticket=ticket, kind=facts.SET_ASIDE, actor=facts.by_user(user), data=data)
