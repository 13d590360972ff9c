"""The pages that take files: photos, and questions that a file answers."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from helpdesk.files.serve import respond
from helpdesk.forms.domain.drafts import remove_file, save_answer, save_step
from helpdesk.forms.models import DraftFile
from helpdesk.forms.schema import Question
from helpdesk.portal.frame import authority_of
from helpdesk.portal.report.forms import FilesForm
from helpdesk.portal.report.keeping import LARGEST, MEGABYTE, MOST_FILES, PHOTOS, Rules, keep_all
from helpdesk.portal.report.pages import go_on, is_taken, show, with_report
from helpdesk.portal.report.state import Report, Step, report_of


@require_http_methods(["GET", "HEAD", "POST"])
@with_report
def photos(request: HttpRequest, report: Report) -> HttpResponse:
    """Ask for photos."""
    step = report.find_step("photos")
    if step is None or report.draft is None:
        return go_on(report)
    return _files_page(request, report, step, PHOTOS, None)


def file_question(
    request: HttpRequest, report: Report, step: Step, question: Question
) -> HttpResponse:
    """Ask a question that files answer."""
    rules = Rules(question.key, MOST_FILES, takes_documents=True)
    return _files_page(request, report, step, rules, question)


def _files_page(
    request: HttpRequest, report: Report, step: Step, rules: Rules, question: Question | None
) -> HttpResponse:
    form = FilesForm(request.POST or None)
    if request.method == "POST" and is_taken(request, report, form):
        response = _act(request, report, step, rules, question, form)
        if response is not None:
            return response
    language = get_language() or report.authority.language
    context = {
        "question": question,
        "heading": question.text(language) if question else _("Do you have photos?"),
        "hint": question.explanation(language) if question else "",
        "files": _current(report, rules),
        "rules": rules,
        "largest": LARGEST // MEGABYTE,
    }
    return show(request, report, step, form, template="files", context=context)


def _act(
    request: HttpRequest,
    report: Report,
    step: Step,
    rules: Rules,
    question: Question | None,
    form: FilesForm,
) -> HttpResponse | None:
    """Add, remove or go on; None when there is something to say on the page."""
    assert report.draft is not None  # noqa: S101 - the step would not be open
    if removed := request.POST.get("remove", ""):
        if not removed.isdecimal() or not remove_file(
            draft_id=report.draft.pk, file_id=int(removed[:18])
        ):
            raise Http404
        return HttpResponseRedirect(step.url)
    uploads = request.FILES.getlist("upload")
    for refusal in keep_all(request, report.draft, uploads, rules):
        form.add_error("upload", refusal)
    if form.errors:
        return None
    if request.POST.get("do") == "add":
        if not uploads:
            form.add_error("upload", _("Choose a file first"))
            return None
        return HttpResponseRedirect(step.url)
    return _finish(report, rules, question, form)


def _finish(
    report: Report, rules: Rules, question: Question | None, form: FilesForm
) -> HttpResponse | None:
    assert report.draft is not None  # noqa: S101 - the step would not be open
    if question is None:
        save_step(draft_id=report.draft.pk, values={"photos": True})
        return go_on(report)
    names = [file.name for file in _current(report, rules)]
    if question.required and not names:
        form.add_error("upload", _("Add a file"))
        return None
    save_answer(draft_id=report.draft.pk, question=question.key, answer=names)
    return go_on(report)


def _current(report: Report, rules: Rules) -> list[DraftFile]:
    assert report.draft is not None  # noqa: S101 - the step would not be open
    return list(report.draft.files.filter(question=rules.question, removed_at=None))


@require_safe
def picture(request: HttpRequest, file_id: int) -> HttpResponseBase:
    """Show a photo of one's own draft; another's is not there."""
    authority = authority_of(request)
    report = report_of(request, authority) if authority else None
    found = next((file for file in report.files if file.pk == file_id), None) if report else None
    if found is None or found.public is None:
        raise Http404
    return respond(found.public, found.name, inline=True)
