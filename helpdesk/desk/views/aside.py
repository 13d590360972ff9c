"""What is offered beside a request and does not fit it: set aside, and offered again."""

from collections.abc import Callable
from functools import partial

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from helpdesk.agents.models import User
from helpdesk.desk.agent import agent_of
from helpdesk.desk.knowledge.picking import fitting
from helpdesk.desk.numbers import read_id
from helpdesk.desk.views.panel import alike_beside
from helpdesk.desk.views.ticket import find_ticket, page_of, view_of
from helpdesk.permissions.decorators import staff_required
from helpdesk.tickets.domain.aside import offer_again, set_aside
from helpdesk.tickets.domain.locking import TicketNotThereError
from helpdesk.tickets.models import Aside
from knowledgebase.queries import find_readable

# The part of the panel that is drawn anew.
PARTS: dict[str, Callable[..., HttpResponse]] = {
    Aside.Kind.REQUEST: alike_beside,
    Aside.Kind.ANSWER: fitting,
}


@require_POST
@staff_required
def aside(request: HttpRequest, number: str) -> HttpResponse:
    """Set one suggestion aside, or offer all of a kind again; show what is left of them."""
    ticket, user = find_ticket(request, number), agent_of(request)
    kind = request.POST.get("kind", "")
    if kind not in PARTS:
        raise Http404
    write = _wanted(request, user, Aside.Kind(kind))
    try:
        write(ticket_id=ticket.pk, user=user, kind=Aside.Kind(kind))
    except TicketNotThereError as error:
        raise Http404 from error
    if "HX-Request" not in request.headers:
        return redirect(page_of(ticket, view_of(request)))
    return PARTS[kind](request, ticket, is_changed=True)


def _wanted(request: HttpRequest, user: User, kind: Aside.Kind) -> Callable[..., None]:
    if "again" in request.POST:
        return offer_again
    other = read_id(request.POST.get("other", ""))
    if other is None or (kind == Aside.Kind.ANSWER and find_readable(user, other) is None):
        raise Http404
    return partial(set_aside, other_id=other)
