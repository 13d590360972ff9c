"""What the side panel fetches by itself, and how its sections are arranged."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods

from helpdesk.agents.domain.panel import keep_panel
from helpdesk.desk.agent import agent_of
from helpdesk.desk.audit import FILTERS, audit_lines
from helpdesk.desk.citizens import alike
from helpdesk.desk.palette import line_of
from helpdesk.desk.sections import SECTIONS, STEPS, arranged, sections_for
from helpdesk.desk.sheets import is_by_script, sheet
from helpdesk.desk.shell import shell
from helpdesk.desk.views.ticket import find_ticket, view_of
from helpdesk.notifications.following import followers_of
from helpdesk.permissions.decorators import staff_required
from helpdesk.permissions.registry import can
from helpdesk.tickets.models import Aside, Ticket
from helpdesk.tickets.queries import ids_aside
from helpdesk.tickets.similar import find_similar

SIMILAR_SHOWN = 4
PERSONS_SHOWN = 2


@require_GET
@staff_required
def similar(request: HttpRequest, number: str) -> HttpResponse:
    """Return what may be about the same, for the panel."""
    return alike_beside(request, find_ticket(request, number))


def alike_beside(request: HttpRequest, ticket: Ticket, *, is_changed: bool = False) -> HttpResponse:
    """Draw the requests that may be about the same, and who may be the same person.

    ``is_changed``: a suggestion was just set aside, or all are offered again.
    """
    user = agent_of(request)
    context = {
        "ticket": ticket,
        "found": find_similar(user, ticket, limit=SIMILAR_SHOWN),
        "persons": [line_of(other) for other in alike(user, ticket.citizen)[:PERSONS_SHOWN]]
        if ticket.citizen
        else [],
        "kind": Aside.Kind.REQUEST.value,
        "aside": len(ids_aside(ticket.pk, Aside.Kind.REQUEST)),
        "is_changed": is_changed,
        "may_change": can(user, "change_ticket", ticket) and not ticket.merged_into_id,
        "followers": followers_of(ticket).count(),
        "may_answer": can(user, "answer_ticket", ticket),
        "view_slug": view_of(request),
    }
    return render(request, "desk/parts/similar.html", context)


@require_GET
@staff_required
def history(request: HttpRequest, number: str) -> HttpResponse:
    """Show everything that happened to a ticket, or what is asked for of it."""
    ticket, user = find_ticket(request, number), agent_of(request)
    wanted = request.GET.get("kind", "")
    context = {
        "ticket": ticket,
        "sheet_name": gettext("History"),
        "filters": [(key, gettext(words)) for key, (words, _kinds) in FILTERS.items()],
        "wanted": wanted if wanted in FILTERS else "",
        "lines": audit_lines(ticket, user, wanted),
        "may_change": can(user, "change_ticket", ticket),
    }
    return sheet(request, "desk/sheets/history.html", context)


@require_http_methods(["GET", "POST"])
@staff_required
def layout(request: HttpRequest) -> HttpResponse:
    """Show in which order the sections stand; fold, open or move one."""
    user = agent_of(request)
    if request.method == "POST":
        key, step = request.POST.get("section", ""), request.POST.get("step", "")
        if key not in SECTIONS or step not in STEPS:
            raise Http404
        keep_panel(user=user, layout=arranged(user, key, step))
    frame = (
        {"sheet_base": "desk/sheets/part.html"}
        if is_by_script(request)
        else {"sheet_base": "desk/sheets/plain.html", **shell(request)}
    )
    context = {"sheet_name": gettext("Sections beside a request"), "sections": sections_for(user)}
    return render(request, "desk/sheets/layout.html", {**frame, **context})
