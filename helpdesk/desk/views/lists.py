"""Lists of tickets: each is an address, fifty rows a page."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from helpdesk.agents.models import Team, User
from helpdesk.desk.agent import agent_of
from helpdesk.desk.numbers import read_id
from helpdesk.desk.shell import TEAM_PREFIX, cached_counts, shell
from helpdesk.desk.walk import remember_walk
from helpdesk.notifications.queries import unread_of
from helpdesk.permissions.decorators import staff_required
from helpdesk.tickets.enums import Outcome, Priority
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries import (
    BY_DEADLINE,
    PAGE,
    Counts,
    Narrow,
    Row,
    ended,
    read_rows,
    rows_of,
    unfinished,
    visible_to,
)
from helpdesk.tickets.rules import readable_teams

Value = Callable[[str], Any]
# So far a list is counted, and can be leafed through.
COUNTED = 10_000
# What several requests can end with at once; spam has a button of its own.
BULK_OUTCOMES = (
    *(Outcome.ANSWERED, Outcome.FIXED, Outcome.DECLINED, Outcome.DUPLICATE),
    *(Outcome.NOT_RESPONSIBLE, Outcome.NO_REPLY),
)
LAST_PAGE = 10_000


@dataclass(frozen=True, slots=True)
class ListView:
    """A named list: what it is called, what stands in it, and what it says when empty.

    ``narrow`` leaves its tickets of all visible ones; ``values`` are what it asks for.
    """

    slug: str
    title: str
    narrow: Narrow
    values: dict[str, Any] = field(default_factory=dict)
    is_done: bool = False
    count: Callable[[Counts], int] | None = None

    def tickets(self, user: User) -> QuerySet[Ticket]:
        """Return the tickets of the list."""
        return self.narrow(visible_to(user), self.values.__getitem__)


def _tomorrow() -> datetime:
    return (timezone.localtime() + timedelta(days=1)).replace(
        hour=0, minute=0, second=0, microsecond=0
    )


def _mine(tickets: QuerySet[Ticket], value: Value) -> QuerySet[Ticket]:
    return unfinished(tickets).filter(owner_id=value("owner"))


def _unassigned(tickets: QuerySet[Ticket], _value: Value) -> QuerySet[Ticket]:
    return unfinished(tickets).filter(owner__isnull=True)


def _due(tickets: QuerySet[Ticket], value: Value) -> QuerySet[Ticket]:
    return unfinished(tickets).filter(due_sort__lt=value("tomorrow"))


def _all(tickets: QuerySet[Ticket], _value: Value) -> QuerySet[Ticket]:
    return unfinished(tickets)


def _done(tickets: QuerySet[Ticket], _value: Value) -> QuerySet[Ticket]:
    # What was ended as spam stands under "Spam".
    return ended(tickets).exclude(outcome=Outcome.SPAM)


def _team(tickets: QuerySet[Ticket], value: Value) -> QuerySet[Ticket]:
    return unfinished(tickets).filter(team_id=value("team"))


def _views(user: User) -> dict[str, ListView]:
    due, mine = {"tomorrow": _tomorrow()}, {"owner": user.pk}
    views = (
        ListView("mine", gettext("My requests"), _mine, mine, count=attrgetter("mine")),
        ListView("unassigned", gettext("Unassigned"), _unassigned, count=attrgetter("unassigned")),
        ListView("due", gettext("Due today"), _due, due, count=attrgetter("due_today")),
        ListView("all", gettext("All open"), _all, count=attrgetter("total")),
        ListView("done", gettext("Resolved"), _done, is_done=True),
    )
    return {view.slug: view for view in views}


def _of_team(team: Team) -> ListView:
    def count(found: Counts) -> int:
        return found.teams.get(team.pk, 0)

    return ListView(f"{TEAM_PREFIX}{team.slug}", team.name, _team, {"team": team.pk}, count=count)


def find_view(user: User, slug: str) -> ListView:
    """Return the list called ``slug``; a foreign team's list is as if it were not there."""
    views = _views(user)
    if slug in views:
        return views[slug]
    for team in readable_teams(user):
        if slug == f"{TEAM_PREFIX}{team.slug}":
            return _of_team(team)
    raise Http404


class _Known(Paginator[Row]):
    """A paginator over rows that have been counted, or as far as anybody would leaf, already."""

    def __init__(self, count: int) -> None:
        """Take how many rows there are."""
        super().__init__([], PAGE)
        self._count = count

    @cached_property
    def count(self) -> int:
        """Return how many there are."""
        return self._count


def page_of(view: ListView, user: User, number: str | None) -> Page[Row]:
    """Return one page of rows; it is counted only where they do not say by themselves."""
    wanted = min(read_id(number or "") or 1, LAST_PAGE)
    found = _read(view, user, wanted)
    if not found and wanted > 1:
        wanted = _Known(_count(view, user)).num_pages
        found = _read(view, user, wanted)
    before = (wanted - 1) * PAGE
    seen = before + len(found)
    count = max(_count(view, user), seen) if len(found) > PAGE else seen
    return Page(found[:PAGE], wanted, _Known(count))


def _read(view: ListView, user: User, number: int) -> list[Row]:
    """Return the rows of a page and one more, if there is any."""
    order = ("-active_at", "-id") if view.is_done else BY_DEADLINE
    offset = (number - 1) * PAGE
    return read_rows(user, view.narrow, order, offset=offset, limit=PAGE + 1, **view.values)


def _count(view: ListView, user: User) -> int:
    """Return how many rows there are: as the navigation says, or counted up to a limit."""
    if view.count is not None:
        return view.count(cached_counts(user))
    return view.tickets(user).order_by()[:COUNTED].count()


@require_GET
@staff_required
def home(_request: HttpRequest) -> HttpResponse:
    """Start where nobody has taken the work yet."""
    return redirect("desk:list", slug="unassigned")


@require_GET
@staff_required
def ticket_list(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one list."""
    user = agent_of(request)
    view = find_view(user, slug)
    page = page_of(view, user, request.GET.get("page"))
    rows = page.object_list
    remember_walk(user, slug, [row.number for row in rows])
    context = {
        **shell(request, slug),
        "view": view,
        "page": page,
        "rows": rows,
        "unread": sum(row.is_unread for row in rows),
        "bulk_teams": readable_teams(user),
        "bulk_priorities": Priority.choices,
        "bulk_outcomes": [(each.value, each.label) for each in BULK_OUTCOMES],
    }
    return render(request, "desk/list.html", context)


@require_GET
@staff_required
def ticket_row(request: HttpRequest, ticket_id: int) -> HttpResponse:
    """Return one row for a live change: 204 if it no longer belongs in the list."""
    user = agent_of(request)
    view = find_view(user, request.GET.get("view", "all"))
    rows = rows_of(user, view.tickets(user).filter(pk=ticket_id))
    if not rows:
        return HttpResponse(status=204)
    return render(request, "desk/parts/row_fragment.html", {"rows": rows, "view": view})


@require_GET
@staff_required
def counts(request: HttpRequest) -> JsonResponse:
    """Return the navigation's counts by slug."""
    user = agent_of(request)
    found = cached_counts(user)
    teams = {
        f"{TEAM_PREFIX}{team.slug}": found.teams.get(team.pk, 0) for team in readable_teams(user)
    }
    views = {
        "mine": found.mine,
        "unassigned": found.unassigned,
        "due": found.due_today,
        "all": found.total,
        # Never from the kept frame: the bell rings at the moment.
        "notices": unread_of(user).requests,
    }
    return JsonResponse(views | teams)
