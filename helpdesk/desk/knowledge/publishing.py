"""Giving an answer readers and taking them away; its versions; its files."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from helpdesk.desk.agent import agent_of
from helpdesk.desk.knowledge.editor import FORM_METHODS, editor_page
from helpdesk.desk.knowledge.forms import ArchiveForm, CopyForm, FileForm, initial_of
from helpdesk.desk.knowledge.frame import editable, knowledge_page
from helpdesk.desk.settings.frame import posted, written
from helpdesk.permissions.decorators import verb_required
from knowledgebase.checklist import problems_of
from knowledgebase.domain.files import NewFile, add_file, describe_file, remove_file
from knowledgebase.domain.publish import (
    NotReadyError,
    archive_answer,
    publish_answer,
    reopen_answer,
    restore_version,
    review_answer,
)
from knowledgebase.models import Answer, AnswerFile
from knowledgebase.queries import texts_of, titles_for_editors, versions_of
from knowledgebase.rules import EDIT, editable_by


def _to_editor(answer: Answer) -> HttpResponse:
    return HttpResponseRedirect(reverse("desk:knowledge_edit", args=[answer.pk]))


@verb_required(EDIT)
@require_http_methods(FORM_METHODS)
def publish(request: HttpRequest, answer_id: int) -> HttpResponse:
    """Show the checklist; publish when nothing is open."""
    answer = editable(request, answer_id)
    if request.method == "POST":
        try:
            publish_answer(answer_id=answer.pk, user=agent_of(request))
        except NotReadyError:
            return _publish_page(request, answer, status=422)
        messages.success(request, gettext("Published. Readers see this version now."))
        return _to_editor(answer)
    return _publish_page(request, answer)


def _publish_page(request: HttpRequest, answer: Answer, *, status: int = 200) -> HttpResponse:
    context = {
        "answer": answer,
        "title": titles_for_editors([answer])[answer.pk],
        "problems": problems_of(answer),
        "languages": [
            text.get_language_display() for text in texts_of(answer, version_id=None).values()
        ],
    }
    return knowledge_page(request, "publish", context, status=status)


@verb_required(EDIT)
@require_http_methods(FORM_METHODS)
def archive(request: HttpRequest, answer_id: int) -> HttpResponse:
    """Take an answer away from its readers."""
    answer = editable(request, answer_id)
    form = ArchiveForm(posted(request))

    def write() -> None:
        archive_answer(
            answer_id=answer.pk,
            successor_id=form.cleaned_data["successor"],
            user=agent_of(request),
        )

    if request.method == "POST" and written(form, write):
        messages.success(request, gettext("Archived. It can be brought back at any time."))
        return _to_editor(answer)
    title = titles_for_editors([answer])[answer.pk]
    return knowledge_page(request, "archive", {"answer": answer, "form": form, "title": title})


# What a button below the editor does → the door and what is said afterwards.
ACTIONS: dict[str, tuple[Callable[..., object], str]] = {
    "oeffnen": (reopen_answer, gettext_noop("Back as a draft")),
    "bestaetigen": (review_answer, gettext_noop("Noted: checked today")),
}


@verb_required(EDIT)
@require_POST
def act(request: HttpRequest, answer_id: int, action: str) -> HttpResponse:
    """Bring an archived answer back, or note that a published one is still right."""
    answer = editable(request, answer_id)
    if action not in ACTIONS:
        raise Http404
    door, said = ACTIONS[action]
    try:
        door(answer_id=answer.pk, user=agent_of(request))
    except ValidationError as refused:
        messages.error(request, refused.messages[0])
    else:
        messages.success(request, gettext(said))
    return _to_editor(answer)


@verb_required(EDIT)
@require_safe
def versions(request: HttpRequest, answer_id: int) -> HttpResponse:
    """List what was published, the newest first."""
    answer = editable(request, answer_id)
    rows = versions_of(answer).prefetch_related("texts", "files")
    title = titles_for_editors([answer])[answer.pk]
    context = {"answer": answer, "versions": rows, "title": title}
    return knowledge_page(request, "versions", context)


@verb_required(EDIT)
@require_POST
def restore(request: HttpRequest, answer_id: int, version_id: int) -> HttpResponse:
    """Make an old version the working copy."""
    answer = editable(request, answer_id)
    if not answer.versions.filter(pk=version_id).exists():
        raise Http404
    restore_version(answer_id=answer.pk, version_id=version_id, user=agent_of(request))
    messages.success(request, gettext("The old version is your draft now. Readers see no change."))
    return _to_editor(answer)


@verb_required(EDIT)
@require_POST
def file_add(request: HttpRequest, answer_id: int) -> HttpResponse:
    """Add a file to the working copy."""
    answer = editable(request, answer_id)
    form = FileForm(request.POST, request.FILES, auto_id="id_new_%s")

    def write() -> None:
        given = form.cleaned_data
        upload = given["file"]
        file = NewFile(
            name=upload.name,
            content=upload.read(),
            declared_type=upload.content_type or "",
            alt=given["alt"],
            is_decorative=given["is_decorative"],
        )
        add_file(answer_id=answer.pk, file=file, user=agent_of(request))

    if written(form, write):
        messages.success(request, gettext("File added"))
        return HttpResponseRedirect(f"{_to_editor(answer)['Location']}#dateien")
    copy = CopyForm(initial=initial_of(answer, texts_of(answer, version_id=None).values()))
    return editor_page(request, answer, copy, status=422, more={"file_form": form})


@verb_required(EDIT)
@require_POST
def file_change(request: HttpRequest, file_id: int) -> HttpResponse:
    """Describe a picture, or take a file away from the working copy."""
    user = agent_of(request)
    row = get_object_or_404(
        AnswerFile.objects.select_related("answer"), pk=file_id, answer__in=editable_by(user)
    )
    if "remove" in request.POST:
        remove_file(file_id=row.pk, user=user)
        messages.success(request, gettext("The file is taken from the draft."))
    else:
        describe_file(
            file_id=row.pk,
            alt=request.POST.get("alt", "").strip(),
            is_decorative=request.POST.get("is_decorative") == "on",
            user=user,
        )
        messages.success(request, gettext("Saved"))
    return HttpResponseRedirect(f"{_to_editor(row.answer)['Location']}#dateien")
