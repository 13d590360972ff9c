"""Import of answers: read, look at what would come, then make drafts; and one back as Markdown."""

import re
from dataclasses import asdict, replace
from typing import Any

from django import forms
from django.contrib import messages
from django.core import signing
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from helpdesk.desk.agent import agent_of
from helpdesk.desk.forms.base import SettingsForm
from helpdesk.desk.forms.topics import offer
from helpdesk.desk.knowledge.frame import editable, knowledge_page, section_choices
from helpdesk.desk.settings.frame import posted, written
from helpdesk.permissions.decorators import verb_required
from knowledgebase.addresses import slug_for
from knowledgebase.domain.import_answers import Names, import_answers, placed, sections_by_name
from knowledgebase.domain.write import TextDraft
from knowledgebase.enums import Visibility
from knowledgebase.exporting import about_of, archive_of
from knowledgebase.importing import MOST_ROWS, ImportRow, read_file, to_markdown
from knowledgebase.marks import to_marks
from knowledgebase.queries import texts_of
from knowledgebase.rules import EDIT, WRITE, editable_by

SALT = "knowledge-import"
# So long may somebody look at what would come.
SECONDS = 3600
MOST_FILES = 20
# What is looked at comes back with the form, below the limit of a request.
MOST_CARRIED = 2_000_000


class ImportForm(SettingsForm):
    """Where answers go that name no section of ours."""

    section = forms.TypedChoiceField(label=_("Section of those that name none"), coerce=int)
    visibility = forms.ChoiceField(
        label=_("Who may read those that say nothing of it"),
        choices=[each for each in Visibility.choices if each[0] != Visibility.TEAM],
    )


@verb_required(WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def import_page(request: HttpRequest) -> HttpResponse:
    """Take files, show what would come of them, and make drafts of it."""
    form = ImportForm(posted(request) if "carried" in request.POST else None)
    sections = section_choices(request)
    offer(form, "section", sections)
    context: dict[str, Any] = {"form": form, "has_sections": bool(sections)}
    if request.method != "POST":
        return knowledge_page(request, "import", context)
    if "carried" in request.POST:
        return _take(request, form, context)
    files = request.FILES.getlist("files")[:MOST_FILES]
    rows = [row for file in files for row in read_file(file.name or "?", file.read())]
    rows = placed(rows=rows, user=agent_of(request))
    return _preview(request, rows, context, status=200 if rows else 422)


def _preview(
    request: HttpRequest, rows: list[ImportRow], context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    good = [row for row in rows if not row.errors]
    carried = signing.dumps([asdict(row) for row in good], salt=SALT, compress=True)
    is_too_much = len(carried) > MOST_CARRIED or len(good) > MOST_ROWS
    known = sections_by_name(agent_of(request).authority_id)
    context |= {
        "rows": [_shown(row, known) for row in rows],
        "good": 0 if is_too_much else len(good),
        "carried": "" if is_too_much else carried,
        "is_too_much": is_too_much,
        "is_empty": not rows,
    }
    return knowledge_page(request, "import", context, status=422 if is_too_much else status)


def _shown(row: ImportRow, known: Names) -> dict[str, Any]:
    notes = list(row.notes)
    if row.section and not known.find(row.section):
        words = gettext("There is no section “%(name)s”; the one below is taken.")
        notes.append(words % {"name": row.section[:80]})
    readers = Visibility(row.visibility).label if row.visibility in Visibility.values else ""
    return {"row": row, "readers": readers, "errors": row.errors, "notes": notes}


def _take(request: HttpRequest, form: ImportForm, context: dict[str, Any]) -> HttpResponse:
    rows = _carried(request.POST["carried"])
    if rows is None:
        messages.error(request, gettext("This took too long. Choose the files again."))
        return HttpResponseRedirect(reverse("desk:knowledge_import"))
    made: list[object] = []

    def write() -> None:
        section_id, visibility = (form.cleaned_data[name] for name in ("section", "visibility"))
        made.extend(
            import_answers(
                rows=rows, section_id=section_id, visibility=visibility, user=agent_of(request)
            )
        )

    if not written(form, write):
        return _preview(request, rows, context, status=422)
    said = ngettext("%(number)d draft is made.", "%(number)d drafts are made.", len(made))
    messages.success(request, said % {"number": len(made)})
    return HttpResponseRedirect(f"{reverse('desk:knowledge')}?state=draft")


def _carried(signed: str) -> list[ImportRow] | None:
    try:
        found = signing.loads(signed, salt=SALT, max_age=SECONDS)
    except signing.BadSignature:
        return None
    return [
        replace(ImportRow(**{**row, "text": TextDraft(**row["text"])}), errors=(), notes=())
        for row in found
    ]


@verb_required(WRITE)
@require_safe
def export(request: HttpRequest, answer_id: int, language: str) -> HttpResponse:
    """Hand out the working copy in one language as Markdown, never the internal block."""
    answer = editable(request, answer_id)
    text = texts_of(answer, version_id=None).get(language)
    if text is None:
        raise Http404
    content = to_markdown(text, to_marks(text.body), about_of(answer, language))
    response = HttpResponse(content, content_type="text/markdown; charset=utf-8")
    name = re.sub(r"-+", "-", f"{answer.pk}-{slug_for(text.title)}-{language}.md")
    disposition = content_disposition_header(as_attachment=True, filename=name)
    response["Content-Disposition"] = disposition or "attachment"
    return response


@verb_required(EDIT)
@require_safe
def export_all(request: HttpRequest) -> FileResponse:
    """Hand out everything that this editor may know of as one archive."""
    user = agent_of(request)
    archive = archive_of(editable_by(user), user.authority_id)
    name = f"wissen-{timezone.localdate():%Y-%m-%d}.zip"
    response = FileResponse(archive, as_attachment=True, filename=name)
    response["Content-Type"] = "application/zip"
    response["Cache-Control"] = "private, no-store"
    return response
