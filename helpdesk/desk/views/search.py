"""Search over tickets: a page of hits, and what is suggested while somebody types."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from helpdesk.agents.models import User
from helpdesk.desk.agent import agent_of
from helpdesk.desk.numbers import read_id
from helpdesk.desk.palette import find_for_palette
from helpdesk.desk.shell import shell
from helpdesk.desk.walk import remember_walk
from helpdesk.permissions.decorators import staff_required
from helpdesk.tickets.queries import by_number_or_reference
from helpdesk.tickets.rules import RIGHTS, readable_teams, team_ids
from helpdesk.tickets.search import (
    Narrowed,
    TicketsFound,
    hits_of,
    search_tickets,
)

PAGE = 25
LONGEST = 200
# What a number without a year may name: one of each of the last years.
MOST_NUMBERED = 10
STATE_WORDS = {
    "open": gettext_lazy("Open"),
    "waiting": gettext_lazy("Waiting"),
    "ended": gettext_lazy("Resolved"),
}
PERIODS = {
    7: gettext_lazy("last 7 days"),
    30: gettext_lazy("last 30 days"),
    365: gettext_lazy("last 12 months"),
}
WALK = "search"


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a filter."""

    value: str
    word: str
    is_chosen: bool


def typed_in(request: HttpRequest) -> str:
    """Return what was typed, without what no database takes."""
    return clean(request.GET.get("q", ""))


def clean(typed: str) -> str:
    """Return words as they are looked for."""
    return typed.replace("\0", "").strip()[:LONGEST]


def _narrowed(data: Mapping[str, str]) -> Narrowed:
    """Return the filters of an address; what makes no sense narrows nothing."""
    days = read_id(data.get("days", ""))
    state = data.get("state", "")
    return Narrowed(
        team_id=read_id(data.get("team", "")),
        state=state if state in STATE_WORDS else "",
        days=days if days in PERIODS else None,
    )


@require_GET
@staff_required
def search_page(request: HttpRequest) -> HttpResponse:
    """Show what is found; a number or reference of one ticket leads straight to it."""
    user = agent_of(request)
    typed = typed_in(request)
    numbered = list(by_number_or_reference(user, typed)[:MOST_NUMBERED]) if typed else []
    if len(numbered) == 1:
        return redirect("desk:ticket", number=numbered[0].number)
    narrowed = _narrowed(request.GET)
    found = search_tickets(user, typed, narrowed)
    ids = list(dict.fromkeys([*(ticket.pk for ticket in numbered), *found.ids]))
    page = Paginator(ids, PAGE).get_page(request.GET.get("page"))
    hits = hits_of(user, list(page.object_list), found.found.terms)
    numbers = [hit.ticket.number for hit in hits]
    remember_walk(user, WALK, numbers, query=request.GET.urlencode())
    context = {
        **shell(request, "search"),
        "query": typed,
        "hits": hits,
        "page": page,
        "state": _state(typed, found, page),
        "found": found,
        "filters": _filters(user, narrowed),
        "is_narrowed": narrowed != Narrowed(),
    }
    return render(request, "desk/search.html", context)


def _state(typed: str, found: TicketsFound, page: Page[int]) -> str:
    """Return what the page says when it has no hits, empty when it has some."""
    if page.paginator.count:
        return ""
    if not typed:
        return "start"
    if found.found.is_empty:
        return "common"
    return "none" if found.found.is_ready else "building"


def _filters(user: User, narrowed: Narrowed) -> list[dict[str, Any]]:
    """Return the filters, each with its values; the first value narrows nothing."""
    teams = {str(team.pk): team.name for team in readable_teams(user)}
    states = {key: str(word) for key, word in STATE_WORDS.items()}
    periods = {str(days): str(word) for days, word in PERIODS.items()}
    rows = (
        ("team", gettext("Team"), gettext("All teams"), teams, str(narrowed.team_id or "")),
        ("state", gettext("Status"), gettext("Any status"), states, narrowed.state),
        ("days", gettext("Active"), gettext("Any time"), periods, str(narrowed.days or "")),
    )
    return [
        {
            "name": name,
            "label": label,
            "choices": [
                Choice(value, word, value == chosen)
                for value, word in {"": whatever, **values}.items()
            ],
        }
        for name, label, whatever, values, chosen in rows
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
        "may_take_in": bool(team_ids(user, RIGHTS["create_ticket"])),
    }
    return render(request, "desk/parts/suggestions.html", context)
