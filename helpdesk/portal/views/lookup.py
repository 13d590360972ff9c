"""Finding a request again without its link: by reference and mail address, or by access code."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from helpdesk.notifications.status_links import ask_for_link
from helpdesk.portal.forms import CodeForm, LookupForm
from helpdesk.portal.frame import frame
from helpdesk.portal.opening import mark_open
from helpdesk.portal.throttle import seconds_to_wait, too_often
from helpdesk.tickets.domain.access import find_by_access_code
from helpdesk.tickets.links import status_token

FORM = require_http_methods(["GET", "HEAD", "POST"])


def _town(context: dict[str, Any]) -> str:
    authority = context["authority"]
    return authority.reference_prefix if authority else ""


@FORM
@never_cache
def lookup(request: HttpRequest) -> HttpResponse:
    """Take reference and address; answer and work are the same whatever they name."""
    context = frame(request)
    form = LookupForm(request.POST or None, town=_town(context))
    if request.method != "POST" or not form.is_valid():
        status = 422 if request.method == "POST" else 200
        return render(request, "portal/lookup.html", context | {"form": form}, status=status)
    wait = seconds_to_wait(request, "lookup")
    if wait:
        return too_often(request, wait)
    if context["authority"] is not None:
        ask_for_link(
            authority_id=context["authority"].pk,
            reference=form.cleaned_data["reference"],
            email=form.cleaned_data["email"],
        )
    return HttpResponseRedirect(reverse("portal:lookup_sent"))


@require_safe
@never_cache
def lookup_sent(request: HttpRequest) -> HttpResponse:
    """Say what happens now, the same to everybody."""
    return render(request, "portal/lookup_sent.html", frame(request))


@FORM
@never_cache
def by_code(request: HttpRequest) -> HttpResponse:
    """Open the request that a reference and its access code name."""
    context = frame(request)
    form = CodeForm(request.POST or None, town=_town(context))
    if request.method == "POST" and form.is_valid():
        wait = seconds_to_wait(request, "code")
        if wait:
            return too_often(request, wait)
        found = _opened(form, context)
        if found is not None:
            return found
        form.add_error(None, gettext("Reference and access code do not belong together."))
    status = 422 if request.method == "POST" else 200
    return render(request, "portal/lookup_code.html", context | {"form": form}, status=status)


def _opened(form: CodeForm, context: dict[str, Any]) -> HttpResponse | None:
    authority = context["authority"]
    ticket = authority and find_by_access_code(
        authority_id=authority.pk,
        reference=form.cleaned_data["reference"],
        code=form.cleaned_data["code"],
    )
    if not ticket:
        return None
    token = status_token(ticket)
    response = HttpResponseRedirect(reverse("portal:status", args=[token]))
    mark_open(response, ticket, token)
    return response
