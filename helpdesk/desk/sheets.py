"""Sheets: forms about a ticket that open in a dialog over it, and as a page of their own."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_noop

from helpdesk.desk.agent import agent_of
from helpdesk.desk.shell import shell
from helpdesk.desk.undoing import change_offer, keep_for_page
from helpdesk.desk.views.ticket import GONE, find_ticket, page_of, view_of
from helpdesk.permissions.registry import can
from helpdesk.tickets.models import Ticket

NO_WORDS = gettext_noop("Write what the citizen reads, or do not tell them.")


def find_changeable(request: HttpRequest, number: str) -> Ticket:
    """Return the request that a sheet changes; one that its agent may not change is not there."""
    ticket = find_ticket(request, number)
    if not can(agent_of(request), "change_ticket", ticket) or ticket.status in GONE:
        raise Http404
    return ticket


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


def leave_with_undo(
    request: HttpRequest, ticket: Ticket, said: str, undo: str, seconds: int
) -> HttpResponse:
    """Go on to the request, whose page says what was done and offers to take it back."""
    keep_for_page(request, change_offer(said, in_view(request, undo), seconds))
    return leave(request, page_of(ticket, view_of(request)))


def in_view(request: HttpRequest, url: str) -> str:
    """Return an address with the list from which one came, so that one gets back there."""
    view = view_of(request)
    return f"{url}?view={view}" if view else url
