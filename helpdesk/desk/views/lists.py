"""Lists of tickets: each is an address, fifty rows a page."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from helpdesk.agents.models import User
from helpdesk.desk.agent import agent_of
from helpdesk.desk.deadlines import due_state
from helpdesk.desk.shell import TEAM_PREFIX, cached_counts, shell
from helpdesk.desk.walk import remember_walk
from helpdesk.permissions.decorators import staff_required
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries import (
    PAGE,
    by_deadline,
    ended,
    unfinished,
    with_list_facts,
)
from helpdesk.tickets.rules import readable_teams


@dataclass(frozen=True, slots=True)
class ListView:
    """A named list: what it is called, what stands in it, and what it says when empty."""

    slug: str
    title: str
    tickets: QuerySet[Ticket]
    is_done: bool = False


def _tomorrow() -> datetime:
    return (timezone.localtime() + timedelta(days=1)).replace(
        hour=0, minute=0, second=0, microsecond=0
    )


def _mine(user: User) -> ListView:
    return ListView("mine", gettext("My requests"), unfinished(user).filter(owner=user))


def _unassigned(user: User) -> ListView:
    tickets = unfinished(user).filter(owner__isnull=True)
    return ListView("unassigned", gettext("Unassigned"), tickets)


def _due(user: User) -> ListView:
    tickets = unfinished(user).filter(due_sort__lt=_tomorrow())
    return ListView("due", gettext("Due today"), tickets)


def _all(user: User) -> ListView:
    return ListView("all", gettext("All open"), unfinished(user))


def _done(user: User) -> ListView:
    return ListView("done", gettext("Resolved"), ended(user), is_done=True)


VIEWS: dict[str, Callable[[User], ListView]] = {
    "mine": _mine,
    "unassigned": _unassigned,
    "due": _due,
    "all": _all,
    "done": _done,
}


def find_view(user: User, slug: str) -> ListView:
    """Return the list called ``slug``; a foreign team's list is as if it were not there."""
    if slug in VIEWS:
        return VIEWS[slug](user)
    for team in readable_teams(user):
        if slug == f"{TEAM_PREFIX}{team.slug}":
            return ListView(slug, team.name, unfinished(user).filter(team=team))
    raise Http404


class _KnownCount(Paginator[Ticket]):
    """A paginator that counts to one page past the shown one, not through 100,000 rows."""

    limit = 10_000

    def __init__(self, rows: QuerySet[Ticket], counted: QuerySet[Ticket]) -> None:
        """Take the rows with all they show, and the same without, which is quicker to count."""
        super().__init__(rows, PAGE)
        self._counted = counted

    @cached_property
    def count(self) -> int:
        """Count up to the limit."""
        return self._counted.order_by()[: self.limit].count()


def page_of(view: ListView, user: User, number: str | None) -> Page[Ticket]:
    """Return one page of rows with what they show."""
    order = (
        view.tickets.order_by("-active_at", "-id") if view.is_done else by_deadline(view.tickets)
    )
    return _KnownCount(with_list_facts(order, user), view.tickets).get_page(number)


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
    rows = list(page.object_list)
    remember_walk(user, slug, [row.number for row in rows])
    for row in rows:
        row.due = due_state(row)  # type: ignore[attr-defined] # only for the template
    context = {
        **shell(request, slug),
        "view": view,
        "page": page,
        "rows": rows,
        "unread": sum(1 for row in rows if vars(row)["is_unread"]),
    }
    return render(request, "desk/list.html", context)


@require_GET
@staff_required
def ticket_row(request: HttpRequest, ticket_id: int) -> HttpResponse:
    """Return one row for a live change: 204 if it no longer belongs in the list."""
    user = agent_of(request)
    view = find_view(user, request.GET.get("view", "all"))
    row = with_list_facts(view.tickets.filter(pk=ticket_id), user).first()
    if row is None:
        return HttpResponse(status=204)
    row.due = due_state(row)  # type: ignore[attr-defined] # only for the template
    return render(request, "desk/parts/row_fragment.html", {"row": row, "view": view})


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
    }
    return JsonResponse(views | teams)
