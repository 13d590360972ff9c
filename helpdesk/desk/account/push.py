"""Which browsers tell an agent what is new: parts of the profile, called by its script.

A browser that is told carries a signed cookie that names it: whoever signs out, and whoever signs
in there after somebody else, leaves nothing behind that tells the next person.
"""

from typing import Final

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from helpdesk.agents.models import User
from helpdesk.desk.agent import agent_of
from helpdesk.lib.webpush import Browser
from helpdesk.notifications.push import (
    BadBrowserError,
    PushOffError,
    add_browser,
    forget_browser,
    hand_over_browser,
    remove_browser,
)
from helpdesk.permissions.decorators import staff_required

SALT: Final = "push-browser"
# As long as browsers keep one at most; a subscription has no end of its own.
COOKIE_SECONDS: Final = 400 * 24 * 3600


@require_POST
@staff_required
def push_on(request: HttpRequest) -> HttpResponse:
    """Let the browser that asks be told; its script has the leave of who sits before it."""
    given = request.POST
    browser = Browser(*(given.get(name, "") for name in ("endpoint", "p256dh", "auth")))
    try:
        row = add_browser(user=agent_of(request), browser=browser, name=given.get("name", ""))
    except PushOffError:
        return HttpResponse(status=409)
    except BadBrowserError:
        return HttpResponse(status=422)
    messages.success(request, gettext("This browser tells you what is new from now on."))
    response = HttpResponse(status=204)
    response.set_signed_cookie(
        _cookie_name(),
        row.digest,
        salt=SALT,
        max_age=COOKIE_SECONDS,
        secure=settings.SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


@require_POST
@staff_required
def push_off(request: HttpRequest, browser_id: int) -> HttpResponse:
    """Let a browser of one's own be told nothing any more."""
    if not remove_browser(user=agent_of(request), browser_id=browser_id):
        raise Http404
    messages.success(request, gettext("This browser is told nothing any more."))
    return HttpResponseRedirect(reverse("account_profile") + "#push")


def sign_out_browser(request: HttpRequest, user: User, response: HttpResponse) -> None:
    """Tell nothing more to the browser in which ``user`` has just signed out."""
    named = _named(request)
    if named:
        forget_browser(user=user, digest=named)
        response.delete_cookie(_cookie_name(), samesite="Lax")


def take_over_browser(request: HttpRequest, user: User) -> None:
    """Tell nothing of others to a browser in which ``user`` has just signed in."""
    named = _named(request)
    if named:
        hand_over_browser(user=user, digest=named)


def _cookie_name() -> str:
    return "__Host-told" if settings.SECURE else "told"


def _named(request: HttpRequest) -> str:
    return str(request.get_signed_cookie(_cookie_name(), default="", salt=SALT))
