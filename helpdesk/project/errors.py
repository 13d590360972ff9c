"""Pages for what went wrong: helpful, in the portal's look, telling nothing about the inside."""

import logging
import secrets
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from helpdesk.api.problems import Problem, plain_response, to_problem
from helpdesk.portal.frame import footer, frame
from helpdesk.portal.report.keeping import LARGEST, MEGABYTE
from helpdesk.project.bounds import MARK

API = "/api/"
DESK = "/a/"
ACCOUNT = "/a/konto/"
# What was typed is given back; secrets are typed below the account only.
SHORTEST, MOST_TEXTS, LONGEST = 20, 10, 50_000
log = logging.getLogger("anliegen.errors")
LARGEST_FILE = LARGEST // MEGABYTE


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what can't be understood, such as a form with too many fields."""
    if request.path.startswith(API):
        return plain_response(to_problem(exception))
    return render(request, "errors/400.html", frame(request), status=400)


def not_there(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer the same for what does not exist and for what may not be seen."""
    del exception
    if request.path.startswith(API):
        return plain_response(Problem("not_found"))
    context = frame(request, is_there=False) | {"may_search": _is_staff_at_desk(request)}
    return render(request, "errors/404.html", context, status=404)


def _is_staff_at_desk(request: HttpRequest) -> bool:
    user = getattr(request, "user", None)
    return request.path.startswith(DESK) and bool(getattr(user, "is_staff_kind", False))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a refused form or origin."""
    del exception
    return render(request, "errors/403.html", frame(request), status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form whose protection token is missing or old."""
    del reason
    return render(request, "errors/403.html", frame(request), status=403)


def refuse_large(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[..., HttpResponse]:
    """Answer what :mod:`helpdesk.project.bounds` found too large, in the portal's words."""

    def answered(request: HttpRequest) -> HttpResponse:
        if not getattr(request, "scope", {}).get(MARK):
            return get_response(request)
        context = frame(request) | {"largest": LARGEST_FILE, "back": request.path}
        return render(request, "errors/413.html", context, status=413)

    return answered


def _typed_texts(request: HttpRequest) -> list[str]:
    """Return the longer texts of a form that could not be taken, so that nobody types twice."""
    if request.method != "POST" or request.path.startswith(ACCOUNT):
        return []
    fields = (str(text) for name, text in request.POST.items() if name != "csrfmiddlewaretoken")
    return [text[:LONGEST] for text in fields if len(text) >= SHORTEST][:MOST_TEXTS]


def broken(request: HttpRequest) -> HttpResponse:
    """Answer an unexpected failure with a number that stands in the log."""
    incident = secrets.token_hex(4)
    log.error("Incident %s at %s", incident, request.resolver_match)
    if request.path.startswith(API):
        return plain_response(Problem("server_error", more={"incident": incident}))
    try:
        context = {**frame(request), "incident": incident, "texts": _typed_texts(request)}
    except Exception:  # noqa: BLE001 - the database may be what is broken
        context = {"incident": incident, "authority": None, "footer_nav": footer(request)}
    return render(request, "errors/500.html", context, status=500)
