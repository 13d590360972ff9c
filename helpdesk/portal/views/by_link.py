"""What all pages behind a secret link have in common: one request, kept to whoever holds it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.views.decorators.cache import never_cache

from helpdesk.portal.account.session import holder_of
from helpdesk.portal.frame import frame
from helpdesk.portal.opening import is_open, mark_open
from helpdesk.portal.throttle import seconds_to_wait, too_often
from helpdesk.portal.views.own import ask_to_sign_in, find_own, named_by, own_token
from helpdesk.tickets.domain.access import find_survivor
from helpdesk.tickets.links import find_by_token, status_token
from helpdesk.tickets.models import Ticket


@dataclass(frozen=True, slots=True)
class Link:
    """A link that opens something: its ticket, and the token as the browser has it."""

    ticket: Ticket
    token: str
    # Opened by the account that is signed in, not by a secret.
    is_own: bool = False

    def address(self, page: str = "status") -> str:
        """Return the address of one of the pages behind this link."""
        return reverse(f"portal:{page}", args=[self.token])


View = Callable[..., HttpResponseBase]
# Their forms bring what somebody has written; a browser sends it once more (RFC 9110, 15.4.8).
WITH_WORDS = frozenset({"reply", "reopen"})


def by_link(view: View) -> View:
    """Give the view the :class:`Link` of its token; a wrong, void or old one says what to do.

    The answer is for no cache and no search engine, and its address goes to no other
    site. It is not ``no-referrer``, with which browsers send no origin along either
    and every form of these pages would be refused as forged.
    """

    @wraps(view)
    @never_cache
    def guarded(request: HttpRequest, token: str, **kwargs: Any) -> HttpResponseBase:
        response = _answer(view, request, token, kwargs)
        response["Referrer-Policy"] = "same-origin"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return guarded


def _answer(
    view: View, request: HttpRequest, token: str, kwargs: dict[str, Any]
) -> HttpResponseBase:
    named = named_by(token)
    if named is not None and holder_of(request) is None:
        return ask_to_sign_in(request)
    ticket = find_by_token(token) if named is None else find_own(request, named)
    if ticket is None:
        return render(request, "portal/status_unknown.html", frame(request), status=404)
    wait = seconds_to_wait(request, "act") if request.method == "POST" else 0
    if wait:
        return too_often(request, wait)
    survivor = find_survivor(ticket)
    if survivor is not None:
        goes_on = status_token(survivor) if named is None else own_token(survivor)
        return _to_survivor(request, goes_on)
    with translation.override(_language(request, ticket)):
        return view(request, Link(ticket, token, is_own=named is not None), **kwargs)


def _to_survivor(request: HttpRequest, token: str) -> HttpResponseBase:
    """Lead to where a merged request goes on; words that were sent go along and arrive there."""
    match = request.resolver_match
    page = match.url_name if match is not None else None
    if request.method == "POST" and page in WITH_WORDS:
        address = reverse(f"portal:{page}", args=[token])
        return HttpResponseRedirect(address, preserve_request=True)
    return HttpResponseRedirect(reverse("portal:status", args=[token]))


def _language(request: HttpRequest, ticket: Ticket) -> str | None:
    """Return the language the citizen chose here, else that of the request."""
    chosen = settings.LANGUAGE_COOKIE_NAME in request.COOKIES
    known = ticket.language in ticket.authority.languages
    return ticket.language if known and not chosen else translation.get_language()


def opens(request: HttpRequest, link: Link) -> bool:
    """Tell whether the request's words may be read here: it is one's own, or was opened."""
    return link.is_own or is_open(request, link.ticket)


def keep_open(response: HttpResponseBase, link: Link) -> None:
    """Let this browser read on; one's own request closes with the account."""
    if not link.is_own:
        mark_open(response, link.ticket, link.token)


def show(
    request: HttpRequest, link: Link, template: str, status: int = 200, **more: Any
) -> HttpResponseBase:
    """Render a page about the link's request in the frame of its authority."""
    ticket = link.ticket
    context = frame(request, ticket.authority) | {"ticket": ticket, "token": link.token}
    context["is_own"] = link.is_own
    return render(request, f"portal/{template}", {**context, **more}, status=status)
