"""What is known nearby already: follow it, or go on with one's own report."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from helpdesk.notifications.following import Wish, ask_to_follow
from helpdesk.notifications.portal_mails import FOLLOW_LINK, may_send, take_turn
from helpdesk.portal.account.contact import known_contact
from helpdesk.portal.frame import frame
from helpdesk.portal.report import guard
from helpdesk.portal.report.filing import language_of
from helpdesk.portal.report.forms import LaterForm
from helpdesk.portal.report.nearby import Known, keep_answer, known_to
from helpdesk.portal.report.pages import REFUSED, TOO_MANY, go_on, is_taken, show, with_report
from helpdesk.portal.report.state import Report
from helpdesk.portal.report.views.later import refusal
from helpdesk.portal.throttle import asker_of, seconds_to_wait

OTHER = "other"
FORM = require_http_methods(["GET", "HEAD", "POST"])


class NearbyForm(forms.Form):
    """One of those that are known, or none; who answers nothing goes on."""

    known = forms.CharField(required=False, max_length=40)


@FORM
@with_report
def nearby(request: HttpRequest, report: Report) -> HttpResponse:
    """Ask whether it is one of those that are known nearby; say so if they ended meanwhile."""
    step = report.find_step("nearby")
    if step is None or report.draft is None:
        return go_on(report)
    found = known_to(report)
    form = NearbyForm(request.POST or None)
    if request.method == "POST" and is_taken(request, report, form):
        chosen = form.cleaned_data["known"]
        if chosen in found:
            return HttpResponseRedirect(reverse("portal:report_follow", args=[chosen]))
        is_over = chosen not in {"", OTHER}
        if not is_over or not found:
            if is_over:
                messages.info(request, gettext("What you chose is no longer open."))
            keep_answer(report, is_other=True)
            return go_on(report)
        form.add_error(None, gettext("What you chose is no longer open. Please choose again."))
    context = {"found": list(found.values()), "other": OTHER, "topic": report.topic}
    return show(request, report, step, form, template="nearby", context=context)


@FORM
@with_report
def follow(request: HttpRequest, report: Report, handle: str) -> HttpResponse:
    """Ask for the address to which news of a known request go, and send the first mail there."""
    known = known_to(report).get(handle) if report.find_step("nearby") else None
    if known is None:
        messages.info(request, gettext("What you chose is no longer open."))
        return go_on(report)
    contact = report.data.get("contact") or known_contact(request) or {}
    form = LaterForm(request.POST or None, initial={"email": contact.get("email", "")})
    status = 200
    if request.method == "POST":
        status = REFUSED
        if is_taken(request, report, form):
            wait = seconds_to_wait(request, "follow")
            if not wait and _asked(request, known, form.cleaned_data["email"]):
                return HttpResponseRedirect(reverse("portal:report_follow_sent"))
            status = TOO_MANY if wait else REFUSED
            form.add_error("email", refusal(wait))
    context = frame(request, report.authority) | {
        "form": form,
        "report": report,
        "known": known,
        "proof": guard.proof_for(report.draft),
        "may_send": may_send(report.authority.pk),
        "back_url": reverse("portal:report_nearby"),
    }
    return render(request, "portal/report/follow.html", context, status=status)


def _asked(request: HttpRequest, known: Known, email: str) -> bool:
    turn = take_turn(kind=FOLLOW_LINK, email=email, asker=asker_of(request))
    wish = Wish(known.ticket_id, email, language_of(), turn)
    return ask_to_follow(wish=wish)


@require_safe
@with_report
def follow_sent(request: HttpRequest, report: Report) -> HttpResponse:
    """Say that a mail is on its way, and that one's own words are still there."""
    if report.draft is None or report.find_step("nearby") is None:
        return go_on(report)
    context = frame(request, report.authority) | {"report": report}
    context |= {"until": report.draft.expires_at, "back_url": reverse("portal:report_nearby")}
    return render(request, "portal/report/follow_sent.html", context)
