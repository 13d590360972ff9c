"""How a question looks in the portal, for whoever is writing it in the settings."""

from dataclasses import replace

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from helpdesk.agents.models import User
from helpdesk.forms.editor import QuestionForm as EditorForm
from helpdesk.forms.queries import questions_of, worked_on
from helpdesk.forms.schema import Kind, Question
from helpdesk.permissions.decorators import verb_required
from helpdesk.portal.frame import frame
from helpdesk.portal.report.forms import FilesForm, QuestionForm
from helpdesk.portal.report.keeping import LARGEST, MEGABYTE, MOST_FILES, Rules
from helpdesk.portal.report.state import Step
from helpdesk.tickets.models import Category
from helpdesk.ui.framing import is_framed

EMPTY = Question("example", Kind.TEXT, {})
# After what it is about and the topic.
NUMBER = 3


@verb_required("administer")
@require_http_methods(["GET", "HEAD", "POST"])
@is_framed
def preview(request: HttpRequest, topic_id: int) -> HttpResponse:
    """Show a question as citizens see it; by POST one that is not saved yet. Writes nothing."""
    user = request.user
    assert isinstance(user, User)  # noqa: S101 - the decorator has seen to it
    topics = Category.objects.filter(authority_id=user.authority_id)
    topic = topics.select_related("form", "authority").filter(pk=topic_id).first()
    if topic is None:
        raise Http404
    questions = questions_of(worked_on(topic.form))
    given = request.POST if request.method == "POST" else request.GET
    language = "en" if given.get("preview_language") == "en" else "de"
    asked = _typed(request, questions) if request.method == "POST" else _saved(request, questions)
    with translation.override(language):
        return _page(request, topic, asked, language)


def _saved(request: HttpRequest, questions: tuple[Question, ...]) -> Question:
    found = next((one for one in questions if one.key == request.GET.get("frage")), None)
    return found or (questions[0] if questions else EMPTY)


def _typed(request: HttpRequest, questions: tuple[Question, ...]) -> Question:
    """Return the question as far as it has been written."""
    form = EditorForm(request.POST, earlier=questions)
    if form.is_valid():
        return form.question(None)
    kind = request.POST.get("kind", "")
    return replace(
        EMPTY,
        label={code: request.POST.get(f"label_{code}", "") for code in ("de", "en")},
        hint={code: request.POST.get(f"hint_{code}", "") for code in ("de", "en")},
        kind=Kind(kind) if kind in Kind.values else Kind.TEXT,
        required=bool(request.POST.get("required")),
    )


def _page(request: HttpRequest, topic: Category, asked: Question, language: str) -> HttpResponse:
    context = frame(request, topic.authority) | {
        "is_preview": True,
        "step": Step("question", _("Details"), "", is_done=False),
        "number": NUMBER,
        "question": asked,
        "heading": asked.text(language),
        "hint": asked.explanation(language),
        "rules": Rules(asked.key, MOST_FILES, takes_documents=True),
        "largest": LARGEST // MEGABYTE,
        "files": (),
    }
    if asked.kind == Kind.FILE:
        return render(request, "portal/report/files.html", context | {"form": FilesForm()})
    form = QuestionForm(question=asked, language=language)
    return render(request, "portal/report/question.html", context | {"form": form})
