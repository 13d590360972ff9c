"""The files of an answer, beside its words in the editor."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from helpdesk.desk.agent import agent_of
from helpdesk.desk.knowledge.editor import editor_page
from helpdesk.desk.knowledge.forms import CopyForm, FileForm, initial_of
from helpdesk.desk.knowledge.frame import editable, to_editor
from helpdesk.desk.settings.frame import written
from helpdesk.permissions.decorators import verb_required
from knowledgebase.domain.files import NewFile, add_file, describe_file, remove_file
from knowledgebase.models import AnswerFile
from knowledgebase.queries import texts_of
from knowledgebase.rules import WRITE, editable_by


@verb_required(WRITE)
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
        return HttpResponseRedirect(f"{to_editor(answer)['Location']}#dateien")
    copy = CopyForm(initial=initial_of(answer, texts_of(answer, version_id=None).values()))
    return editor_page(request, answer, copy, status=422, more={"file_form": form})


@verb_required(WRITE)
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
    return HttpResponseRedirect(f"{to_editor(row.answer)['Location']}#dateien")
