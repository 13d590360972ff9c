"""The citizen of a request: another one, chosen or typed, and the way back."""

from functools import partial
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_http_methods, require_POST

from helpdesk.citizens.domain.kept import SECONDS
from helpdesk.desk.agent import agent_of
from helpdesk.desk.numbers import read_id
from helpdesk.desk.persons import MAX_TYPED, find_offers, is_finding, offers_for, read_person
from helpdesk.desk.sheets import find_changeable, leave_with_undo, sheet
from helpdesk.desk.undoing import undo_by
from helpdesk.desk.views.ticket import find_ticket, page_of, view_of
from helpdesk.lib.addresses import is_valid
from helpdesk.permissions.decorators import staff_required
from helpdesk.tickets.domain.handover import (
    NOBODY,
    NewRequester,
    NobodyChosenError,
    SameRequesterError,
    change_requester,
    take_back_requester,
)
from helpdesk.tickets.domain.locking import TicketNotThereError
from helpdesk.tickets.domain.writing import GoneError
from helpdesk.tickets.inbound import Person
from helpdesk.tickets.models import Ticket

NEW = "new"
LONGEST = {"name": 160, "email": 320, "phone": 40}
NO_MAIL = gettext_noop("This is no e-mail address. Write it like name@example.org.")
REFUSALS: dict[type[Exception], str] = {
    NobodyChosenError: gettext_noop("Choose somebody, or write who it is."),
    SameRequesterError: gettext_noop("This person asks already. Choose somebody else."),
    GoneError: gettext_noop("This request was merged or put into the bin meanwhile."),
}


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required
def requester(request: HttpRequest, number: str) -> HttpResponse:
    """Offer whom the request may be of, and change that."""
    ticket, gone = find_changeable(request, number)
    if request.method != "POST" or gone or is_finding(request):
        return _choose(request, ticket, gone)
    typed = _typed(request)
    if request.POST.get("person", NEW) == NEW and typed.email and not is_valid(typed.email):
        return _choose(request, ticket, gettext(NO_MAIL))
    try:
        key = change_requester(ticket_id=ticket.pk, user=agent_of(request), to=_wanted(request))
    except TicketNotThereError as error:
        raise Http404 from error
    except tuple(REFUSALS) as error:
        return _choose(request, ticket, gettext(REFUSALS[type(error)]))
    ticket.refresh_from_db()
    said = gettext("The request is of %(name)s now.") % {"name": ticket.citizen_name or "–"}
    undo = reverse("desk:requester_undo", args=[ticket.number, key])
    return leave_with_undo(request, ticket, said, undo, SECONDS)


@require_POST
@staff_required
def requester_undo(request: HttpRequest, number: str, key: str) -> HttpResponse:
    """Give the request back to who asked before."""
    ticket = find_ticket(request, number)
    undo = partial(take_back_requester, ticket_id=ticket.pk, user=agent_of(request), key=key)
    return undo_by(request, page_of(ticket, view_of(request)), undo)


def _typed(request: HttpRequest) -> Person:
    given = {
        name: " ".join(request.POST.get(name, "").replace("\0", "").split())[:most]
        for name, most in LONGEST.items()
    }
    return Person(**given)


def _wanted(request: HttpRequest) -> NewRequester:
    post = request.POST
    person = post.get("person", NEW)
    chosen = read_id(person.removeprefix("c")) if person != NEW else None
    if person != NEW and chosen is None:
        raise NobodyChosenError
    return NewRequester(
        citizen_id=chosen,
        typed=NOBODY if chosen else _typed(request),
        may_read=post.get("read") == "theirs",
        former_stays="former" in post,
    )


def _choose(request: HttpRequest, ticket: Ticket, error: str = "") -> HttpResponse:
    user = agent_of(request)
    asked = request.POST if request.method == "POST" else request.GET
    typed = " ".join(asked.get("q", "").split())[:MAX_TYPED]
    if typed:
        offers = find_offers(user, typed, without=ticket.citizen_id)
    else:
        offers = offers_for(user, ticket)
    # Of a few letters that found somebody nobody new is made.
    is_whole = not offers or "," in typed or "@" in typed
    is_sent = request.method == "POST" and not is_finding(request)
    person = _typed(request) if is_sent else read_person(typed * is_whole)
    first = offers[0].value if offers else NEW
    context: dict[str, Any] = {
        "ticket": ticket,
        "sheet_name": gettext("Change citizen"),
        "typed": typed,
        "offers": offers,
        "chosen": asked.get("person", first),
        "person": person,
        "read": asked.get("read", "staff"),
        "former": "former" in asked,
        "error": error,
    }
    return sheet(request, "desk/sheets/requester.html", context, status=422 if error else 200)
