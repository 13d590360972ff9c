"""Reading at work: an answer with its internal block, and its files."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_safe

from helpdesk.agents.models import User
from helpdesk.desk.agent import agent_of
from helpdesk.desk.knowledge.frame import file_address, knowledge_page
from helpdesk.files.media import respond_in_place
from helpdesk.permissions.decorators import staff_required
from helpdesk.permissions.registry import can
from knowledgebase.addresses import absolute, short_path
from knowledgebase.body import show_body
from knowledgebase.enums import KnowledgeLanguage, Visibility
from knowledgebase.models import Answer
from knowledgebase.queries import (
    choose_text,
    files_of,
    find_readable,
    find_staff_file,
    texts_of,
    use_of,
)
from knowledgebase.show import build_answer, shown_in_place, words_for


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
    return respond_in_place(
        request,
        found.file,
        found.name,
        content_type=found.content_type,
        inline=shown_in_place(found),
    )
