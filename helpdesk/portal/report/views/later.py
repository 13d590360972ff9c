"""Going on later: a link by mail to what was typed, good for 30 days.

Mail scanners follow links, so that following one only shows a button; pressing it lets this
browser go on.
"""

import math
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from helpdesk.forms.domain.drafts import LIFETIME_WITH_LINK, keep_for_later
from helpdesk.forms.queries import draft_of_link
from helpdesk.forms.resuming import key_of
from helpdesk.notifications.account_mails import absolute
from helpdesk.notifications.portal_mails import (
    DRAFT_LINK,
    PortalMail,
    Turn,
    may_send,
    queue_portal_mail,
    take_turn,
)
from helpdesk.portal.frame import authority_of, frame
from helpdesk.portal.report import guard
from helpdesk.portal.report.filing import language_of
from helpdesk.portal.report.forms import LaterForm
from helpdesk.portal.report.pages import go_on, is_taken, with_report
from helpdesk.portal.report.state import Report, remember_key
from helpdesk.portal.throttle import asker_of, seconds_to_wait

REFUSED, TOO_MANY, GONE = 422, 429, 410
FORM = require_http_methods(["GET", "HEAD", "POST"])


@FORM
@with_report
def later(request: HttpRequest, report: Report) -> HttpResponse:
    """Ask for the address to which the link goes, and send it."""
    if report.draft is None:
        return go_on(report)
    known = report.data.get("contact", {}).get("email", "")
    form = LaterForm(request.POST if request.method == "POST" else None, initial={"email": known})
    status = 200
    if request.method == "POST":
        status = REFUSED
        if is_taken(request, report, form):
            wait = seconds_to_wait(request, "later")
            if not wait and _sent(request, report, form.cleaned_data["email"]):
                return HttpResponseRedirect(reverse("portal:report_later_sent"))
            status = TOO_MANY if wait else REFUSED
            form.add_error("email", refusal(wait))
    context = frame(request, report.authority) | {
        "form": form,
        "report": report,
        "proof": guard.proof_for(report.draft),
        "may_send": may_send(report.authority.pk),
        "back_url": report.next_step.url,
    }
    return render(request, "portal/report/later.html", context, status=status)


def _sent(request: HttpRequest, report: Report, email: str) -> bool:
    turn = take_turn(kind=DRAFT_LINK, email=email, asker=asker_of(request))
    return _mail(report, email, turn)


@transaction.atomic
def _mail(report: Report, email: str, turn: Turn) -> bool:
    """Keep the draft and mail the link to it, both or neither; False where no mail may leave."""
    assert report.draft is not None  # noqa: S101 - the page is behind a draft
    token = keep_for_later(draft_id=report.draft.pk)
    path = reverse("portal:report_resume", args=[token])
    mail = PortalMail(
        kind=DRAFT_LINK,
        authority=report.authority,
        email=email,
        link=absolute(path, report.authority),
        language=language_of(),
        turn=turn,
        lasts=LIFETIME_WITH_LINK,
    )
    is_queued = queue_portal_mail(mail=mail)
    transaction.set_rollback(not is_queued)
    return is_queued


def refusal(wait: int) -> str:
    """Say why no mail leaves: too many for its address, or from this network."""
    if not wait:
        return _(
            "We can't send a link to this address now. If you asked for one before, look into"
            " your mailbox; otherwise use another address or try again later."
        )
    minutes = math.ceil(wait / 60)
    return ngettext(
        "Links were asked for very often from your network. Please wait %(minutes)d minute.",
        "Links were asked for very often from your network. Please wait %(minutes)d minutes.",
        minutes,
    ) % {"minutes": minutes}


@require_safe
@with_report
def later_sent(request: HttpRequest, report: Report) -> HttpResponse:
    """Say that the link is on its way."""
    if report.draft is None:
        return go_on(report)
    context = frame(request, report.authority) | {"report": report}
    context |= {"until": report.draft.expires_at, "back_url": report.next_step.url}
    return render(request, "portal/report/later_sent.html", context)


def _private(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Keep a page behind a secret link from caches, search engines and other sites."""

    @wraps(view)
    @never_cache
    def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        response = view(request, **kwargs)
        response["Referrer-Policy"] = "same-origin"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return guarded


@FORM
@_private
def resume(request: HttpRequest, token: str) -> HttpResponse:
    """Show the button by which somebody goes on, and let this browser do so by POST."""
    authority = authority_of(request)
    if authority is None:
        raise Http404
    draft = draft_of_link(authority_id=authority.pk, token=token)
    context = frame(request, authority)
    if draft is None:
        return render(request, "portal/report/resume_gone.html", context, status=GONE)
    if request.method != "POST":
        more = {"draft": draft, "token": token}
        return render(request, "portal/report/resume.html", context | more)
    response = HttpResponseRedirect(Report(authority, draft).next_step.url)
    remember_key(response, key_of(token))
    return response
