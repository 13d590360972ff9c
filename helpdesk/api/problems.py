"""Every refusal as a problem (RFC 9457): a code for programs, a sentence for people."""

import logging
import math
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.db import OperationalError
from django.http import Http404, HttpResponse
from rest_framework import exceptions
from rest_framework.response import Response

from helpdesk.events.publish import canonical

log = logging.getLogger("anliegen.api")

CONTENT_TYPE: Final = "application/problem+json"
SERVER_ERROR: Final = 500
# code → status and title; the whole vocabulary, also of the description and of docs/api/errors.md.
CODES: Final[Mapping[str, tuple[int, str]]] = {
    "malformed_json": (400, "The body is not acceptable JSON"),
    "malformed_form": (400, "The form can't be read"),
    "bad_request": (400, "The request can't be understood"),
    "invalid_parameter": (400, "A parameter of the address is not allowed"),
    "invalid_cursor": (400, "The cursor is not one of ours or belongs to another query"),
    "invalid_key": (400, "The Idempotency-Key is empty or too long"),
    "unauthenticated": (401, "A valid token is missing"),
    "missing_scope": (403, "The token lacks a permission"),
    "missing_right": (403, "Your rights in the team do not allow this"),
    "held_back": (403, "The file is held back because it may be harmful"),
    "not_found": (404, "There is no such thing"),
    "method_not_allowed": (405, "This method is not offered here"),
    "in_flight": (409, "A request with this Idempotency-Key is being worked on"),
    "conflict": (409, "The present state does not allow this"),
    "gone": (410, "The file is missing on the server"),
    "length_required": (411, "The length of the form must be said"),
    "stale": (412, "Somebody has changed it since you read it"),
    "too_large": (413, "The request is too large"),
    "unsupported_media_type": (415, "This type of content is not accepted here"),
    "invalid": (422, "Some fields are not acceptable"),
    "key_reused": (422, "The Idempotency-Key was used for another request"),
    "precondition_required": (428, "The version you have read must be named by If-Match"),
    "rate_limited": (429, "Too many requests"),
    "server_error": (500, "Something went wrong on our side"),
    "unavailable": (503, "The service is busy; try again in a moment"),
}


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field, named by its JSON pointer (RFC 6901)."""

    pointer: str
    detail: str


class Problem(exceptions.APIException):
    """A refusal with a code of :data:`CODES`; ``more`` adds members to the answer."""

    def __init__(
        self,
        code: str,
        detail: str = "",
        *,
        errors: Iterable[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, object] | None = None,
    ) -> None:
        """Take the status from the table."""
        self.code = code
        self.status_code, self.title = CODES[code]
        self.text = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        self.more = dict(more or {})
        super().__init__(detail or self.title, code)

    def as_dict(self) -> dict[str, Any]:
        """Return the members of the problem."""
        shown: dict[str, Any] = {
            "type": f"urn:anliegen:problem:{self.code}",
            "title": self.title,
            "status": self.status_code,
            "code": self.code,
        }
        if self.text:
            shown["detail"] = self.text
        if self.errors:
            shown["errors"] = [
                {"pointer": error.pointer, "detail": error.detail} for error in self.errors
            ]
        return shown | self.more


def invalid(pointer: str, detail: str) -> Problem:
    """Return the refusal of one field."""
    return Problem("invalid", errors=[FieldError(pointer, detail)])


def respond(exc: Exception, context: Mapping[str, Any]) -> Response:
    """Answer any exception of a handler as a problem; what nobody foresaw is logged."""
    problem = to_problem(exc)
    if problem.status_code == SERVER_ERROR:
        view = type(context.get("view")).__name__
        log.error("Incident %s in %s", problem.more["incident"], view, exc_info=exc)
    return Response(
        problem.as_dict(),
        status=problem.status_code,
        headers=problem.headers,
        content_type=CONTENT_TYPE,
    )


def plain_response(problem: Problem) -> HttpResponse:
    """Answer outside of a handler of the interface."""
    response = HttpResponse(
        canonical(problem.as_dict()), status=problem.status_code, content_type=CONTENT_TYPE
    )
    response["Cache-Control"] = "no-store"
    for name, value in problem.headers.items():
        response[name] = value
    return response


def to_problem(exc: Exception) -> Problem:
    """Translate what Django and its REST framework raise."""
    if isinstance(exc, Problem):
        return exc
    if isinstance(exc, exceptions.ValidationError):
        return Problem("invalid", errors=flatten(exc.detail))
    if isinstance(exc, exceptions.Throttled):
        wait = str(max(1, math.ceil(getattr(exc, "wait", None) or 1)))
        return Problem("rate_limited", headers={"Retry-After": wait})
    if isinstance(exc, exceptions.AuthenticationFailed | exceptions.NotAuthenticated):
        header = str(getattr(exc, "auth_header", "") or "Bearer")
        return Problem("unauthenticated", headers={"WWW-Authenticate": header})
    for kind, code in _TRANSLATED.items():
        if isinstance(exc, kind):
            headers = {"Retry-After": "2"} if code == "unavailable" else {}
            return Problem(code, headers=headers)
    return Problem("server_error", more={"incident": secrets.token_hex(4)})


_TRANSLATED: Mapping[type[Exception], str] = {
    exceptions.NotFound: "not_found",
    Http404: "not_found",
    exceptions.PermissionDenied: "missing_scope",
    PermissionDenied: "missing_scope",
    exceptions.MethodNotAllowed: "method_not_allowed",
    exceptions.UnsupportedMediaType: "unsupported_media_type",
    exceptions.ParseError: "malformed_form",
    RequestDataTooBig: "too_large",
    SuspiciousOperation: "bad_request",
    OperationalError: "unavailable",
}


def flatten(detail: Any, pointer: str = "") -> Iterator[FieldError]:  # noqa: ANN401 - nested lists and dicts of the framework
    """Yield the nested errors of a serializer one by one, each with its JSON pointer."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            is_own = name == "non_field_errors"
            yield from flatten(inner, pointer if is_own else f"{pointer}/{escaped(str(name))}")
    elif isinstance(detail, list):
        for index, inner in enumerate(detail):
            nested = isinstance(inner, Mapping | list)
            yield from flatten(inner, f"{pointer}/{index}" if nested else pointer)
    else:
        yield FieldError(pointer, str(detail))


def escaped(name: str) -> str:
    """Escape a name for a JSON pointer."""
    return name.replace("~", "~0").replace("/", "~1")
