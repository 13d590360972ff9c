"""The page of somebody who follows a request that another citizen has made.

It tells how far that has got and what the town says of it to all who follow; no word of the
citizen, and no number that would open more. Mail scanners follow links, so that following one
changes nothing.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from helpdesk.notifications.following import (
    confirm_follower,
    find_follower,
    is_dropped,
    news_for,
    stop_following,
    topic_for,
)
from helpdesk.notifications.models import Follower
from helpdesk.portal.frame import authority_of, frame
from helpdesk.portal.throttle import seconds_to_wait, too_often
from helpdesk.tickets.domain.threading import follow_merges
from helpdesk.tickets.enums import ENDED, Status
from helpdesk.tickets.models import Ticket

View = Callable[[HttpRequest, Follower, str], HttpResponseBase]


def for_follower(view: View) -> Callable[..., HttpResponseBase]:
    """Give the view whose token it is; a wrong one, or one that ended, says what to do."""

    @wraps(view)
    @never_cache
    def guarded(request: HttpRequest, token: str) -> HttpResponseBase:
        response = _answer(view, request, token)
        response["Referrer-Policy"] = "same-origin"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return guarded


def _answer(view: View, request: HttpRequest, token: str) -> HttpResponseBase:
    authority = authority_of(request)
    if authority is None:
        raise Http404
    follower = find_follower(authority_id=authority.pk, token=token)
    if follower is None:
        return render(request, "portal/follow_unknown.html", frame(request, authority), status=404)
    wait = seconds_to_wait(request, "act") if request.method == "POST" else 0
    if wait:
        return too_often(request, wait)
    chosen = settings.LANGUAGE_COOKIE_NAME in request.COOKIES
    known = follower.language in authority.languages and not chosen
    with translation.override(follower.language if known else translation.get_language()):
        return view(request, follower, token)


@require_http_methods(["GET", "HEAD", "POST"])
@for_follower
def follow(request: HttpRequest, follower: Follower, token: str) -> HttpResponse:
    """Show how far it has got; before that a button, by which somebody says that they meant it."""
    if request.method == "POST":
        confirm_follower(follower_id=follower.pk)
        return HttpResponseRedirect(reverse("portal:follow", args=[token]))
    ticket = follow_merges(follower.ticket)
    is_ended = ticket.status in ENDED
    context: dict[str, Any] = frame(request, ticket.authority) | {
        "token": token,
        "topic": topic_for(follower),
        "received_at": follower.ticket.received_at,
        "is_ended": is_ended,
        "is_dropped": is_dropped(ticket),
        "state": _state(ticket),
        "news": news_for(follower),
    }
    name = "follow" if follower.confirmed_at else "follow_confirm"
    return render(request, f"portal/{name}.html", context)


def _state(ticket: Ticket) -> str:
    if is_dropped(ticket):
        return _("Closed")
    if ticket.status in ENDED:
        return _("Done")
    return _("Received") if ticket.status == Status.NEW else _("Being worked on")


@require_POST
@for_follower
def stop(request: HttpRequest, follower: Follower, token: str) -> HttpResponse:
    """Forget whoever follows, with their address."""
    del token
    authority = follower.ticket.authority
    stop_following(follower_id=follower.pk)
    return render(request, "portal/follow_stopped.html", frame(request, authority))
