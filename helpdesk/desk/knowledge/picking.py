"""Answers for the composer: ``??`` and the panel beside a ticket.

What goes to a citizen comes from public answers alone, in the citizen's language, and never
from an internal block. A note may name every answer that its writer may read.
"""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from helpdesk.agents.models import User
from helpdesk.desk.agent import agent_of
from helpdesk.desk.modules import fold
from helpdesk.desk.views.ticket import find_ticket, view_of
from helpdesk.permissions.decorators import staff_required
from helpdesk.permissions.registry import can
from helpdesk.tickets.domain.letters import letter_language
from helpdesk.tickets.models import Aside, Ticket
from helpdesk.tickets.queries import ids_aside
from knowledgebase.addresses import absolute, path_of
from knowledgebase.domain.feedback import record_insertion
from knowledgebase.enums import Visibility
from knowledgebase.models import Answer, AnswerText
from knowledgebase.queries import Line, find_readable, live_texts
from knowledgebase.rules import WRITE, readable_by
from knowledgebase.search import lines_found, search_for_staff, suggest_for_staff
from knowledgebase.show import plain_answer

OFFERED = 3
READ = 12
EXCERPT = 90
TYPED = 60
# So many titles are looked through at most, where no index can be asked.
MOST_TITLES = 5000


@dataclass(frozen=True, slots=True)
class Offer:
    """One way to put an answer into the text: what is read in the list and what is inserted."""

    title: str
    excerpt: str
    body: str
    used: str

    def as_json(self) -> dict[str, str]:
        """Return it as the picker's script reads it."""
        return {
            "title": self.title,
            "excerpt": self.excerpt,
            "body": self.body,
            "used": self.used,
        }


def _asked(ticket: Ticket) -> str:
    """Return what the ticket is about, in the citizen's words."""
    return f"{ticket.title}\n{ticket.snippet}"


def _lines(user: User, ticket: Ticket, typed: str, *, is_note: bool) -> list[Line]:
    language = letter_language(ticket)
    if typed:
        readers = readable_by(user)
        found = search_for_staff(user, typed, typing=True).keys[:READ]
        keys = found or _titled(readers, typed)
        lines = lines_found(readers, keys, language)
    else:
        lines, _aside = _suggested(user, ticket)
    if is_note:
        return lines[:OFFERED]
    public = (line for line in lines if line.answer.visibility == Visibility.PUBLIC)
    return list(public)[:OFFERED]


def _suggested(user: User, ticket: Ticket) -> tuple[list[Line], int]:
    """Return what fits a ticket's words, and how many answers were set aside beside it."""
    aside = ids_aside(ticket.pk, Aside.Kind.ANSWER)
    lines = suggest_for_staff(
        user,
        _asked(ticket),
        letter_language(ticket),
        category_id=ticket.category_id,
        limit=READ + len(aside),
    )
    return [line for line in lines if line.pk not in aside][:READ], len(aside)


def _titled(readers: QuerySet[Answer], typed: str) -> list[int]:
    """Return the answers of which a word of the title begins so: less than a word was typed.

    An index knows no single letter, and none of the little words that stand everywhere.
    """
    begun = fold(" ".join(typed.split()))
    rows = live_texts().filter(answer__in=readers).order_by("title", "pk")
    titles = rows.values_list("answer_id", "title")[:MOST_TITLES] if begun else ()
    keys = (key for key, title in titles if f" {begun}" in f" {fold(title)}")
    return list(dict.fromkeys(keys))[:READ]


@require_GET
@staff_required
def pick(request: HttpRequest, number: str) -> JsonResponse:
    """Return answers that fit what was typed behind ``??``, each as link, summary and text."""
    ticket = find_ticket(request, number)
    typed = request.GET.get("q", "")[:TYPED].replace("\0", "")
    is_note = request.GET.get("kind") == "note"
    lines = _lines(agent_of(request), ticket, typed, is_note=is_note)
    texts = _texts(lines)
    offers = [
        offer.as_json()
        for line in lines
        for offer in _offers(
            ticket, line, texts[(line.pk, line.language)], noted="?notiz" if is_note else ""
        )
    ]
    return JsonResponse({"results": offers})


def _texts(lines: list[Line]) -> dict[tuple[int, str], AnswerText]:
    rows = live_texts().filter(answer__in=[line.pk for line in lines])
    return {(row.answer_id, row.language): row for row in rows}


def _offers(ticket: Ticket, line: Line, text: AnswerText, *, noted: str) -> list[Offer]:
    used = reverse("desk:knowledge_used", args=[ticket.number, line.pk]) + noted
    link = _link(ticket, line)
    bodies = (
        (gettext("Insert link"), f"{line.title}: {link}"),
        (gettext("Insert summary and link"), f"{text.summary}\n{link}"),
        (gettext("Insert full text"), plain_answer(text, ticket.authority)),
    )
    return [Offer(line.title, how, body, used) for how, body in bodies]


def _link(ticket: Ticket, line: Line) -> str:
    if line.answer.visibility == Visibility.PUBLIC:
        return absolute(ticket.authority, path_of(line.pk, line.title, line.language))
    return absolute(ticket.authority, reverse("desk:knowledge_answer", args=[line.pk]))


@require_GET
@staff_required
def fit(request: HttpRequest, number: str) -> HttpResponse:
    """Return the panel's section: three answers that fit the ticket's words."""
    return fitting(request, find_ticket(request, number))


def fitting(request: HttpRequest, ticket: Ticket, *, is_changed: bool = False) -> HttpResponse:
    """Draw that section; ``is_changed``: an answer was just set aside, or all are offered again."""
    user = agent_of(request)
    lines, aside = _suggested(user, ticket)
    rows = [
        {
            "line": line,
            "is_public": line.answer.visibility == Visibility.PUBLIC,
            "body": f"{line.title}: {_link(ticket, line)}",
            "used": reverse("desk:knowledge_used", args=[ticket.number, line.pk]),
        }
        for line in lines[:OFFERED]
    ]
    context = {
        "rows": rows,
        "ticket": ticket,
        "kind": Aside.Kind.ANSWER.value,
        "aside": aside,
        "is_changed": is_changed,
        "may_change": can(user, "change_ticket", ticket),
        "may_write": can(user, WRITE),
        "view_slug": view_of(request),
    }
    return render(request, "desk/knowledge/fit.html", context)


@require_POST
@staff_required
def used(request: HttpRequest, number: str, answer_id: int) -> HttpResponse:
    """Count that an answer was put into a text about this ticket: for its citizen, or a note."""
    ticket = find_ticket(request, number)
    if find_readable(agent_of(request), answer_id) is None:
        raise Http404
    told = None if "notiz" in request.GET else ticket.pk
    record_insertion(answer_id=answer_id, ticket_id=told)
    return HttpResponse(status=204)
