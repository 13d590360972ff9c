"""The portal's entrance, its language and its colours."""

import re

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET

from channels_in.models import Account
from helpdesk.portal.frame import authority_of, frame

YEAR = 366 * 24 * 3600
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Say how to reach the authority, and that nobody needs an account."""
    context = frame(request)
    accounts = Account.objects.filter(authority=context["authority"], is_active=True)
    context["mailboxes"] = accounts.select_related("team").order_by("team__name", "address")
    return render(request, "portal/home.html", context)


@require_GET
def language(request: HttpRequest, code: str) -> HttpResponse:
    """Remember the language in a cookie and go back to the page; only within this site."""
    if code not in dict(settings.LANGUAGES):
        raise Http404
    target = request.GET.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts=None):
        target = "/"
    response = HttpResponseRedirect(target)
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        code,
        max_age=YEAR,
        secure=settings.SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


@require_GET
@cache_control(max_age=300, public=True)
def brand_css(request: HttpRequest) -> HttpResponse:
    """Return the authority's colours as a style sheet of custom properties."""
    authority = authority_of(request)
    rules = ""
    if authority and _COLOUR.fullmatch(authority.color_light):
        rules += f":root{{--brand-light:{authority.color_light}}}"
    if authority and _COLOUR.fullmatch(authority.color_dark):
        rules += f":root{{--brand-dark:{authority.color_dark}}}"
    return HttpResponse(rules, content_type="text/css; charset=utf-8")
