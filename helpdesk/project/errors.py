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
    return render(request, "errors/404.html", frame(request, is_there=False), status=404)


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


def broken(request: HttpRequest) -> HttpResponse:
    """Answer an unexpected failure with a number that stands in the log."""
    incident = secrets.token_hex(4)
    log.error("Incident %s at %s", incident, request.resolver_match)
    if request.path.startswith(API):
        return plain_response(Problem("server_error", more={"incident": incident}))
    try:
        context = {**frame(request), "incident": incident}
    except Exception:  # noqa: BLE001 - the database may be what is broken
        context = {"incident": incident, "authority": None, "footer_nav": footer(request)}
    return render(request, "errors/500.html", context, status=500)
