"""Pages of the questions of a topic: the list with what can be done, and one question."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from helpdesk.agents.models import User
from helpdesk.desk.agent import agent_of
from helpdesk.desk.settings.frame import settings_page, written
from helpdesk.forms.domain import editions
from helpdesk.forms.editor import QuestionForm, initial_of
from helpdesk.forms.queries import published_version, questions_of, worked_on
from helpdesk.forms.schema import Condition, Kind, Question
from helpdesk.permissions.decorators import verb_required
from helpdesk.tickets.domain.categories import form_of_category
from helpdesk.tickets.models import Category
from helpdesk.ui.framing import holds_frames

CURRENT = "settings_topics"


@dataclass(frozen=True, slots=True)
class Row:
    """A question with the words of when it is asked."""

    question: Question
    kind: str
    conditions: tuple[str, ...]


@verb_required("administer")
@require_safe
@holds_frames
def question_list(request: HttpRequest, topic_id: int) -> HttpResponse:
    """Show the questions in their order, and what the portal makes of them."""
    topic = _find(request, topic_id)
    return _list_page(request, topic, [])


def _list_page(
    request: HttpRequest, topic: Category, reasons: list[str], status: int = 200
) -> HttpResponse:
    version = worked_on(topic.form)
    questions = questions_of(version)
    context = {
        "topic": topic,
        "rows": [_row(one, questions) for one in questions],
        "is_in_work": bool(version and version.published_at is None),
        "is_published": published_version(topic.form_id) is not None,
        "version": version,
        "reasons": reasons,
        "actions": [
            ("hoch", "arrow-up", gettext("Move up")),
            ("runter", "arrow-down", gettext("Move down")),
            ("loeschen", "trash", gettext("Delete")),
        ],
        "shown_key": request.GET.get("frage") or (questions[0].key if questions else ""),
    }
    return settings_page(request, "questions", context, current=CURRENT, status=status)


def _row(question: Question, questions: tuple[Question, ...]) -> Row:
    by_key = {one.key: one for one in questions}
    return Row(
        question,
        str(question.kind.label),
        tuple(_in_words(one, by_key[one.question]) for one in question.only_if),
    )


def _in_words(condition: Condition, earlier: Question) -> str:
    answers = [
        gettext("agreed") if earlier.kind == Kind.CONSENT else earlier.option_text(value, "")
        for value in condition.any_of
    ]
    return f"{earlier.text('')}: {' / '.join(answers)}"


@verb_required("administer")
@require_http_methods(["GET", "HEAD", "POST"])
@holds_frames
def question_new(request: HttpRequest, topic_id: int) -> HttpResponse:
    """Add a question at the end."""
    return _question_page(request, _find(request, topic_id), None)


@verb_required("administer")
@require_http_methods(["GET", "HEAD", "POST"])
@holds_frames
def question(request: HttpRequest, topic_id: int, key: str) -> HttpResponse:
    """Show and change a question."""
    topic = _find(request, topic_id)
    return _question_page(request, topic, _question(topic, key))


def _question_page(request: HttpRequest, topic: Category, shown: Question | None) -> HttpResponse:
    form = _form(request, topic, shown)

    def write() -> None:
        edition = form_of_category(category_id=topic.pk)
        editions.save_question(
            form_id=edition.pk, question=form.question(shown), user=agent_of(request)
        )

    if request.method == "POST" and written(form, write):
        messages.success(request, gettext("Saved. Citizens are asked it once you publish."))
        return HttpResponseRedirect(reverse("desk:settings_questions", args=[topic.pk]))
    context = {"form": form, "topic": topic, "question": shown}
    return settings_page(request, "question", context, current=CURRENT)


def _form(request: HttpRequest, topic: Category, shown: Question | None) -> QuestionForm:
    questions = questions_of(worked_on(topic.form))
    keys = [one.key for one in questions]
    earlier = questions[: keys.index(shown.key)] if shown else questions
    initial = initial_of(shown) if shown else {"required": True, "kind": Kind.TEXT}
    data = request.POST if request.method == "POST" else None
    return QuestionForm(data, initial=initial, earlier=earlier)


@verb_required("administer")
@require_POST
@holds_frames
def question_action(request: HttpRequest, topic_id: int, key: str, action: str) -> HttpResponse:
    """Move a question up or down, or take it out."""
    topic = _find(request, topic_id)
    _question(topic, key)
    doors: dict[str, Callable[[int, User], object]] = {
        "hoch": lambda form_id, user: editions.move_question(
            form_id=form_id, key=key, up=True, user=user
        ),
        "runter": lambda form_id, user: editions.move_question(
            form_id=form_id, key=key, up=False, user=user
        ),
        "loeschen": lambda form_id, user: editions.delete_question(
            form_id=form_id, key=key, user=user
        ),
    }
    return _done(request, topic, doors[action], anchor=f"#q-{key}")


@verb_required("administer")
@require_POST
@holds_frames
def edition_action(request: HttpRequest, topic_id: int, action: str) -> HttpResponse:
    """Publish what was changed, or drop it."""
    topic = _find(request, topic_id)
    doors: dict[str, Callable[[int, User], object]] = {
        "veroeffentlichen": lambda form_id, user: editions.publish_edition(
            form_id=form_id, user=user
        ),
        "verwerfen": lambda form_id, user: editions.discard_edition(form_id=form_id, user=user),
    }
    words = {
        "veroeffentlichen": gettext("Published. Citizens are asked these questions from now on."),
        "verwerfen": gettext("The changes are dropped."),
    }
    return _done(request, topic, doors[action], said=words[action])


def _done(
    request: HttpRequest,
    topic: Category,
    door: Callable[[int, User], object],
    *,
    said: str = "",
    anchor: str = "",
) -> HttpResponse:
    try:
        door(form_of_category(category_id=topic.pk).pk, agent_of(request))
    except ValidationError as refused:
        return _list_page(request, topic, refused.messages, status=422)
    if said:
        messages.success(request, said)
    address = reverse("desk:settings_questions", args=[topic.pk])
    return HttpResponseRedirect(f"{address}{anchor}")


def _find(request: HttpRequest, topic_id: int) -> Category:
    topics = Category.objects.filter(authority_id=agent_of(request).authority_id)
    found = topics.select_related("form", "authority", "parent").filter(pk=topic_id).first()
    if found is None:
        raise Http404
    return found


def _question(topic: Category, key: str) -> Question:
    found = next((one for one in questions_of(worked_on(topic.form)) if one.key == key), None)
    if found is None:
        raise Http404
    return found
