"""The page of one ticket, and the fragments that keep it current."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from channels_in.models import RawMessage
from channels_in.store import read_raw
from helpdesk.agents.models import User
from helpdesk.desk.agent import agent_of
from helpdesk.desk.deadlines import due_state
from helpdesk.desk.shell import shell
from helpdesk.desk.thread import entries
from helpdesk.files.serve import respond
from helpdesk.lib.tokens import new_nonce
from helpdesk.permissions.decorators import staff_required
from helpdesk.permissions.registry import can
from helpdesk.tickets.domain.drafts import load_drafts
from helpdesk.tickets.domain.letters import (
    NoAddressError,
    NoSenderError,
    answer_address,
    sender_for,
)
from helpdesk.tickets.domain.seen import mark_seen
from helpdesk.tickets.enums import ENDED, Outcome, Priority
from helpdesk.tickets.models import Attachment, Category, Ticket
from helpdesk.tickets.queries import ticket_by_number, visible_to
from helpdesk.tickets.rules import workers_of

AGENT_OUTCOMES = (
    Outcome.ANSWERED,
    Outcome.FIXED,
    Outcome.DECLINED,
    Outcome.DUPLICATE,
    Outcome.NOT_RESPONSIBLE,
    Outcome.NO_REPLY,
    Outcome.SPAM,
)


def find_ticket(request: HttpRequest, number: str) -> Ticket:
    """Return the ticket; a foreign one answers exactly as one that is not there."""
    ticket = ticket_by_number(agent_of(request), number)
    if ticket is None:
        raise Http404
    return ticket


@require_GET
@staff_required
def ticket_page(request: HttpRequest, number: str) -> HttpResponse:
    """Show a ticket, and remember that its newest article has been on the screen."""
    ticket = find_ticket(request, number)
    if request.headers.get("Purpose") != "prefetch" and "HX-Preloaded" not in request.headers:
        mark_seen(ticket=ticket, user=agent_of(request))
    return render(request, "desk/ticket.html", ticket_context(request, ticket))


def ticket_context(request: HttpRequest, ticket: Ticket, **more: Any) -> dict[str, Any]:
    """Return everything the ticket's page shows."""
    user = agent_of(request)
    shown = entries(ticket, user)
    view = request.GET.get("view") or request.POST.get("view") or ""
    return {
        **shell(request, view),
        **panel_context(ticket, user),
        **composer_context(ticket, user),
        "view_slug": view,
        "entries": shown,
        "links": linked(ticket, user),
        **more,
    }


def panel_context(ticket: Ticket, user: User) -> dict[str, Any]:
    """Return what head and side panel show."""
    categories = Category.objects.filter(authority_id=ticket.authority_id, is_active=True)
    return {
        "ticket": ticket,
        "due": due_state(ticket),
        "clocks": list(ticket.clocks.all()),
        "is_ended": ticket.status in ENDED,
        "may_change": can(user, "change_ticket", ticket),
        "may_answer": can(user, "answer_ticket", ticket),
        "outcomes": [(outcome.value, outcome.label) for outcome in AGENT_OUTCOMES],
        "priorities": Priority.choices,
        "teams": user.authority.teams.filter(is_active=True).order_by("name"),
        "workers": workers_of(ticket.team_id),
        "categories": categories.select_related("parent").order_by("position", "name"),
        "other_tickets": other_tickets(ticket, user),
        "contact_points": ticket.citizen.contact_points.all() if ticket.citizen else (),
    }


def other_tickets(ticket: Ticket, user: User) -> list[Ticket]:
    """Return the citizen's other visible tickets, newest first."""
    if ticket.citizen_id is None:
        return []
    others = visible_to(user).filter(citizen_id=ticket.citizen_id).exclude(pk=ticket.pk)
    return list(others.order_by("-active_at")[:5])


def linked(ticket: Ticket, user: User) -> list[tuple[str, Ticket]]:
    """Return the linked tickets that ``user`` may know of, each with the kind of link."""
    rows = [(link.get_kind_display(), link.target_id) for link in ticket.links_out.all()]
    rows += [(link.get_kind_display(), link.source_id) for link in ticket.links_in.all()]
    if not rows:
        return []
    known = visible_to(user).in_bulk([pk for _, pk in rows])
    return [(kind, known[pk]) for kind, pk in rows if pk in known]


def composer_context(ticket: Ticket, user: User) -> dict[str, Any]:
    """Return drafts, recipient and sender, or the sentence that says why no answer can go."""
    drafts = load_drafts(ticket_id=ticket.pk, user=user)
    context: dict[str, Any] = {
        "form_key": new_nonce(),
        "answer_draft": drafts.get("answer"),
        "note_draft": drafts.get("note"),
        "mode": "note" if "note" in drafts and "answer" not in drafts else "answer",
    }
    try:
        context |= {"recipient": answer_address(ticket), "sender": sender_for(ticket)}
    except NoAddressError:
        context["no_answer"] = gettext(
            "There is no e-mail address that can be answered. Please phone or write a letter."
        )
    except NoSenderError:
        context["no_answer"] = gettext(
            "No sender is set up for this team. An administrator can add one in the settings."
        )
    return context


@require_GET
@staff_required
def articles(request: HttpRequest, number: str) -> HttpResponse:
    """Return the articles after ``?after=``, for a page that is already open."""
    ticket = find_ticket(request, number)
    after = request.GET.get("after", "")
    shown = entries(ticket, agent_of(request), after=int(after) if after.isdigit() else 0)
    mark_seen(ticket=ticket, user=agent_of(request))
    context = {"entries": [entry for entry in shown if entry.article], "ticket": ticket}
    return render(request, "desk/parts/entries.html", context)


@require_GET
@staff_required
def head(request: HttpRequest, number: str) -> HttpResponse:
    """Return the head with status, deadline and actions."""
    ticket = find_ticket(request, number)
    context = panel_context(ticket, agent_of(request)) | {"view_slug": request.GET.get("view", "")}
    return render(request, "desk/parts/head.html", context)


@require_GET
@staff_required
def panel(request: HttpRequest, number: str) -> HttpResponse:
    """Return the side panel."""
    ticket = find_ticket(request, number)
    user = agent_of(request)
    context = panel_context(ticket, user) | {"links": linked(ticket, user)}
    return render(request, "desk/parts/panel.html", context)


@require_GET
@staff_required
def attachment(request: HttpRequest, attachment_id: int) -> HttpResponseBase:
    """Serve a file of a visible ticket."""
    found = get_object_or_404(
        Attachment.objects.select_related("file"),
        pk=attachment_id,
        article__ticket__in=visible_to(agent_of(request)),
    )
    return respond(found.file, found.name, inline="inline" in request.GET)


@require_GET
@staff_required
def raw(request: HttpRequest, article_id: int) -> HttpResponse:
    """Serve the unaltered bytes of the mail behind an article."""
    message = get_object_or_404(
        RawMessage, article_id=article_id, ticket__in=visible_to(agent_of(request))
    )
    response = HttpResponse(read_raw(message), content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="mail-{message.pk}.eml"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
