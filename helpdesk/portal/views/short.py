"""Forms of one page: report a barrier, be called back, and the page that says it arrived."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from helpdesk.agents.models import Authority, Team
from helpdesk.lib.tokens import new_nonce
from helpdesk.notifications.handlers import receipt_comes
from helpdesk.portal.frame import frame
from helpdesk.portal.report import guard
from helpdesk.portal.report.emergency import mentions_emergency
from helpdesk.portal.report.quota import spend_report
from helpdesk.portal.report.routing import team_for
from helpdesk.portal.short.arrival import arrived_ticket, forget_arrival, lead_to_arrival
from helpdesk.portal.short.days import halves_ahead
from helpdesk.portal.short.filing import (
    Filing,
    barrier_filing,
    callback_filing,
    file_short,
    filed,
)
from helpdesk.portal.short.forms import BarrierForm, CallbackForm, ShortForm
from helpdesk.sla.queries import promised_answer
from helpdesk.tickets.domain.access import issue_access_code
from helpdesk.tickets.links import status_token, status_url

FORM = require_http_methods(["GET", "HEAD", "POST"])
REFUSED, TOO_MANY = 422, 429
LONGEST_PAGE = 500


@FORM
@never_cache
def barrier(request: HttpRequest) -> HttpResponse:
    """Take in what did not work for somebody, from whichever page they come."""
    context, authority, team = _town(request)
    initial = {"page": request.GET.get("seite", "")[:LONGEST_PAGE], "key": new_nonce()}
    form = BarrierForm(request.POST if request.method == "POST" else None, initial=initial)
    page = _Page(request, "barrier", context, form)
    return page.answered(lambda: barrier_filing(authority, team, form))


@FORM
@never_cache
def callback(request: HttpRequest) -> HttpResponse:
    """Take in that somebody wants to be called, when and about what."""
    context, authority, team = _town(request)
    form = CallbackForm(
        request.POST if request.method == "POST" else None,
        initial={"key": new_nonce()},
        halves=halves_ahead(authority.calendar),
    )
    page = _Page(request, "callback", context, form)
    return page.answered(lambda: callback_filing(authority, team, form))


def _town(request: HttpRequest) -> tuple[dict[str, Any], Authority, Team]:
    context = frame(request)
    authority = context["authority"]
    team = team_for(authority) if authority else None
    if team is None:
        raise Http404
    return context, authority, team


class _Page:
    """One form on one page; whatever is wrong, everything typed stays in it."""

    def __init__(
        self, request: HttpRequest, name: str, context: dict[str, Any], form: ShortForm
    ) -> None:
        """Take the page's name, which is that of its template."""
        self.request, self.name, self.context, self.form = request, name, context, form

    def answered(self, filing_of: Callable[[], Filing]) -> HttpResponse:
        """File what was sent and lead on, or show the form with what is to be done."""
        if self.request.method != "POST":
            return self._shown(200)
        if not self.form.is_valid() or not self._is_taken():
            return self._shown(REFUSED)
        filing = filing_of()
        # Whoever sends the same once more has been counted.
        known = filed(filing)
        wait = 0 if known else spend_report(self.request)
        if wait:
            self.form.add_error(None, _too_many(wait))
            response = self._shown(TOO_MANY)
            response["Retry-After"] = str(wait)
            return response
        return lead_to_arrival(known or file_short(filing))

    def _is_taken(self) -> bool:
        hindrance = guard.obstacle(self.request, None)
        if not hindrance and guard.is_too_quick(self.request):
            hindrance = _(
                "That was very quick. Please look at what you entered and press the button again."
            )
        if hindrance:
            self.form.add_error(None, hindrance)
        return not hindrance

    def _shown(self, status: int) -> HttpResponse:
        context = self.context | {"form": self.form, "proof": guard.proof_for(None)}
        return render(self.request, f"portal/short/{self.name}.html", context, status=status)


def _too_many(wait: int) -> str:
    minutes = -(-wait // 60)
    return ngettext(
        "A lot was sent from your network in a short time. Please wait %(minutes)d minute and"
        " press the button again, or reach us in one of the ways below.",
        "A lot was sent from your network in a short time. Please wait %(minutes)d minutes and"
        " press the button again, or reach us in one of the ways below.",
        minutes,
    ) % {"minutes": minutes}


@require_safe
@never_cache
def arrived(request: HttpRequest) -> HttpResponse:
    """Say that it arrived, under which number, and what comes next; survives a reload."""
    ticket = arrived_ticket(request)
    if ticket is None:
        return HttpResponseRedirect(reverse("portal:home"))
    has_mail = receipt_comes(ticket)
    context = frame(request, ticket.authority) | {
        "ticket": ticket,
        "has_mail": has_mail,
        "status_url": status_url(ticket),
        "status_path": reverse("portal:status", args=[status_token(ticket)]),
        "code": "" if has_mail else issue_access_code(ticket),
        "promised": promised_answer(ticket),
        "now": timezone.now(),
        "is_emergency": mentions_emergency(ticket.snippet),
    }
    return render(request, "portal/short/arrived.html", context)


@require_POST
@never_cache
def forget(request: HttpRequest) -> HttpResponse:
    """Forget on this device what was sent, for those who share it."""
    del request
    response = HttpResponseRedirect(reverse("portal:home"))
    forget_arrival(response)
    return response
