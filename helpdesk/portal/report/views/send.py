"""The last pages: check, send, and what happens next."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from helpdesk.forms.models import DraftFile
from helpdesk.forms.schema import Kind
from helpdesk.forms.validate import asked, show_answer
from helpdesk.notifications.handlers import receipt_comes
from helpdesk.portal.frame import frame
from helpdesk.portal.report.filing import file_report, filed_ticket, is_filed, language_of
from helpdesk.portal.report.forms import ANONYMOUS, LETTER, MAIL, PHONE, SendForm
from helpdesk.portal.report.guard import is_hasty
from helpdesk.portal.report.pages import go_on, is_taken, show, too_many, with_report
from helpdesk.portal.report.quota import spend_report
from helpdesk.portal.report.state import Report
from helpdesk.sla.queries import promised_answer, usual_days
from helpdesk.tickets.domain.access import issue_access_code
from helpdesk.tickets.links import status_token, status_url
from helpdesk.tickets.models import Category


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the page on which everything is checked."""

    label: str
    value: str
    url: str
    is_private: bool = False
    files: tuple[DraftFile, ...] = ()
    topic: Category | None = None


@require_http_methods(["GET", "HEAD", "POST"])
@with_report
def check(request: HttpRequest, report: Report) -> HttpResponse:
    """Show everything once more, and send it by POST; what was sent already has arrived."""
    if report.sent:
        return HttpResponseRedirect(reverse("portal:report_done"))
    if report.draft is None or not report.is_complete:
        return go_on(report)
    form = SendForm(request.POST or None)
    if request.method == "POST" and is_taken(request, report, form) and _is_calm(report, form):
        # Whoever sends the same once more has been counted.
        wait = 0 if is_filed(report.draft) else spend_report(request)
        if wait:
            return too_many(request, report, wait)
        file_report(report)
        return HttpResponseRedirect(reverse("portal:report_done"))
    context = {"rows": rows_of(report)}
    return show(request, report, report.steps[-1], form, template="check", context=context)


def _is_calm(report: Report, form: SendForm) -> bool:
    assert report.draft is not None  # noqa: S101 - complete reports have one
    if not is_hasty(report.draft):
        return True
    form.add_error(
        None, _("That was very quick. Please look at what you entered and press the button again.")
    )
    return False


def rows_of(report: Report) -> list[Row]:
    """Return question and answer of every step with the way back to it."""
    urls = {step.name: step.url for step in report.steps}
    topic = report.topic
    rows = [
        Row(_("Your request"), report.text, urls["describe"]),
        Row(_("Topic"), "" if topic else _("None of the topics"), urls["topic"], topic=topic),
    ]
    language = language_of()
    for one in asked(report.questions, report.answers):
        files = tuple(report.files_of(one.key)) if one.kind == Kind.FILE else ()
        value = "" if files else show_answer(one, report.answers.get(one.key, ""), language)
        url = urls[f"question {one.key}"]
        rows.append(Row(one.text(language), value or _or_dash(files), url, files=files))
    if "place" in urls:
        rows.append(Row(_("Place"), _place(report), urls["place"]))
    if "photos" in urls:
        photos = tuple(report.files_of(""))
        rows.append(Row(_("Photos"), _or_dash(photos), urls["photos"], files=photos))
    rows.append(Row(_("Contact"), _contact(report), urls["contact"], is_private=True))
    return rows


def _or_dash(files: tuple[DraftFile, ...]) -> str:
    return "" if files else _("not given")


def _place(report: Report) -> str:
    place = report.place
    point = _("Point on the map") if place.get("latitude") else ""
    return "\n".join(filter(None, (place.get("place", ""), point))) or _("not given")


def _contact(report: Report) -> str:
    contact = report.data.get("contact", {})
    name = contact.get("name", "")
    ways = {
        MAIL: (name, contact.get("email", "")),
        PHONE: (name, contact.get("phone", "")),
        LETTER: (name, contact.get("address", "")),
        ANONYMOUS: (_("Anonymous"),),
    }
    return "\n".join(filter(None, ways[contact["way"]]))


@require_safe
@with_report
def done(request: HttpRequest, report: Report) -> HttpResponse:
    """Say that it arrived, under which number, and what comes next; survives a reload."""
    ticket = filed_ticket(report.sent) if report.sent else None
    if ticket is None:
        return go_on(report)
    has_mail = receipt_comes(ticket)
    context: dict[str, Any] = frame(request, report.authority) | {
        "ticket": ticket,
        "has_mail": has_mail,
        "status_url": status_url(ticket),
        "status_path": reverse("portal:status", args=[status_token(ticket)]),
        "code": "" if has_mail else issue_access_code(ticket),
        "promised": promised_answer(ticket),
        "usual_days": usual_days(ticket),
        "now": timezone.now(),
    }
    return render(request, "portal/report/done.html", context)
