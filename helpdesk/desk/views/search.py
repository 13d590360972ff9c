"""Search over all that the staff may know: a page of what is found, and what the palette offers."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from helpdesk.desk.agent import agent_of
from helpdesk.desk.ahead import allow_ahead
from helpdesk.desk.choosing import bulk_questions
from helpdesk.desk.filter_bar import bar_of
from helpdesk.desk.finding import (
    AFTER,
    ANSWERS,
    CITIZENS,
    KIND,
    PAGE,
    REQUESTS,
    CitizenHit,
    Finding,
    Piece,
    address_of,
    answer_hits,
    citizen_hits,
    find_all,
    named_in,
    piece_after,
    request_hits,
    tabs_of,
)
from helpdesk.desk.listing import SEARCH, TEXT, Listing, read_listing
from helpdesk.desk.numbers import read_id
from helpdesk.desk.palette import find_for_palette
from helpdesk.desk.shell import shell
from helpdesk.desk.walk import remember_walk
from helpdesk.permissions.decorators import staff_required
from helpdesk.search.analysis import read_query
from helpdesk.tickets.rules import RIGHTS, team_ids
from helpdesk.tickets.search import TicketHit, findable, hits_of
from helpdesk.worklists.filters import LAST_ACTIVE_FIRST
from knowledgebase.search import AnswerHit

LONGEST = 200
WORDS = "q"
Hits = Sequence[TicketHit] | Sequence[CitizenHit] | Sequence[AnswerHit]
HITS: dict[str, Callable[[Finding, Piece], Hits]] = {
    REQUESTS: request_hits,
    CITIZENS: citizen_hits,
    ANSWERS: answer_hits,
}


def clean(typed: str) -> str:
    """Return words as they are looked for."""
    return typed.replace("\0", "").strip()[:LONGEST]


@require_GET
@staff_required
def search_page(request: HttpRequest) -> HttpResponse:
    """Show what is found; a number or reference of one request leads straight to it."""
    data = request.GET.copy()
    # As everybody calls what is asked for; in the address of a list it has a name of its own.
    if WORDS in data:
        data.setlist(TEXT, data.getlist(WORDS))
    return show_search(request, read_listing(agent_of(request), SEARCH, data))


def show_search(request: HttpRequest, listing: Listing) -> HttpResponse:
    """Show what a search finds: the one of an address, or a saved one."""
    user, named = listing.user, named_in(listing)
    if len(named) == 1 and set(listing.filters.values) == {TEXT}:
        return redirect("desk:ticket", number=named[0].number)
    finding = find_all(listing, named)
    kind = finding.kind(request.GET.get(KIND, ""))
    piece = piece_after(kind.ids, read_id(request.GET.get(AFTER, "")))
    hits = HITS[kind.name](finding, piece)
    if kind.name == REQUESTS:
        numbers = [hit.ticket.number for hit in hits if isinstance(hit, TicketHit)]
        view, before = listing.view, piece.before
        remember_walk(
            user, view.slug, numbers, query=listing.query, before=before, title=view.title
        )
    context = {
        **shell(request, listing.view.slug),
        **bar_of(listing),
        "query": listing.filters.text,
        "finding": finding,
        "kind": kind,
        "tabs": tabs_of(finding, kind.name),
        "hits": hits,
        # What the bar of the chosen ones says of all of them.
        "page": {"paginator": Paginator(kind.ids, PAGE)},
        "is_capped": kind.has_more,
        "row_url": listing.row_address,
        "first_url": address_of(listing, kind.name) if piece.before else "",
        "next_url": address_of(listing, kind.name, piece.last) if piece.last else "",
        "state": _state(finding, kind.name),
        "sorts": _sorts(listing),
        "bulk_questions": bulk_questions(),
    }
    return allow_ahead(render(request, "desk/search.html", context))


def show_hit(request: HttpRequest, listing: Listing, ticket_id: int) -> HttpResponse:
    """Show one request that was found as it is now; 204 if it does not meet the filters any more.

    Whether its words are still those looked for is not asked again: it was found.
    """
    meets = findable(listing.user).filter(listing.meets, pk=ticket_id)
    hits = hits_of(listing.user, [ticket_id] if meets.exists() else [], _terms(listing))
    if not hits:
        return HttpResponse(status=204)
    context = {"hit": hits[0], "view": listing.view}
    return render(request, "desk/parts/find_request.html", context)


def _terms(listing: Listing) -> frozenset[str]:
    return read_query(listing.filters.text).terms if listing.filters.text else frozenset()


def _state(finding: Finding, kind: str) -> str:
    """Return what the page says when it has no hits, empty when it has some."""
    if finding.kind(kind).ids:
        return ""
    if not finding.is_asked:
        return "start"
    if kind != REQUESTS or not finding.listing.filters.text:
        return "none" if finding.listing.filters.text else "nothing"
    found = finding.listing.hits.found
    if found.is_empty:
        return "common"
    return "none" if found.is_ready else "building"


def _sorts(listing: Listing) -> list[dict[str, Any]]:
    """Return the orders as links, none where there are no words to be near to."""
    if not listing.filters.text:
        return []
    by_date = listing.filters.sort == LAST_ACTIVE_FIRST
    return [
        {
            "word": word,
            "url": listing.address_of(replace(listing.filters, sort=sort)),
            "current": by_date == bool(sort),
        }
        for word, sort in (
            (gettext("Best first"), ""),
            (gettext("Newest first"), LAST_ACTIVE_FIRST),
        )
    ]


@require_POST
@staff_required
def suggestions(request: HttpRequest) -> HttpResponse:
    """Return the palette's lines; by POST, so that no name or number stands in a log."""
    user = agent_of(request)
    typed = clean(request.POST.get("q", ""))
    only, recent = request.POST.get("only", "")[:1], request.POST.get("recent", "")[:LONGEST]
    context = {
        "found": find_for_palette(user, typed, only, recent),
        "query": typed,
        "only": only,
        "may_take_in": bool(team_ids(user, RIGHTS["create_ticket"])),
    }
    return render(request, "desk/parts/suggestions.html", context)
