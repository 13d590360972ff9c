"""The way of an answer to its readers, step by step, and away from them again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_http_methods, require_POST

from helpdesk.agents.models import User
from helpdesk.desk.agent import agent_of
from helpdesk.desk.knowledge.editor import FORM_METHODS
from helpdesk.desk.knowledge.forms import ArchiveForm, StepForm
from helpdesk.desk.knowledge.frame import editable, knowledge_page, to_editor
from helpdesk.desk.knowledge.related import Picker, picker_sent
from helpdesk.desk.settings.frame import posted, written
from helpdesk.permissions.decorators import verb_required
from helpdesk.permissions.registry import can
from knowledgebase.checklist import Problem, hints_of, problems_of
from knowledgebase.domain import workflow
from knowledgebase.domain.publish import (
    NotReadyError,
    archive_answer,
    publish_answer,
    reopen_answer,
    review_answer,
)
from knowledgebase.enums import Stage, State
from knowledgebase.models import Answer
from knowledgebase.queries import texts_of, titles_for_editors
from knowledgebase.review import needs_approval, two_people, wrote_it
from knowledgebase.rules import EDIT, REVIEW, WRITE

Given = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """A button of the page: who may press it, what it does, what is said afterwards."""

    verb: str
    take: Callable[[int, Given, User], object]
    said: str


STEPS: Final[Mapping[str, Step]] = {
    "publish": Step(
        EDIT,
        lambda key, given, user: publish_answer(answer_id=key, note=given["note"], user=user),
        gettext_noop("Published. Readers see this version now."),
    ),
    "schedule": Step(
        EDIT,
        lambda key, given, user: workflow.schedule_answer(
            answer_id=key, at=given["at"], note=given["note"], user=user
        ),
        gettext_noop("Scheduled. Until then readers see what they saw before."),
    ),
    "unschedule": Step(
        EDIT,
        lambda key, _given, user: workflow.unschedule_answer(answer_id=key, user=user),
        gettext_noop("The draft is no longer scheduled."),
    ),
    "submit": Step(
        WRITE,
        lambda key, _given, user: workflow.submit_answer(answer_id=key, user=user),
        gettext_noop("Handed in for review."),
    ),
    "withdraw": Step(
        WRITE,
        lambda key, _given, user: workflow.withdraw_answer(answer_id=key, user=user),
        gettext_noop("Taken back. The draft is being written again."),
    ),
    "approve": Step(
        REVIEW,
        lambda key, given, user: workflow.approve_answer(
            answer_id=key, user=user, seen=given["seen"] or None
        ),
        gettext_noop("Approved. It can be published now."),
    ),
    "return": Step(
        REVIEW,
        lambda key, given, user: workflow.return_answer(
            answer_id=key, note=given["reason"], user=user
        ),
        gettext_noop("Given back with your reason."),
    ),
}


@verb_required(WRITE)
@require_http_methods(FORM_METHODS)
def publish(request: HttpRequest, answer_id: int) -> HttpResponse:
    """Show the checklist and the steps that may be taken; take one."""
    answer = editable(request, answer_id)
    form = StepForm(posted(request))
    if request.method != "POST":
        return _publish_page(request, answer, form)
    step = STEPS.get(request.POST.get("do", ""))
    if step is None or not can(request.user, step.verb):
        raise Http404

    def write() -> None:
        step.take(answer.pk, form.cleaned_data, agent_of(request))

    try:
        is_done = written(form, write)
    except NotReadyError:
        return _publish_page(request, answer, form, status=422)
    if not is_done:
        return _publish_page(request, answer, form, status=422)
    messages.success(request, gettext(step.said))
    return to_editor(answer)


def _publish_page(
    request: HttpRequest, answer: Answer, form: StepForm, *, status: int = 200
) -> HttpResponse:
    user = agent_of(request)
    problems = problems_of(answer)
    texts = texts_of(answer, version_id=None).values()
    context = {
        "answer": answer,
        "form": form,
        "title": titles_for_editors([answer])[answer.pk],
        "problems": problems,
        "is_live": answer.state == State.PUBLISHED and not answer.has_changes,
        "approval": Problem.missing_approval() if needs_approval(answer) else None,
        "hints": hints_of(texts),
        "languages": [text.get_language_display() for text in texts],
        "may": _may_take(user, answer, is_ready=not problems),
        "is_second": not (two_people(answer) and wrote_it(answer, user)),
    }
    return knowledge_page(request, "publish", context, status=status)


def _may_take(user: User, answer: Answer, *, is_ready: bool) -> set[str]:
    """Return the steps that ``user`` may take now; what is left out would be refused."""
    found = {
        name
        for name, (stages, _fact, _refusal) in workflow.STEPS.items()
        if answer.stage in stages and can(user, STEPS[name].verb)
    }
    found |= {"publish"} if can(user, EDIT) else set()
    if needs_approval(answer):
        found -= {"publish", "schedule"}
    if not is_ready:
        found -= {"publish", "schedule", "submit"}
    if answer.stage == Stage.SCHEDULED:
        found -= {"schedule"}
    return found


@verb_required(EDIT)
@require_http_methods(FORM_METHODS)
def archive(request: HttpRequest, answer_id: int) -> HttpResponse:
    """Take an answer away from its readers, and lead them to the one that replaces it."""
    answer = editable(request, answer_id)
    picked = picker_sent(request, answer, is_live=True)
    form = ArchiveForm(posted(request))
    is_sent = request.method == "POST" and "find" not in request.POST
    if is_sent and picked.is_asking:
        form.add_error("related", gettext("Choose from what was found, or empty the field."))

    def write() -> None:
        chosen = form.cleaned_data["related"]
        key = chosen[0] if chosen else None
        archive_answer(answer_id=answer.pk, successor_id=key, user=agent_of(request))

    if is_sent and written(form, write):
        messages.success(request, gettext("Archived. It can be brought back at any time."))
        return to_editor(answer)
    return _archive_page(request, answer, form if is_sent else ArchiveForm(), picked)


def _archive_page(
    request: HttpRequest, answer: Answer, form: ArchiveForm, picked: Picker
) -> HttpResponse:
    title = titles_for_editors([answer])[answer.pk]
    context = {"answer": answer, "form": form, "title": title, "related": picked}
    return knowledge_page(request, "archive", context)


# What a button below the editor does → who may, the door, and what is said afterwards.
ACTIONS: dict[str, tuple[str, Callable[..., object], str]] = {
    "oeffnen": (EDIT, reopen_answer, gettext_noop("Back as a draft")),
    "bestaetigen": (WRITE, review_answer, gettext_noop("Noted: checked today")),
}


@verb_required(WRITE)
@require_POST
def act(request: HttpRequest, answer_id: int, action: str) -> HttpResponse:
    """Bring an archived answer back, or note that a published one is still right."""
    answer = editable(request, answer_id)
    if action not in ACTIONS or not can(request.user, ACTIONS[action][0]):
        raise Http404
    _verb, door, said = ACTIONS[action]
    try:
        door(answer_id=answer.pk, user=agent_of(request))
    except ValidationError as refused:
        messages.error(request, refused.messages[0])
    else:
        messages.success(request, gettext(said))
    return to_editor(answer)
