"""What agents are shown of their notices, asked anew what they may see each time."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, Final

from django.core.cache import cache
from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.utils import timezone

from helpdesk.agents.models import User
from helpdesk.lib.statements import ask, slot
from helpdesk.notifications.models import Notice, Reason
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.rules import Scope, lies_in, scope_of

# So far a bell counts; nobody reads on from there by number.
COUNTED: Final = 200
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
class Unread:
    """About how many requests somebody has something new, and of that by why they were told."""

    requests: int = 0
    mentioned: int = 0
    watched: int = 0


def unread_of(user: User) -> Unread:
    """Count the requests about which an agent has something unread; about two hundred at most."""
    scope = scope_of(user)
    rows = ask(_unread, scope, user=user.pk) if scope.team_ids else []
    return Unread(
        requests=len({ticket_id for ticket_id, _ in rows}),
        mentioned=sum(reason == Reason.MENTIONED for _, reason in rows),
        watched=sum(reason == Reason.WATCHED for _, reason in rows),
    )


def kept_unread_of(user: User) -> Unread:
    """Return what :func:`unread_of` did within the last minute, or since anything was told or read.

    For what every page shows. What went behind a wall meanwhile may still be in the number.
    """
    kept: dict[str, int] | None = cache.get(_key(user.pk))
    if kept is not None:
        return Unread(**kept)
    found = unread_of(user)
    cache.set(_key(user.pk), asdict(found), KEPT_SECONDS)
    return found


def forget_unread(user_ids: Iterable[int]) -> None:
    """Make the next page of these people count anew."""
    cache.delete_many(list(map(_key, user_ids)))


def _key(user_id: int) -> str:
    return f"unread-notices:{user_id}"


def _unread(scope: Scope) -> QuerySet[Any]:
    unread = Notice.objects.filter(
        *lies_in(scope, "ticket__"), user_id=slot("user"), read_at__isnull=True
    )
    return unread.order_by().values_list("ticket_id", "reason").distinct()[:COUNTED]


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
    rows = notices_of(user).filter(shown).select_related("ticket", "actor", "away").order_by("-id")
    by_ticket: dict[int, Group] = {}
    for notice in _in_order(rows[: limit * 4]):
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
