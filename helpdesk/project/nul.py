"""Keeps the character NUL out of what views read: PostgreSQL stores no text that holds it."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict

NUL = "\0"


class NulMiddleware:
    """Drops NUL from addresses and forms before a view sees them; nobody can type or read it.

    One cure for every field there is and will be. No page has it in its path. It stands
    behind the protection against forged requests, which reads the form anyway; programs
    send JSON, which the interface checks itself.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep what comes next."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Go on; the view is not known yet."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], *_given: Any
    ) -> None:
        """Clean what the view is about to read; raises Http404 for a path with NUL."""
        if NUL in request.path:
            raise Http404
        if "%00" in request.META.get("QUERY_STRING", ""):
            request.GET = _without(request.GET)  # type: ignore[assignment]  # unchangeable, as it was
        is_form = request.method == "POST" and not getattr(view, "csrf_exempt", False)
        if is_form and _holds_nul(request.POST):
            request.POST = _without(request.POST)  # type: ignore[assignment]  # the same


def _holds_nul(data: QueryDict) -> bool:
    return any(NUL in key or any(NUL in each for each in values) for key, values in data.lists())


def _without(data: QueryDict) -> QueryDict:
    cleaned = QueryDict(mutable=True, encoding=data.encoding)
    for key, values in data.lists():
        for each in values:
            cleaned.appendlist(key.replace(NUL, ""), each.replace(NUL, ""))
    cleaned._mutable = False  # noqa: SLF001 - as Django itself makes what it read unchangeable
    return cleaned
