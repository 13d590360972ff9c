"""What agents are shown of their notices, asked anew what they may see each time."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, Final

from django.core.cache import cache
from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Value
from django.utils import timezone

from helpdesk.agents.absences import represented_by
from helpdesk.agents.models import User
from helpdesk.lib.statements import ask, slot
from helpdesk.notifications.models import Notice, Reason
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.rules import Scope, lies_in, scope_of

UNREAD, AWAY = "unread", "away"
SHOWN: Final = 100
KEPT_SECONDS: Final = 60
READ_SHOWN: Final = timedelta(days=7)


def notices_of(user: User) -> QuerySet[Notice]:
    """Return the notices of an agent about requests they may see now."""
    scope = scope_of(user)
    if not scope.team_ids:
        return Notice.objects.none()
    return Notice.objects.filter(*lies_in(scope, "ticket__"), user=user)


@dataclass(frozen=True, slots=True)
class Own:
    """What an agent has of their own in the frame of each page.

    About how many requests they have something unread, of that because a note names them or
    because they follow it, and for whom they stand in today.
    """

    requests: int = 0
    mentioned: int = 0
    watched: int = 0
    stands_in_for: tuple[str, ...] = ()


def own_of(user: User) -> Own:
    """Ask with one statement; people are those whose absence names ``user`` today."""
    today = timezone.localdate().isoformat()
    rows = ask(_own, scope_of(user), user=user.pk, today=today)
    requests, mentioned, followed = next((row[1:4] for row in rows if row[0] == UNREAD), (0, 0, 0))
    people = tuple(row[4] for row in rows if row[0] == AWAY)
    return Own(requests, mentioned, followed, people)


def kept_own_of(user: User) -> Own:
    """Return what :func:`own_of` did within the last minute, or since it was forgotten.

    For what every page shows. What went behind a wall meanwhile may still be in the number.
    """
    kept: dict[str, Any] | None = cache.get(_key(user.pk))
    if kept is not None:
        return Own(**kept | {"stands_in_for": tuple(kept["stands_in_for"])})
    found = own_of(user)
    cache.set(_key(user.pk), asdict(found), KEPT_SECONDS)
    return found


def forget_own(user_ids: Iterable[int]) -> None:
    """Make the next page of these people ask anew."""
    cache.delete_many(list(map(_key, user_ids)))


def _key(user_id: int) -> str:
    return f"desk-own:{user_id}"


def _own(scope: Scope) -> QuerySet[Any]:
    away = represented_by(slot("user"), slot("today")).order_by()
    people = away.annotate(
        x_kind=Value(AWAY), x_a=F("user_id"), x_b=Value(0), x_c=Value(0), x_name=F("user__name")
    )
    listed = people.values_list("x_kind", "x_a", "x_b", "x_c", "x_name")
    return listed.union(_unread(scope), all=True) if scope.team_ids else listed


def _unread(scope: Scope) -> QuerySet[Any]:
    """Count the requests with something unread, all and by two of the reasons."""
    unread = Notice.objects.filter(
        *lies_in(scope, "ticket__"), user_id=slot("user"), read_at__isnull=True
    )
    named, followed = (Q(reason=reason) for reason in (Reason.MENTIONED, Reason.WATCHED))
    return (
        unread.order_by()
        .values("user_id")
        .annotate(
            x_kind=Value(UNREAD),
            x_a=Count("ticket_id", distinct=True),
            x_b=Count("ticket_id", distinct=True, filter=named),
            x_c=Count("ticket_id", distinct=True, filter=followed),
            x_name=Value(""),
        )
        .values_list("x_kind", "x_a", "x_b", "x_c", "x_name")
    )


def is_told(user_id: Any) -> Exists:  # noqa: ANN401 - a key or a slot
    """Return the condition that a user has something unread about a ticket."""
    return Exists(
        Notice.objects.filter(ticket=OuterRef("pk"), user_id=user_id, read_at__isnull=True)
    )


@dataclass(frozen=True, slots=True)
class Group:
    """A request with what its reader was told about it, the newest first."""

    ticket: Ticket
    notices: list[Notice]

    @property
    def is_unread(self) -> bool:
        """Tell whether any of it is new."""
        return any(notice.read_at is None for notice in self.notices)


def groups_of(user: User, *, limit: int = SHOWN) -> list[Group]:
    """Return what an agent was told, by request: all that is unread, and the last week."""
    shown = Q(read_at__isnull=True) | Q(created_at__gt=timezone.now() - READ_SHOWN)
    rows = notices_of(user).filter(shown).select_related("ticket", "actor", "away")
    # What is unread comes before the limit is reached, however much was read since.
    unread_first = rows.order_by(F("read_at").desc(nulls_first=True), "-id")
    by_ticket: dict[int, Group] = {}
    for notice in _in_order(unread_first[: limit * 4]):
        group = by_ticket.setdefault(notice.ticket_id, Group(notice.ticket, []))
        group.notices.append(notice)
    return list(by_ticket.values())[:limit]


def _in_order(notices: Iterable[Notice]) -> list[Notice]:
    """Put requests with something unread first; within both the newest leads."""
    listed = list(notices)
    unread = {notice.ticket_id for notice in listed if notice.read_at is None}
    return sorted(listed, key=lambda each: (each.ticket_id not in unread, -each.pk))


def newest_id(user: User) -> int:
    """Return the newest notice there is now, 0 if there is none."""
    found: int | None = Notice.objects.filter(user=user).aggregate(newest=Max("pk"))["newest"]
    return found or 0
