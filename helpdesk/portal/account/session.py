"""Who is signed in to an account of the portal, by a cookie that nothing else reads.

It holds a random key whose digest is a row (accounts.AccountSession). Django's own session is
that of those who work here; neither leads into the other (docs/adr/0082).
"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache

from helpdesk.accounts.domain.sessions import Entered
from helpdesk.accounts.models import AccountSession
from helpdesk.accounts.queries import session_of
from helpdesk.agents.models import Authority
from helpdesk.portal.frame import authority_of

LONGEST_WAY = 200
YEAR = 366 * 24 * 3600


def _name() -> str:
    return "__Host-citizen" if settings.SECURE else "citizen"


def town_of(request: HttpRequest) -> Authority:
    """Return the authority; where it offers no accounts their pages do not exist."""
    authority = authority_of(request)
    if authority is None or not authority.offers_accounts:
        raise Http404
    return authority


def holder_of(request: HttpRequest) -> AccountSession | None:
    """Return the session of this browser, None while nobody is signed in to an account."""
    key = request.COOKIES.get(_name(), "")
    authority = authority_of(request) if key else None
    if authority is None or not authority.offers_accounts:
        return None
    return session_of(authority_id=authority.pk, key=key)


def remember(response: HttpResponseBase, entered: Entered) -> None:
    """Sign this browser in until it is closed, for eight hours at most."""
    response.set_cookie(_name(), entered.key, secure=settings.SECURE, httponly=True, samesite="Lax")


def forget(response: HttpResponseBase) -> None:
    """Sign this browser out."""
    response.delete_cookie(_name(), samesite="Lax")


def speak(response: HttpResponseBase, language: str) -> None:
    """Let the portal speak the language of the account."""
    if language in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=YEAR,
            secure=settings.SECURE,
            httponly=True,
            samesite="Lax",
        )


def inner(target: str) -> str:
    """Return ``target`` if it is a path of ours, else ""."""
    is_plain = len(target) <= LONGEST_WAY and not any(sign <= " " for sign in target)
    if is_plain and target.startswith("/") and url_has_allowed_host_and_scheme(target, None):
        return target
    return ""


def to_sign_in(back: str = "") -> HttpResponse:
    """Go to the page for signing in, and from there to ``back``."""
    query = f"?{urlencode({'next': back})}" if inner(back) else ""
    return HttpResponseRedirect(reverse("portal:sign_in") + query)


View = Callable[..., HttpResponse]


def private(view: View) -> View:
    """Keep a page of accounts from caches and search engines; it is there where accounts are."""

    @wraps(view)
    @never_cache
    def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        town_of(request)
        response = view(request, **kwargs)
        response["Referrer-Policy"] = "same-origin"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return guarded


def for_holder(view: View) -> View:
    """Give the view the session of whoever is signed in; all others are asked to sign in."""

    @private
    @wraps(view)
    def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        session = holder_of(request)
        if session is None:
            is_page = request.method in {"GET", "HEAD"}
            return to_sign_in(request.get_full_path() if is_page else "")
        return view(request, session, **kwargs)

    return guarded
