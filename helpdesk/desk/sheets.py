"""Sheets: forms about a ticket that open in a dialog over it, and as a page of their own."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_noop

from helpdesk.desk.shell import shell
from helpdesk.desk.views.ticket import view_of

NO_WORDS = gettext_noop("Write what the citizen reads, or do not tell them.")


def says_nothing(request: HttpRequest) -> bool:
    """Tell whether a sheet would tell the citizen, but holds no words for that."""
    return "tell" in request.POST and not request.POST.get("notice", "").strip()


def is_by_script(request: HttpRequest) -> bool:
    """Tell whether a script of ours asks, and not the browser by itself."""
    return request.headers.get("X-Requested-With") == "fetch"


def sheet(
    request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """Show a form in the dialog that asked for it, or on a page of its own without scripts."""
    view = view_of(request)
    if is_by_script(request):
        frame: dict[str, Any] = {"sheet_base": "desk/sheets/part.html"}
    else:
        frame = {"sheet_base": "desk/sheets/page.html", **shell(request, view)}
    return render(request, template, {**frame, "view_slug": view, **context}, status=status)


def leave(request: HttpRequest, url: str) -> HttpResponse:
    """Go on to a page once the form has done its work."""
    if is_by_script(request):
        return JsonResponse({"error": "", "url": url})
    return redirect(url)
