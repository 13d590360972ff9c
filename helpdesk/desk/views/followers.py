"""Words for all citizens who follow a request that somebody else has made."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from helpdesk.desk.agent import agent_of
from helpdesk.desk.sheets import leave, sheet
from helpdesk.desk.views.ticket import find_ticket, page_of, view_of
from helpdesk.lib.tokens import new_nonce
from helpdesk.notifications.following import (
    LONGEST_NEWS,
    NothingToSayError,
    followers_of,
    tell_followers,
)
from helpdesk.permissions.decorators import staff_required
from helpdesk.permissions.registry import can
from helpdesk.tickets.domain.locking import TicketNotThereError
from helpdesk.tickets.models import Ticket


@require_http_methods(["GET", "POST"])
@staff_required
def followers(request: HttpRequest, number: str) -> HttpResponse:
    """Ask for the words, and hand them over."""
    ticket, user = find_ticket(request, number), agent_of(request)
    if not can(user, "answer_ticket", ticket):
        raise Http404
    if request.method == "POST":
        return _tell(request, ticket)
    return _sheet(request, ticket)


def _tell(request: HttpRequest, ticket: Ticket) -> HttpResponse:
    text, key = request.POST.get("text", ""), request.POST.get("form_key", "")[:40]
    if len(text) > LONGEST_NEWS:
        error = gettext("Shorten your text to %(limit)s characters; it has %(count)s")
        return _sheet(request, ticket, error % {"limit": LONGEST_NEWS, "count": len(text)})
    try:
        tell_followers(ticket_id=ticket.pk, text=text, key=key, user=agent_of(request))
    except TicketNotThereError as error:
        raise Http404 from error
    except NothingToSayError:
        return _sheet(request, ticket, _nothing_said(ticket, text))
    return leave(request, page_of(ticket, view_of(request)))


def _nothing_said(ticket: Ticket, text: str) -> str:
    if text.strip() and not followers_of(ticket).exists():
        return gettext("Nobody follows this request any more. Your text was not sent.")
    return gettext("Write what those who follow should know.")


def _sheet(request: HttpRequest, ticket: Ticket, error: str = "") -> HttpResponse:
    context = {
        "ticket": ticket,
        "sheet_name": gettext("Tell those who follow"),
        "count": followers_of(ticket).count(),
        "text": request.POST.get("text", ""),
        "form_key": request.POST.get("form_key", "") or new_nonce(),
        "error": error,
    }
    return sheet(request, "desk/sheets/followers.html", context, status=422 if error else 200)
