"""What is said of changes that can be undone for half a minute, and of their undo."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext, gettext_noop

from helpdesk.citizens.domain.register import ChangedSinceError as PersonChangedError
from helpdesk.desk.agent import agent_of
from helpdesk.desk.shell import forget_counts, keep_undo
from helpdesk.sla.domain.extending import TooLateError
from helpdesk.tickets.domain.locking import TicketNotThereError
from helpdesk.tickets.domain.people import PersonNotThereError
from helpdesk.tickets.domain.taking_back import ChangedSinceError
from helpdesk.tickets.models import Ticket

SECONDS = 20
# What was changed → what the toast says. What is not here can't be undone.
SAID = {
    "owner": gettext_noop("Responsible changed."),
    "mine": gettext_noop("Assigned to you."),
    "team": gettext_noop("Moved to another team."),
    "priority": gettext_noop("Priority changed."),
    "category": gettext_noop("Topic changed."),
    "title": gettext_noop("Title changed."),
    "tag": gettext_noop("Tagged."),
    "untag": gettext_noop("Tag removed."),
    "status": gettext_noop("Status changed."),
    "resolve": gettext_noop("Resolved."),
    "spam": gettext_noop("Ended as spam."),
    "trash": gettext_noop("Put into the bin."),
    "reopen": gettext_noop("Opened again."),
    "wait": gettext_noop("Waits."),
    "later": gettext_noop("Shown again later."),
}


def offer(ticket: Ticket, what: str, key: str, view: str) -> dict[str, Any]:
    """Return what the toast with the undo shows."""
    address = reverse("desk:change_undo", args=[ticket.number, key])
    return {
        "text": gettext(SAID[what]),
        "url": f"{address}?view={view}" if view else address,
        "seconds": SECONDS,
        "is_change": True,
    }


def change_offer(text: str, url: str, seconds: int = SECONDS) -> dict[str, Any]:
    """Return what a toast shows of a change that its own page takes back."""
    return {"text": text, "url": url, "seconds": seconds, "is_change": True}


def undo_by(request: HttpRequest, page: str, take_back: Callable[[], object]) -> HttpResponse:
    """Take a change back by its own door and go on at ``page``; what is foreign is not there."""
    try:
        take_back()
    except (TicketNotThereError, PersonNotThereError) as error:
        raise Http404 from error
    except (ChangedSinceError, PersonChangedError, TooLateError):
        return not_undone(request, page)
    forget_counts(agent_of(request))
    return undone(request, page)


def undone(request: HttpRequest, url: str) -> HttpResponse:
    """Say that a change was taken back, and go on at ``url``."""
    if request.headers.get("X-Requested-With") == "fetch":
        return JsonResponse({"url": url})
    messages.success(request, gettext("Undone."))
    return redirect(url)


def not_undone(request: HttpRequest, url: str) -> HttpResponse:
    """Say that it is over, or that somebody has changed the same since."""
    if request.headers.get("X-Requested-With") == "fetch":
        return HttpResponse(status=HTTPStatus.CONFLICT)
    messages.error(request, gettext("Not undone: it was changed since."))
    return redirect(url)


def keep_for_page(request: HttpRequest, offered: dict[str, Any]) -> None:
    """Let the next page show it."""
    keep_undo(request, offered)


def toast_of(request: HttpRequest, offered: dict[str, Any]) -> str:
    """Return it as HTML for the script that saves at once."""
    return render_to_string("desk/parts/undo.html", {"undo": offered}, request=request)
