"""What every desk view demands first: staff kind, and then the verb.

Somebody who is not signed in is sent to the sign-in page; somebody who may not
gets the same 404 as for a page that does not exist.
"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase

from helpdesk.permissions.registry import can

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def _refusal(request: HttpRequest) -> HttpResponseBase:
    if request.headers.get("HX-Request"):
        # A fragment request can't be redirected into a page; the script asks to sign in again.
        return HttpResponse(status=401)
    return redirect_to_login(way_back(request))


def way_back(request: HttpRequest) -> str:
    """Return where to go on after signing in: this page, or the one a form was sent from."""
    if request.method in {"GET", "HEAD"}:
        return request.get_full_path()
    came_from = urlsplit(request.headers.get("Referer", ""))
    is_ours = came_from.netloc == request.get_host() and came_from.path.startswith("/a/")
    return came_from.path if is_ours else "/a/"


def staff_required(view: View[P]) -> View[P]:
    """Let only active staff users through, and keep their pages out of every cache."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return _refusal(request)
        if not getattr(request.user, "is_staff_kind", False):
            raise Http404
        response = view(request, *args, **kwargs)
        response.headers.setdefault("Cache-Control", "no-store, private")
        return response

    guarded.demands = "staff"  # type: ignore[attr-defined] # read by the rights matrix
    return guarded


def verb_required(verb: str) -> Callable[[View[P]], View[P]]:
    """Let only staff through whose roles hold ``verb``."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not can(request.user, verb):
                raise Http404
            return view(request, *args, **kwargs)

        wrapped = staff_required(guarded)
        wrapped.demands = verb  # type: ignore[attr-defined] # read by the rights matrix
        return wrapped

    return decorate
