"""Passing a request on to another authority: what they get, what the citizen reads."""

from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_http_methods, require_POST

from helpdesk.desk.agent import agent_of
from helpdesk.desk.numbers import read_id
from helpdesk.desk.sheets import NO_WORDS, find_changeable, leave, says_nothing, sheet
from helpdesk.desk.shell import forget_counts
from helpdesk.desk.undoing import keep_for_page
from helpdesk.desk.views.ticket import find_ticket, page_of, view_of
from helpdesk.lib.tokens import new_nonce
from helpdesk.permissions.decorators import staff_required
from helpdesk.permissions.registry import can
from helpdesk.tickets.domain.forward import HiddenDataError, TooLargeError
from helpdesk.tickets.domain.letters import NoSenderError, letter_language
from helpdesk.tickets.domain.locking import TicketNotThereError
from helpdesk.tickets.domain.notices import UNDO_SECONDS
from helpdesk.tickets.domain.offices import offices_of
from helpdesk.tickets.domain.refer import Referral, TooLateError, refer_ticket, take_referral_back
from helpdesk.tickets.domain.state import StatusNotAllowedError
from helpdesk.tickets.enums import ENDED
from helpdesk.tickets.models import Ticket

LONGEST = 4000
HIDDEN = gettext_noop(
    "“%(name)s” can't be freed of hidden data such as the place where it was taken. Forward the "
    "messages without it (w)."
)
REFUSALS: dict[type[Exception], str] = {
    NoSenderError: gettext_noop(
        "No sender is set up for this team. An administrator can add one in the settings."
    ),
    TooLargeError: gettext_noop(
        "The files together are too large for one mail. Forward the messages one by one (w)."
    ),
    StatusNotAllowedError: gettext_noop(
        "This request has ended meanwhile, and its outcome stays. Nothing was sent: open it again "
        "first."
    ),
}


@require_http_methods(["GET", "POST"])
@staff_required
def refer(request: HttpRequest, number: str) -> HttpResponse:
    """Show to whom a request can be passed on and with which words, and do it."""
    ticket, gone = find_changeable(request, number, ("change_ticket", "answer_ticket"))
    if gone:
        return _sheet(request, ticket, gone)
    if request.method == "POST":
        return _refer(request, ticket)
    if ticket.status in ENDED:
        raise Http404
    return _sheet(request, ticket)


def _sheet(request: HttpRequest, ticket: Ticket, error: str = "") -> HttpResponse:
    user, post = agent_of(request), request.POST
    posted = request.method == "POST"
    context = {
        "ticket": ticket,
        "sheet_name": gettext("Pass on to another authority"),
        "offices": offices_of(user.authority_id),
        "office_now": read_id(post.get("office", "")),
        "text": post.get("text", "") if posted else _words_to_them(),
        "tells": "tell" in post if posted else True,
        "notice": post.get("notice", "") if posted else _words_to_citizen(ticket),
        "form_key": post.get("form_key", "") or new_nonce(),
        "may_administer": can(user, "administer"),
        "error": error,
    }
    return sheet(request, "desk/sheets/refer.html", context, status=422 if error else 200)


def _words_to_them() -> str:
    return gettext(
        "Hello,\n\nwe received the request below, for which you are responsible. "
        "Please answer the citizen directly."
    )


def _words_to_citizen(ticket: Ticket) -> str:
    with translation.override(letter_language(ticket)):
        return gettext(
            "Hello,\n\nwe are not responsible for your request %(reference)s. We have passed it on "
            "to those who are; they will get in touch with you."
        ) % {"reference": ticket.reference}


def _refer(request: HttpRequest, ticket: Ticket) -> HttpResponse:
    post, user = request.POST, agent_of(request)
    office_id = read_id(post.get("office", ""))
    if office_id is None:
        return _sheet(request, ticket, gettext("Choose who is responsible."))
    if says_nothing(request):
        return _sheet(request, ticket, gettext(NO_WORDS))
    referral = Referral(
        ticket_id=ticket.pk,
        office_id=office_id,
        text=post.get("text", "")[:LONGEST],
        notice=post.get("notice", "")[:LONGEST] if "tell" in post else "",
        key=post.get("form_key", "")[:40],
    )
    try:
        done = refer_ticket(referral=referral, user=user)
    except TicketNotThereError as error:
        raise Http404 from error
    except HiddenDataError as error:
        return _sheet(request, ticket, gettext(HIDDEN) % {"name": error})
    except tuple(REFUSALS) as error:
        return _sheet(request, ticket, gettext(REFUSALS[type(error)]))
    forget_counts(user)
    keep_for_page(request, _offer(done))
    return leave(request, page_of(done, view_of(request)))


def _offer(ticket: Ticket) -> dict[str, Any]:
    return {
        "text": gettext("Passed on to %(office)s") % {"office": ticket.referred_to},
        "url": reverse("desk:refer_undo", args=[ticket.number]),
        "seconds": UNDO_SECONDS,
        "is_change": True,
    }


@require_POST
@staff_required
def undo(request: HttpRequest, number: str) -> HttpResponse:
    """Keep the mails back and let the request be as it was; 409 when they have left."""
    ticket = find_ticket(request, number)
    try:
        take_referral_back(ticket_id=ticket.pk, user=agent_of(request))
    except TicketNotThereError as error:
        raise Http404 from error
    except TooLateError:
        return HttpResponse(status=HTTPStatus.CONFLICT)
    forget_counts(agent_of(request))
    return leave(request, page_of(ticket, view_of(request)))
