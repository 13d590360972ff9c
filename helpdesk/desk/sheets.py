"""Sheets: forms about a ticket that open in a dialog over it, and as a page of their own."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, gettext_noop

from helpdesk.desk.agent import agent_of
from helpdesk.desk.shell import shell
from helpdesk.desk.undoing import change_offer, keep_for_page
from helpdesk.desk.views.ticket import GONE, find_ticket, page_of, view_of
from helpdesk.permissions.registry import can
from helpdesk.tickets.domain.threading import follow_merges
from helpdesk.tickets.enums import Status
from helpdesk.tickets.models import Ticket

NO_WORDS = gettext_noop("Write what the citizen reads, or do not tell them.")


IN_BIN = gettext_noop(
    "This request was put into the bin meanwhile. Nothing was changed; what you typed stands here "
    "still. Restore the request in another window, then send this once more."
)
MERGED_AWAY = gettext_noop(
    "This request was merged meanwhile into one that you can't change. Nothing was changed; copy "
    "what you typed, it stands here still."
)
MERGED_INTO = gettext_noop(
    "Request %(old)s was merged into %(new)s meanwhile. Nothing was changed; what you typed stands "
    "here still. Check it and send it once more: it goes to %(new)s then."
)
CHANGE = ("change_ticket",)


def find_changeable(
    request: HttpRequest, number: str, verbs: tuple[str, ...] = CHANGE
) -> tuple[Ticket, str]:
    """Return the request that a sheet changes, and what is in the way of that, "" for nothing.

    One that its agent may not change is not there. What was typed on a sheet while its request was
    merged goes on in the one that took it up, and what goes into the bin keeps it: the sheet is
    shown again with the words that tell of it.
    """
    ticket = find_ticket(request, number)
    if not _may(request, verbs, ticket):
        raise Http404
    if ticket.status not in GONE:
        return ticket, ""
    if request.method != "POST":
        raise Http404
    if ticket.status == Status.DELETED:
        return ticket, gettext(IN_BIN)
    home = follow_merges(ticket)
    if home.status in GONE or not _may(request, verbs, home):
        return ticket, gettext(MERGED_AWAY)
    return home, gettext(MERGED_INTO) % {"old": ticket.number, "new": home.number}


def _may(request: HttpRequest, verbs: tuple[str, ...], ticket: Ticket) -> bool:
    return all(can(agent_of(request), verb, ticket) for verb in verbs)


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
