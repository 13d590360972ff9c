"""A request on paper: what its citizen may read, and all that staff know if somebody wants it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from helpdesk.desk.agent import agent_of
from helpdesk.desk.answers import answers_of
from helpdesk.desk.thread import marks_of, read_articles
from helpdesk.desk.views.ticket import find_ticket, page_of, view_of
from helpdesk.permissions.decorators import staff_required
from helpdesk.tickets.domain.tags import names_of
from helpdesk.tickets.queries import public_of


@require_GET
@staff_required
def paper(request: HttpRequest, number: str) -> HttpResponse:
    """Show a request as it is printed; ``?notes=1`` with what is for staff only.

    Else it may be handed to its citizen: neither notes nor what went to, or came from, others.
    """
    ticket = find_ticket(request, number)
    with_notes = request.GET.get("notes") == "1"
    public = set(public_of(ticket.articles.all()).values_list("pk", flat=True))
    shown = [
        {"article": each, "marks": marks_of(each), "is_internal": each.pk not in public}
        for each in read_articles(ticket)
        if with_notes or each.pk in public
    ]
    context = {
        "ticket": ticket,
        "contacts": list(ticket.citizen.contact_points.order_by("pk")) if ticket.citizen else [],
        "answers": answers_of(ticket),
        "tags": names_of(ticket),
        "articles": shown,
        "with_notes": with_notes,
        "by": agent_of(request),
        "as_of": timezone.now(),
        "back": page_of(ticket, view_of(request)),
        "view_slug": view_of(request),
    }
    return render(request, "desk/paper.html", context)
