"""Reading at work: all answers that a member of staff may know of, and one of them."""

from dataclasses import dataclass

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_safe

from helpdesk.agents.models import User
from helpdesk.desk.agent import agent_of
from helpdesk.desk.knowledge.frame import file_address, knowledge_page
from helpdesk.files.serve import respond
from helpdesk.permissions.decorators import staff_required
from helpdesk.permissions.registry import can
from knowledgebase.addresses import absolute, short_path
from knowledgebase.body import show_body
from knowledgebase.enums import KnowledgeLanguage, State, Visibility
from knowledgebase.models import Answer, Section
from knowledgebase.queries import (
    choose_text,
    files_of,
    find_readable,
    find_staff_file,
    flat,
    is_overdue,
    texts_of,
    titles_for_editors,
    tree_of,
    use_of,
)
from knowledgebase.rules import EDIT, editable_by, readable_by
from knowledgebase.show import build_answer, shown_in_place, words_for

PAGE = 50


@dataclass(frozen=True, slots=True)
class Row:
    """An answer as a row of the desk's list."""

    answer: Answer
    title: str
    is_overdue: bool


@staff_required
@require_safe
def answer_list(request: HttpRequest) -> HttpResponse:
    """Show the answers this member of staff may know of, by section, state and words."""
    user = agent_of(request)
    rows = editable_by(user) if can(user, EDIT) else readable_by(user)
    nodes = flat(tree_of(user.authority_id, rows))
    state, section = request.GET.get("state", ""), request.GET.get("section", "")
    shown = rows.filter(state=state) if state in State.values else rows
    if section.isdecimal():
        shown = shown.filter(section_id=int(section[:12]))
    found = _matching(shown.select_related("section", "team", "owner"), request.GET.get("q", ""))
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "words": request.GET.get("q", ""),
        "state": state,
        "section": section,
        "states": State.choices,
        "nodes": nodes,
        "has_sections": Section.objects.filter(authority_id=user.authority_id).exists(),
    }
    return knowledge_page(request, "list", context)


def _matching(answers: QuerySet[Answer], words: str) -> list[Row]:
    """Return rows by title whose title or number holds every word; a town has some hundred."""
    rows = list(answers)
    titles = titles_for_editors(rows)
    wanted = words.casefold().split()
    found = [
        Row(row, titles[row.pk], is_overdue(row))
        for row in rows
        if all(word in f"{titles[row.pk]} {row.pk}".casefold() for word in wanted)
    ]
    return sorted(found, key=lambda row: (row.title.casefold(), row.answer.pk))


@staff_required
@require_safe
def answer_page(request: HttpRequest, answer_id: int) -> HttpResponse:
    """Show a published answer with its internal block, and how it is used."""
    user = agent_of(request)
    found = find_readable(user, answer_id)
    if found is None:
        raise Http404
    texts = texts_of(found, version_id=found.live_version_id)
    text = choose_text(texts.values(), request.GET.get("sprache", user.language))
    if text is None or found.live_version is None:
        raise Http404
    files = files_of(found, version_id=found.live_version_id)
    context = {
        "answer": found,
        "page": build_answer(found, text, files, address=file_address),
        "words": words_for(text.language),
        "internal": show_body(found.live_version.internal, {}, anchors="-intern").html,
        "languages": [(code, KnowledgeLanguage(code).label) for code in texts],
        "use": use_of(found),
        "link": _link(user, found),
        "may_edit_it": can(user, "edit_answer", found),
    }
    return knowledge_page(request, "answer", context)


def _link(user: User, answer: Answer) -> str:
    if answer.visibility != Visibility.PUBLIC:
        return ""
    return absolute(user.authority, short_path(answer.pk))


@staff_required
@require_safe
def file(request: HttpRequest, file_id: int) -> HttpResponseBase:
    """Serve a file of an answer this member of staff may read or edit."""
    found = find_staff_file(agent_of(request), file_id)
    if found is None:
        raise Http404
    return respond(found.file, found.name, inline=shown_in_place(found))
