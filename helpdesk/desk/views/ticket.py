"""The page of one ticket, and the fragments that keep it current."""

from functools import cache
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from channels_in.models import RawMessage
from helpdesk.agents.models import User
from helpdesk.citizens.models import ContactPoint
from helpdesk.desk.agent import agent_of
from helpdesk.desk.ahead import allow_ahead, is_opened, is_unseen
from helpdesk.desk.answers import answers_of
from helpdesk.desk.bell import answer_bell
from helpdesk.desk.beside import is_split, list_beside
from helpdesk.desk.citizens import language_name
from helpdesk.desk.composer import composer_context
from helpdesk.desk.deadlines import clock_lines, counting_words, due_state
from helpdesk.desk.dossier import (
    Choice,
    Dossier,
    Related,
    read_choices,
    read_contacts,
    read_dossier,
    read_related,
)
from helpdesk.desk.history import Names
from helpdesk.desk.later import REMINDERS, SNOOZES, moments
from helpdesk.desk.numbers import read_id
from helpdesk.desk.rawmail import respond_raw
from helpdesk.desk.sections import sections_for
from helpdesk.desk.shell import shell
from helpdesk.desk.thread import (
    build_folded,
    build_tail,
    build_thread,
    read_articles,
    unfolded,
)
from helpdesk.desk.walk import find_place
from helpdesk.files.serve import respond
from helpdesk.lib.maps import geo_link, map_link
from helpdesk.permissions.decorators import staff_required
from helpdesk.permissions.registry import can
from helpdesk.tickets.domain.forwarded import proposed_author
from helpdesk.tickets.domain.letters import answer_email, last_message_of
from helpdesk.tickets.domain.seen import mark_seen
from helpdesk.tickets.domain.tags import names_of
from helpdesk.tickets.domain.trash import gone_at
from helpdesk.tickets.enums import ENDED, WAITING, Outcome, Priority, Status
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries import (
    attachments_visible_to,
    ticket_by_number,
    visible_to,
)

# What an answer can end with, the commonest first; the others end without one.
ANSWER_OUTCOMES = (
    Outcome.FIXED,
    Outcome.DECLINED,
    Outcome.DUPLICATE,
    Outcome.NOT_RESPONSIBLE,
)
# Where nothing is written any more.
GONE = frozenset({Status.DELETED, Status.MERGED})
# What follows a request needs a date or an outcome for; these need neither.
PLAIN_STATUSES = (Status.OPEN, Status.WAITING_CITIZEN, Status.WAITING_THIRD)
AGENT_OUTCOMES = (Outcome.ANSWERED, *ANSWER_OUTCOMES, Outcome.NO_REPLY, Outcome.SPAM)


def find_ticket(request: HttpRequest, number: str) -> Ticket:
    """Return the ticket; a foreign one answers exactly as one that is not there."""
    ticket = ticket_by_number(agent_of(request), number)
    if ticket is None:
        raise Http404
    return ticket


def _dossier(request: HttpRequest, number: str) -> Dossier:
    found = read_dossier(agent_of(request), number)
    if found is None:
        raise Http404
    return found


@require_GET
@staff_required
def ticket_page(request: HttpRequest, number: str) -> HttpResponse:
    """Show a ticket, and remember that its newest article has been on the screen.

    What is fetched ahead has been on none: its page tells it when it is opened. Neither has what
    the list beside a request is compared with while the line is down (adr/0119).
    """
    dossier = _dossier(request, number)
    if not is_unseen(request):
        _remember_seen(dossier, agent_of(request))
    return allow_ahead(render(request, "desk/ticket.html", page_context(request, dossier)))


def _remember_seen(dossier: Dossier, user: User) -> None:
    if (dossier.ticket.last_article_id or 0) > dossier.seen_article_id:
        mark_seen(ticket=dossier.ticket, user=user)
    if dossier.is_told:
        answer_bell(user, dossier.ticket.pk)


def ticket_again(request: HttpRequest, number: str, status: int, **more: Any) -> HttpResponse:
    """Show the page after a refusal, with everything that was typed."""
    context = page_context(request, _dossier(request, number))
    panes = context["panes"] | more.pop("pane_again", {})
    context |= {**more, "panes": panes}
    return render(request, "desk/ticket.html", context, status=status)


def page_context(request: HttpRequest, dossier: Dossier) -> dict[str, Any]:
    """Return everything the ticket's page shows."""
    ticket, user = dossier.ticket, agent_of(request)
    view = view_of(request)
    articles = read_articles(ticket)
    message = last_message_of(articles)
    contacts = read_contacts(ticket, answer_email(message))
    choices = read_choices(ticket)
    thread = build_thread(ticket, user, articles, _names(choices), seen=dossier.seen_article_id)
    return {
        **shell(request, view, live_seq=dossier.live_seq),
        **head_context(ticket, user),
        **_panel_context(dossier, user, choices, contacts),
        **composer_context(dossier, user, articles, contacts),
        "senders": choices["sender"],
        "caution": dossier.caution,
        "proposed_author": proposed_author(articles[0] if articles else None),
        "view_slug": view,
        "place": find_place(user, view, ticket.number),
        "beside": list_beside(request, user, view, ticket.number),
        "is_split": is_split(request),
        "thread": unfolded(thread, user) if "older" in request.GET else thread,
    }


def view_of(request: HttpRequest) -> str:
    """Return the slug of the list from which the page was opened; a slug and nothing else."""
    view = request.GET.get("view") or request.POST.get("view") or ""
    return view if view.replace("-", "").isalnum() and view.isascii() else ""


def page_of(ticket: Ticket, view: str = "") -> str:
    """Return the address of a ticket's page, opened from a list or not."""
    page = reverse("desk:ticket", args=[ticket.number])
    return f"{page}?view={view}" if view else page


def _names(choices: dict[str, list[Choice]]) -> Names:
    users, teams, topics = (
        {choice.pk: choice.label for choice in choices[kind]}
        for kind in ("worker", "team", "category")
    )
    return Names(users, teams, topics)


def head_context(ticket: Ticket, user: User) -> dict[str, Any]:
    """Return what the head shows: title, status, deadline, what may be done."""
    return {
        "ticket": ticket,
        "due": due_state(ticket),
        "is_ended": ticket.status in ENDED,
        "is_waiting": ticket.status in WAITING,
        "gone_at": gone_at(ticket),
        "merged_into": _merged_into(ticket, user),
        "may_restore": ticket.status == Status.DELETED and can(user, "change_ticket", ticket),
        "may_change": ticket.status != Status.DELETED and can(user, "change_ticket", ticket),
        "may_answer": ticket.status not in GONE and can(user, "answer_ticket", ticket),
        "outcomes": [(outcome.value, str(outcome.label)) for outcome in AGENT_OUTCOMES],
        "answer_outcomes": [(outcome.value, str(outcome.label)) for outcome in ANSWER_OUTCOMES],
        "snoozes": moments(SNOOZES),
        "reminders": moments(REMINDERS),
    }


def _merged_into(ticket: Ticket, user: User) -> Ticket | None:
    """Return where a merged ticket went, as far as the reader may know."""
    if ticket.merged_into_id is None:
        return None
    return visible_to(user).filter(pk=ticket.merged_into_id).first()


def _panel_context(
    dossier: Dossier,
    user: User,
    choices: dict[str, list[Choice]],
    contacts: list[ContactPoint],
) -> dict[str, Any]:
    ticket = dossier.ticket

    # Asked while its sections are drawn: a section that fails takes no other with it.
    @cache
    def related() -> Related:
        return read_related(ticket, user)

    return {
        "sections": sections_for(user),
        "clocks": clock_lines(ticket, dossier.clocks),
        "counting": cache(lambda: "" if ticket.status in ENDED else counting_words(dossier.clocks)),
        "statuses": _statuses(Status(ticket.status)),
        "priorities": Priority.choices,
        "tags": names_of(ticket),
        "teams": choices["team"],
        "workers": sorted(choices["worker"], key=lambda each: each.pk != user.pk),
        "categories": choices["category"],
        "related": related,
        "watchers": choices["watcher"],
        "speaks": _language_of(ticket),
        "map_link": map_link(ticket.authority.map_address, ticket.latitude, ticket.longitude),
        "geo_link": geo_link(ticket.latitude, ticket.longitude),
        "is_watching": any(each.pk == user.pk for each in choices["watcher"]),
        "answers": cache(lambda: answers_of(ticket)),
        "rating": cache(lambda: ticket.ratings.first() if ticket.status in ENDED else None),
        "contact_points": [point for point in contacts if point.citizen_id == ticket.citizen_id],
    }


def _language_of(ticket: Ticket) -> str:
    """Return what the citizen speaks, in the reader's words."""
    code = ticket.citizen.language if ticket.citizen else ""
    return language_name(code) if code else ""


def _statuses(now: Status) -> list[tuple[str, str]]:
    """Return the states that can be chosen without more, and the present one."""
    shown = [*PLAIN_STATUSES, *({now} - {*PLAIN_STATUSES, Status.RESOLVED})]
    return [(status.value, str(status.label)) for status in shown]


@require_GET
@staff_required
def articles(request: HttpRequest, number: str) -> HttpResponse:
    """Return the articles after ``?after=`` and the events since, for a page that is open.

    With ``?older=`` what that page has folded; ``?opened`` says that it was fetched ahead.
    """
    ticket, user = find_ticket(request, number), agent_of(request)
    if "older" in request.GET:
        entries = build_folded(ticket, user, Names(), request.GET["older"])
        context = {"entries": entries, "ticket": ticket, **head_context(ticket, user)}
        return render(request, "desk/parts/entries.html", context)
    after = read_id(request.GET.get("after", "")) or 0
    shown = build_tail(ticket, user, after=after)
    if after < (ticket.last_article_id or 0) or is_opened(request):
        # What the page has already it has told: a change of properties waits for no write.
        mark_seen(ticket=ticket, user=user)
    if "shown" in request.GET:
        # The page is before somebody's eyes: what they see arrive needs no bell.
        answer_bell(user, ticket.pk)
    response = render(request, "desk/parts/entries.html", {"entries": shown, "ticket": ticket})
    # What was fetched ahead compares itself with it when it is opened.
    response.headers["X-Ticket-Version"] = str(ticket.version)
    return response


@require_GET
@staff_required
def head(request: HttpRequest, number: str) -> HttpResponse:
    """Return the head with status, deadline and actions."""
    ticket = find_ticket(request, number)
    context = head_context(ticket, agent_of(request)) | {"view_slug": view_of(request)}
    return render(request, "desk/parts/head.html", context)


@require_GET
@staff_required
def panel(request: HttpRequest, number: str) -> HttpResponse:
    """Return the side panel."""
    dossier, user = _dossier(request, number), agent_of(request)
    ticket = dossier.ticket
    context = {
        **head_context(ticket, user),
        **_panel_context(dossier, user, read_choices(ticket), read_contacts(ticket, "")),
        "proposed_author": proposed_author(ticket.articles.order_by("id").first()),
        "view_slug": view_of(request),
    }
    return render(request, "desk/parts/panel.html", context)


@require_GET
@staff_required
def attachment(request: HttpRequest, attachment_id: int) -> HttpResponseBase:
    """Serve a file of a visible ticket."""
    found = get_object_or_404(attachments_visible_to(agent_of(request)), pk=attachment_id)
    return respond(found.file, found.name, inline="inline" in request.GET)


@require_GET
@staff_required
def raw(request: HttpRequest, article_id: int) -> HttpResponseBase:
    """Serve the unaltered bytes of the mail behind an article, to whoever reads that one now.

    Where the mail was filed at first says nothing of that: it may have been split off since.
    """
    message = get_object_or_404(
        RawMessage, article_id=article_id, article__ticket__in=visible_to(agent_of(request))
    )
    return respond_raw(message)
