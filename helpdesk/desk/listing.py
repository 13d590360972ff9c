"""The lists of the desk: those of the house, teams' and saved ones, each with its filters."""

from collections.abc import Callable
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.utils.translation import gettext

from helpdesk.agents.absences import represented_by
from helpdesk.agents.models import Team, User
from helpdesk.desk.numbers import read_id
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.models.ticket import FINISHED, UNFINISHED
from helpdesk.tickets.queries import Counts, Sorting, ended, spamless, unfinished, visible_to
from helpdesk.tickets.rules import readable_teams
from helpdesk.tickets.search import TicketsFound, findable, search_tickets
from helpdesk.tickets.watching import is_mentioned, is_watched
from helpdesk.worklists.filters import (
    FIELDS,
    LAST_ACTIVE_FIRST,
    MARK,
    Filters,
    condition,
    narrowed,
    read_filters,
    read_stored,
    reader_now,
)
from helpdesk.worklists.finding import narrowed_by
from helpdesk.worklists.models import SLUG_PREFIX, SavedView
from helpdesk.worklists.queries import views_of

Value = Callable[[str], Any]
TEAM_PREFIX = "team-"
TEXT = "text"
# The list of all that can be found, in work or ended, by words and filters.
SEARCH = "search"
STAND_IN, MENTIONED, WATCHED = "vertretung", "erwaehnt", "beobachtet"


@dataclass(frozen=True, slots=True)
class Part:
    """What a list leaves of the tickets of a scope, as a statement that can be kept."""

    own: Callable[[Value], Q]
    is_done: bool = False
    is_search: bool = False

    def __call__(self, tickets: QuerySet[Ticket], value: Value) -> QuerySet[Ticket]:
        """Keep the tickets of the list; ``value`` gives what depends on the reader."""
        family = spamless(ended(tickets)) if self.is_done else unfinished(tickets)
        return family.filter(self.own(value))


def _mine(value: Value) -> Q:
    return Q(owner_id=value("owner"))


def _stand_in(value: Value) -> Q:
    away = represented_by(value("owner"), value("today")).order_by()
    return Q(owner_id__in=away.values("user_id"))


def _mentioned(value: Value) -> Q:
    return is_mentioned(value("owner"))


def _watched(value: Value) -> Q:
    return is_watched(value("owner"))


def _unassigned(_value: Value) -> Q:
    return Q(owner__isnull=True)


def _due(value: Value) -> Q:
    return Q(due_sort__lt=value("tomorrow"))


def _whole(_value: Value) -> Q:
    return Q()


def _team(value: Value) -> Q:
    return Q(team_id=value("team"))


@dataclass(frozen=True, slots=True)
class ListView:
    """A named list: what it is called, what stands in it, and what it says when empty.

    ``part`` leaves its tickets of all visible ones; ``values`` are what it asks for. A saved
    one has filters, an order and columns of its own.
    """

    slug: str
    title: str
    part: Part
    values: dict[str, Any] = field(default_factory=dict)
    count: Callable[[Counts], int] | None = None
    filters: Filters = field(default_factory=Filters)
    columns: tuple[str, ...] = ()
    saved: SavedView | None = None

    @property
    def is_done(self) -> bool:
        """Tell whether it is a list of what has ended."""
        return self.part.is_done

    @property
    def is_search(self) -> bool:
        """Tell whether it is the search: of what is in work and what has ended alike."""
        return self.part.is_search

    @property
    def path(self) -> str:
        """Return the address of its page, without filters."""
        if self.slug == SEARCH:
            return reverse("desk:search")
        return reverse("desk:list", args=[self.slug])

    @property
    def own(self) -> Q:
        """Return what its tickets have in common, apart from filters."""
        return self.part.own(self.values.__getitem__)


def house_views(user: User) -> dict[str, ListView]:
    """Return the lists that everybody has, by slug."""
    tomorrow = reader_now(user.pk).days(1)
    due, mine = {"tomorrow": tomorrow}, {"owner": user.pk}
    today = timezone.localdate().isoformat()
    views = (
        ListView("mine", gettext("My requests"), Part(_mine), mine, attrgetter("mine")),
        ListView(STAND_IN, gettext("Standing in"), Part(_stand_in), mine | {"today": today}),
        ListView(MENTIONED, gettext("Mentions"), Part(_mentioned), mine),
        ListView(WATCHED, gettext("Following"), Part(_watched), mine),
        ListView(
            "unassigned",
            gettext("Unassigned"),
            Part(_unassigned),
            count=attrgetter("unassigned"),
        ),
        ListView("due", gettext("Due today"), Part(_due), due, attrgetter("due_today")),
        ListView("all", gettext("All open"), Part(_whole), count=attrgetter("total")),
        ListView("done", gettext("Resolved"), Part(_whole, is_done=True)),
    )
    return {view.slug: view for view in views}


def _of_team(team: Team) -> ListView:
    def count(found: Counts) -> int:
        return found.teams.get(team.pk, 0)

    return ListView(f"{TEAM_PREFIX}{team.slug}", team.name, Part(_team), {"team": team.pk}, count)


def base_view(user: User, slug: str) -> ListView | None:
    """Return the list of the house or of a team; a foreign team's is as if it were not there."""
    if slug == SEARCH:
        return ListView(SEARCH, gettext("Search"), Part(_whole, is_search=True))
    found = house_views(user).get(slug)
    if found is not None:
        return found
    teams = (team for team in readable_teams(user) if slug == f"{TEAM_PREFIX}{team.slug}")
    return next((_of_team(team) for team in teams), None)


def saved_list(user: User, view: SavedView) -> ListView | None:
    """Return a saved view as a list, None where the list it stands on is not there any more."""
    base = base_view(user, view.base)
    if base is None:
        return None
    return ListView(
        slug=view.slug,
        title=view.name,
        part=base.part,
        values=base.values,
        filters=read_stored(view.filters, view.sort),
        columns=tuple(view.columns),
        saved=view,
    )


def find_view(user: User, slug: str) -> ListView:
    """Return the list called ``slug``; a foreign one is as if it were not there."""
    key = read_id(slug.removeprefix(SLUG_PREFIX)) if slug.startswith(SLUG_PREFIX) else None
    if key is None:
        found = base_view(user, slug)
    else:
        saved = views_of(user).filter(pk=key).select_related("team").first()
        found = saved_list(user, saved) if saved else None
    if found is None:
        raise Http404
    return found


@dataclass(frozen=True)
class Listing:
    """A list as it was asked for: with the filters and the order of its address."""

    user: User
    view: ListView
    filters: Filters

    @property
    def is_changed(self) -> bool:
        """Tell whether it shows something else than the list itself does."""
        return self.filters.pairs != self.view.filters.pairs

    @property
    def is_plain(self) -> bool:
        """Tell whether it is the list of the house as it stands: its statement is kept."""
        return not self.filters.pairs

    @property
    def of_ended(self) -> bool:
        """Tell whether its tickets have ended."""
        return self.filters.are_of_ended(otherwise=self.view.is_done)

    @property
    def sort(self) -> str:
        """Return the order in effect as it stands in an address."""
        usual = "-active" if self.of_ended else "due"
        is_usual = self.filters.order(of_ended=self.of_ended) == Filters(sort=usual).order(
            of_ended=self.of_ended
        )
        return usual if is_usual else self.filters.sort

    @cached_property
    def found(self) -> tuple[int, ...] | None:
        """Return the ids of the tickets that hold the words looked for, None without words."""
        return tuple(self.hits.ids) if self.filters.text else None

    @cached_property
    def hits(self) -> TicketsFound:
        """Return what the search finds of the words looked for, the best or the newest first."""
        statuses = () if self.view.is_search else FINISHED if self.of_ended else UNFINISHED
        narrowed = narrowed_by(
            self.filters,
            reader_now(self.user.pk),
            statuses=statuses,
            by_date=self.filters.sort == LAST_ACTIVE_FIRST,
        )
        return search_tickets(self.user, self.filters.text, narrowed)

    @property
    def meets(self) -> Q:
        """Return what the filters ask of a ticket, apart from the words."""
        return condition(self.filters, reader_now(self.user.pk))

    def tickets(self) -> QuerySet[Ticket]:
        """Return the tickets of the list, in no order."""
        if self.view.is_search:
            tickets = findable(self.user).filter(self.meets)
            return tickets if self.found is None else tickets.filter(pk__in=self.found)
        own, reader = visible_to(self.user).filter(self.view.own), reader_now(self.user.pk)
        tickets = narrowed(own, self.filters, reader, of_ended=self.of_ended)
        return tickets if self.found is None else tickets.filter(pk__in=self.found)

    @property
    def row_address(self) -> str:
        """Return the address of one of its rows, with ID where the ticket's key belongs."""
        query = urlencode({"view": self.view.slug})
        more = f"&{self.query}" if self.query else ""
        return f"{reverse('desk:row', args=[0]).removesuffix('0/')}ID/?{query}{more}"

    def order(self) -> tuple[Sorting, ...]:
        """Return the columns it is sorted by."""
        return self.filters.order(of_ended=self.of_ended)

    @property
    def query(self) -> str:
        """Return what follows the "?" in its address, "" for the list itself."""
        return query_of(self.view, self.filters)

    @property
    def address(self) -> str:
        """Return its address."""
        return self.address_of(self.filters)

    @property
    def reset(self) -> str:
        """Return the address of the list as it was saved, or without any filter."""
        return self.view.path if self.is_changed else f"{self.view.path}?{MARK}=1"

    def page(self, number: int) -> str:
        """Return the address of one of its pages."""
        joint = "&" if self.query else "?"
        return f"{self.address}{joint}page={number}"

    def address_of(self, filters: Filters) -> str:
        """Return the address of the same list with other filters."""
        query = query_of(self.view, filters)
        return f"{self.view.path}?{query}" if query else self.view.path


def query_of(view: ListView, filters: Filters) -> str:
    """Write filters into an address; the mark says that those of a saved view do not hold."""
    if filters.pairs == view.filters.pairs:
        return ""
    mark = [(MARK, "1")] if view.saved or not filters.pairs else []
    return urlencode([*mark, *filters.pairs])


def read_listing(user: User, slug: str, data: QueryDict) -> Listing:
    """Return the list of an address; raises Http404 where there is none."""
    view = find_view(user, slug)
    given = any(name in data for name in (*FIELDS, MARK, "sort"))
    return Listing(user, view, read_filters(data) if given else view.filters)
