"""What was published of an answer: who, when and why; what changed; one of it as a draft again."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from helpdesk.desk.agent import agent_of
from helpdesk.desk.knowledge.frame import editable, knowledge_page, to_editor
from helpdesk.permissions.decorators import verb_required
from knowledgebase.compare import State, changes_between, state_of
from knowledgebase.domain.publish import restore_version
from knowledgebase.models import Answer, AnswerVersion
from knowledgebase.queries import titles_for_editors, versions_of
from knowledgebase.rules import WRITE
from knowledgebase.snippets import filled_as_published

DRAFT = 0


@verb_required(WRITE)
@require_safe
def versions(request: HttpRequest, answer_id: int) -> HttpResponse:
    """List what was published, the newest first."""
    answer = editable(request, answer_id)
    rows = [
        {
            "version": row,
            "texts": [filled_as_published(text, row) for text in row.texts.all()],
        }
        for row in versions_of(answer).prefetch_related("texts", "files")
    ]
    title = titles_for_editors([answer])[answer.pk]
    context = {"answer": answer, "versions": rows, "title": title}
    return knowledge_page(request, "versions", context)


@verb_required(WRITE)
@require_safe
def compare(request: HttpRequest, answer_id: int, number: int) -> HttpResponse:
    """Show what one version changed against the one before it; 0 is the draft against the live."""
    answer = editable(request, answer_id)
    new = None if number == DRAFT else _version(answer, number)
    old = answer.live_version if new is None else _before(answer, new)
    before = state_of(answer, old) if old else State({}, "", ())
    context = {
        "answer": answer,
        "title": titles_for_editors([answer])[answer.pk],
        "old": old,
        "new": new,
        "changes": changes_between(before, state_of(answer, new)),
    }
    return knowledge_page(request, "compare", context)


def _version(answer: Answer, number: int) -> AnswerVersion:
    found = versions_of(answer).filter(number=number).first()
    if found is None:
        raise Http404
    return found


def _before(answer: Answer, version: AnswerVersion) -> AnswerVersion | None:
    return versions_of(answer).filter(number__lt=version.number).first()


@verb_required(WRITE)
@require_POST
def restore(request: HttpRequest, answer_id: int, version_id: int) -> HttpResponse:
    """Make an old version the working copy."""
    answer = editable(request, answer_id)
    if not answer.versions.filter(pk=version_id).exists():
        raise Http404
    restore_version(answer_id=answer.pk, version_id=version_id, user=agent_of(request))
    messages.success(request, gettext("The old version is your draft now. Readers see no change."))
    return to_editor(answer)
