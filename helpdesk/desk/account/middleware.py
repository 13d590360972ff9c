"""Ends staff sessions that are too old, and sends administrators to their second factor."""

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from helpdesk.agents.domain.signin import lacks_second_factor, session_goes_on
from helpdesk.agents.models import User
from helpdesk.desk.ahead import BY_ITSELF, is_ahead, is_opened
from helpdesk.permissions.decorators import way_back
from helpdesk.ui.storage import asset_version

DESK = "/a/"
ACCOUNT = "/a/konto/"
CHECKED = "second_factor_checked"
# A script of an open page asks, which can't show another page in place of an answer.
BY_SCRIPT = (BY_ITSELF, "HX-Request", "X-Requested-With")

Respond = Callable[[HttpRequest], HttpResponseBase]


def staff_sessions(respond: Respond) -> Respond:
    """Guard every page of the desk; the portal needs no session and is left alone."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if not request.path.startswith(DESK):
            return respond(request)
        user = request.user
        if not isinstance(user, User):
            return respond(request)
        if not session_goes_on(request.session, is_used=_is_use(request)):
            return _session_over(request)
        if _must_add_second_factor(request, user):
            return _to_second_factor(request)
        with translation.override(user.language):
            request.LANGUAGE_CODE = user.language
            response = respond(request)
        # A page that was loaded before an upgrade learns of it by this.
        response.headers["X-Version"] = asset_version()
        return response

    return middleware


def _is_use(request: HttpRequest) -> bool:
    """Tell whether somebody did something: what is fetched ahead is used when it is opened."""
    if is_ahead(request):
        return False
    return BY_ITSELF not in request.headers or is_opened(request)


def _session_over(request: HttpRequest) -> HttpResponseBase:
    if is_ahead(request):
        # Said to whoever opens a page; what is refused is not kept for them.
        return HttpResponse(status=401)
    logout(request)
    if BY_ITSELF in request.headers or request.headers.get("HX-Request"):
        # A fragment can't become the sign-in page; the script asks to sign in again.
        return HttpResponse(status=401)
    messages.info(request, gettext("You were signed out after a long time. Please sign in again."))
    return redirect_to_login(way_back(request))


def _must_add_second_factor(request: HttpRequest, user: User) -> bool:
    if settings.DEMO or request.path.startswith(ACCOUNT) or request.session.get(CHECKED):
        return False
    if lacks_second_factor(user):
        return True
    request.session[CHECKED] = True
    return False


def _to_second_factor(request: HttpRequest) -> HttpResponseBase:
    if is_ahead(request) or any(name in request.headers for name in BY_SCRIPT):
        # The way there would be followed, and its page makes a new secret each time.
        return HttpResponse(status=401)
    messages.info(
        request,
        gettext("Your authority demands a second factor from administrators. Set it up now."),
    )
    return HttpResponseRedirect(reverse("mfa_activate_totp"))
