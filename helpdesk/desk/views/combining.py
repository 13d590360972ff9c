"""Two entries of one person: who is alike, what moves, and the way back."""

from functools import partial
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext, gettext_noop, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from helpdesk.citizens.domain.kept import SECONDS
from helpdesk.citizens.models import Citizen
from helpdesk.desk import citizens as reads
from helpdesk.desk.agent import agent_of
from helpdesk.desk.numbers import read_id
from helpdesk.desk.palette import line_of
from helpdesk.desk.persons import MAX_TYPED, find_offers, is_finding, offers_of
from helpdesk.desk.sheets import leave, sheet
from helpdesk.desk.shell import forget_counts
from helpdesk.desk.undoing import change_offer, keep_for_page, undo_by
from helpdesk.desk.views.ticket import page_of
from helpdesk.permissions.decorators import staff_required
from helpdesk.tickets.domain.combine import (
    SamePersonError,
    TwoAccountsError,
    combine_citizens,
    find_movable,
    take_back_combining,
)
from helpdesk.tickets.domain.people import PersonNotThereError
from helpdesk.tickets.queries import ticket_by_number

UNKNOWN = gettext_noop("Choose the other entry of this person.")
REFUSALS: dict[type[Exception], str] = {
    PersonNotThereError: UNKNOWN,
    SamePersonError: gettext_noop("This is one entry already."),
    TwoAccountsError: gettext_noop(
        "Both sign in to the portal with an account of their own. "
        "One of the accounts has to be deleted first."
    ),
}


def _find(request: HttpRequest, citizen_id: int | None) -> Citizen | None:
    """Return somebody whom the agent may change; anybody else is not there."""
    user = agent_of(request)
    found = reads.find_known(user, citizen_id) if citizen_id is not None else None
    return found if found and reads.may_change(user, found) else None


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required
def combine(request: HttpRequest, citizen_id: int) -> HttpResponse:
    """Offer who is alike, show what would move, and do it."""
    citizen = _find(request, citizen_id)
    if citizen is None:
        raise Http404
    asked = request.POST if request.method == "POST" else request.GET
    if not asked.get("other"):
        return _offer(request, citizen)
    other = _find(request, read_id(asked["other"]))
    if other is None or other == citizen:
        return _offer(request, citizen, gettext(UNKNOWN))
    if request.method == "POST":
        return _combine(request, citizen, other)
    return _preview(request, citizen, other)


@require_POST
@staff_required
def combine_undo(request: HttpRequest, citizen_id: int, key: str) -> HttpResponse:
    """Make two entries of one again."""
    undo = partial(take_back_combining, stays_id=citizen_id, user=agent_of(request), key=key)
    return undo_by(request, reverse("desk:citizen", args=[citizen_id]), undo)


def _frame(request: HttpRequest, citizen: Citizen) -> dict[str, Any]:
    asked = request.POST if request.method == "POST" else request.GET
    return {
        "sheet_name": gettext("Combine two entries"),
        "citizen": citizen,
        "called": line_of(citizen).name,
        "from_ticket": asked.get("ticket", "")[:20],
    }


def _offer(request: HttpRequest, citizen: Citizen, error: str = "") -> HttpResponse:
    user = agent_of(request)
    asked = request.POST if is_finding(request) else request.GET
    typed = " ".join(asked.get("q", "").split())[:MAX_TYPED]
    if typed:
        offers = find_offers(user, typed, without=citizen.pk)
    else:
        offers = offers_of(user, reads.alike(user, citizen))
    context = {**_frame(request, citizen), "typed": typed, "offers": offers, "error": error}
    return sheet(request, "desk/sheets/combine.html", context, status=422 if error else 200)


def _preview(
    request: HttpRequest, citizen: Citizen, other: Citizen, error: str = ""
) -> HttpResponse:
    """Show which of the two stays: the one that was known first, unless the agent swaps them."""
    asked = request.POST if request.method == "POST" else request.GET
    older = min(citizen, other, key=lambda each: (each.created_at, each.pk))
    stays = next((each for each in (citizen, other) if str(each.pk) == asked.get("stays")), older)
    goes = other if stays == citizen else citizen
    context = {
        **_frame(request, citizen),
        "other": other,
        "stays": line_of(stays),
        "goes": line_of(goes),
        "is_older": stays == older,
        "moves": _moves(request, goes),
        "points": list(goes.contact_points.all()),
        "error": error,
    }
    return sheet(request, "desk/sheets/combine_preview.html", context, status=422 if error else 200)


def _moves(request: HttpRequest, goes: Citizen) -> str:
    count = find_movable(agent_of(request), goes).count()
    words = ngettext("%(count)s request moves.", "%(count)s requests move.", count)
    return words % {"count": count}


def _combine(request: HttpRequest, citizen: Citizen, other: Citizen) -> HttpResponse:
    user = agent_of(request)
    stays = other if request.POST.get("stays") == str(other.pk) else citizen
    goes = other if stays == citizen else citizen
    try:
        key = combine_citizens(stays_id=stays.pk, goes_id=goes.pk, user=user)
    except tuple(REFUSALS) as error:
        return _preview(request, citizen, other, gettext(REFUSALS[type(error)]))
    forget_counts(user)
    undo = reverse("desk:combine_undo", args=[stays.pk, key])
    keep_for_page(request, change_offer(gettext("Two entries are one now."), undo, SECONDS))
    number = request.POST.get("ticket", "")[:20]
    ticket = ticket_by_number(user, number) if number else None
    page = page_of(ticket) if ticket else reverse("desk:citizen", args=[stays.pk])
    return leave(request, page)
