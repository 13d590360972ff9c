"""What every page of the form shows around its question."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from helpdesk.forms.domain.drafts import DraftGoneError
from helpdesk.portal.frame import authority_of, frame
from helpdesk.portal.report import guard
from helpdesk.portal.report.emergency import mentions_emergency
from helpdesk.portal.report.forms import DescribeForm
from helpdesk.portal.report.lost import is_lost, typed_in
from helpdesk.portal.report.state import Report, Step, report_of

REFUSED = 422
TOO_MANY = 429
P = ParamSpec("P")
StepView = Callable[Concatenate[HttpRequest, Report, P], HttpResponse]


def with_report(view: StepView[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Hand a view the browser's report; whoever comes too early is led to the step before.

    A draft that expired while somebody typed begins anew, and what they just sent is shown.
    """

    @wraps(view)
    @never_cache
    def opened(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        authority = authority_of(request)
        if authority is None:
            raise Http404
        report = report_of(request, authority)
        if report.team is None:
            raise Http404
        try:
            response = view(request, report, *args, **kwargs)
        except DraftGoneError:
            report = Report(authority, None, is_expired=True)
            response = HttpResponseRedirect(report.steps[0].url)
        return _begin_again(request, report) if is_lost(request, report, response) else response

    return opened


def _begin_again(request: HttpRequest, report: Report) -> HttpResponse:
    """Show the first page with the words that came too late for their draft."""
    context = {"lost": typed_in(request)}
    step, form = report.steps[0], DescribeForm()
    return show(request, report, step, form, template="describe", context=context, status=REFUSED)


def go_on(report: Report) -> HttpResponse:
    """Lead to the first page that is not done yet, with the report as it is now."""
    if report.draft is None:
        return HttpResponseRedirect(report.steps[0].url)
    report.draft.refresh_from_db()
    return HttpResponseRedirect(Report(report.authority, report.draft).next_step.url)


def show(  # noqa: PLR0913 - a page has so many parts
    request: HttpRequest,
    report: Report,
    step: Step,
    form: Form,
    *,
    template: str,
    context: dict[str, Any] | None = None,
    status: int = 0,
) -> HttpResponse:
    """Render one step; a form with errors answers 422."""
    names = [each.name for each in report.steps]
    before = report.step_before(step.name)
    page = {
        "report": report,
        "step": step,
        "number": names.index(step.name) + 1,
        "total": report.count(),
        "back_url": before.url if before else "",
        "form": form,
        "proof": guard.proof_for(report.draft),
        "is_emergency": mentions_emergency(report.text),
    }
    found = frame(request, report.authority) | page | (context or {})
    code = status or (REFUSED if form.errors else 200)
    return render(request, f"portal/report/{template}.html", found, status=code)


def is_taken(request: HttpRequest, report: Report, form: Form) -> bool:
    """Tell whether a posted form may be taken; what hinders it stands on the form then."""
    if not form.is_valid():
        return False
    hindrance = guard.obstacle(request, report.draft)
    if hindrance:
        form.add_error(None, hindrance)
    return not hindrance


def too_many(request: HttpRequest, report: Report, wait: int) -> HttpResponse:
    """Say that it is too much for now, how long, and how else to reach the town hall."""
    minutes = -(-wait // 60)
    context = frame(request, report.authority) | {
        "minutes": minutes,
        "hours": -(-minutes // 60),
        "report": report,
        "typed": request.POST.get("text", ""),
        "retry_url": request.path,
        "proof": guard.proof_for(report.draft),
    }
    response = render(request, "portal/report/too_many.html", context, status=TOO_MANY)
    response["Retry-After"] = str(wait)
    return response
