"""The lines of lists: what stands in one, in which order, and what comes next."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.expressions import OrderBy

from helpdesk.agents.models import User
from helpdesk.lib.statements import ask, slot
from helpdesk.tickets.enums import ACTIVE
from helpdesk.tickets.models import Ticket, TicketSeen
from helpdesk.tickets.queries.visibility import unfinished, visible_to
from helpdesk.tickets.rules import Scope, scope_of, tickets_in

PAGE = 50
BY_DEADLINE = ("due_sort", "id")


def by_deadline(tickets: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """Sort by deadline, then by the longest wait."""
    return tickets.order_by(*BY_DEADLINE)


def is_unseen_by(user_id: Any) -> Any:  # noqa: ANN401 - a key or a slot, and Django's expression
    """Return the condition that a user has not seen the newest article of a ticket."""
    seen = TicketSeen.objects.filter(
        ticket=OuterRef("pk"), user_id=user_id, article_id__gte=OuterRef("last_article_id")
    )
    return ~Exists(seen)


def next_to_take(user: User, *, without: str = "") -> Ticket | None:
    """Return what ``user`` should take next: theirs or nobody's, not waiting, nearest deadline."""
    found = unfinished(visible_to(user)).filter(
        Q(owner_id=user.pk) | Q(owner=None), status__in=ACTIVE
    )
    return by_deadline(found.exclude(number=without)).only("number", "owner_id").first()


def next_due(user: User) -> tuple[str, datetime | None] | None:
    """Return number and deadline of the visible ticket that is due first, if any is."""
    promised = unfinished(visible_to(user)).filter(due_at__isnull=False, clock_paused=False)
    return by_deadline(promised).values_list("number", "due_at").first()


# What a row shows, where the tickets themselves are wanted.
ROW_COLUMNS = (
    *("number", "version", "status", "title", "snippet", "citizen_name", "active_at"),
    *("received_at", "due_at", "clock_paused", "team__name", "owner__name", "category__name"),
    *("channel", "callback_phone"),
)


def with_list_facts(tickets: QuerySet[Ticket], user: User) -> QuerySet[Ticket]:
    """Join what a row shows, and say as ``is_unread`` whether the user has seen the newest."""
    rows = tickets.select_related("team", "owner", "category").only(*ROW_COLUMNS)
    return rows.annotate(is_unread=is_unseen_by(user.pk))


class Row(NamedTuple):
    """What one line of a list shows of a ticket."""

    pk: int
    number: str
    version: int
    status: str
    title: str
    snippet: str
    citizen_name: str
    active_at: datetime
    received_at: datetime
    due_at: datetime | None
    clock_paused: bool
    team_name: str
    owner_id: int | None
    owner_name: str | None
    category_name: str | None
    channel: str
    callback_phone: str
    tag_line: str
    priority: int
    waiting_until: datetime | None
    place: str
    is_unread: bool


# The columns of a row in its order; the last one is annotated.
_ROW_COLUMNS = (
    *("pk", "number", "version", "status", "title", "snippet", "citizen_name", "active_at"),
    *("received_at", "due_at", "clock_paused", "team__name", "owner_id", "owner__name"),
    *("category__name", "channel", "callback_phone", "tag_line", "priority", "waiting_until"),
    *("place", "x_unread"),
)
Sorting = str | OrderBy
# What a list leaves of the tickets of a scope; ``value`` gives what depends on the reader.
Narrow = Callable[[QuerySet[Ticket], Callable[[str], Any]], QuerySet[Ticket]]


def read_rows(
    user: User,
    narrow: Narrow,
    order: tuple[Sorting, ...],
    *,
    offset: int,
    limit: int,
    **values: Any,
) -> list[Row]:
    """Return some lines of a list of visible tickets."""
    found = ask(
        _rows, scope_of(user), narrow, order, offset, offset + limit, **values, reader=user.pk
    )
    return [Row._make(row) for row in found]


def _rows(
    scope: Scope, narrow: Narrow, order: tuple[Sorting, ...], start: int, stop: int
) -> QuerySet[Any]:
    tickets = narrow(tickets_in(scope), slot).annotate(x_unread=is_unseen_by(slot("reader")))
    return tickets.order_by(*order).values_list(*_ROW_COLUMNS)[start:stop]


def rows_of(user: User, tickets: QuerySet[Ticket]) -> list[Row]:
    """Return visible tickets as lines of a list, in their order."""
    shown = tickets.annotate(x_unread=is_unseen_by(user.pk))
    return [Row._make(row) for row in shown.values_list(*_ROW_COLUMNS)]
