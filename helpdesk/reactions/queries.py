"""What the health page asks about reactions."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Min, QuerySet

from helpdesk.events.models import Event, Unsealed
from helpdesk.reactions.models import Reaction


@dataclass(frozen=True, slots=True)
class Backlog:
    """How much has not followed yet; ``since`` is the age of the oldest of it."""

    unsealed: int
    pending: int
    parked: int
    since: datetime | None


def backlog() -> Backlog:
    """Count what waits; all counts are over partial indexes or small tables."""
    pending = Reaction.objects.filter(state=Reaction.State.PENDING)
    waiting = Event.objects.filter(
        pk__in=[
            *Unsealed.objects.order_by("event_id").values_list("event_id", flat=True)[:1],
            *pending.order_by("seq").values_list("event_id", flat=True)[:1],
        ]
    )
    return Backlog(
        unsealed=Unsealed.objects.count(),
        pending=pending.count(),
        parked=parked().count(),
        since=waiting.aggregate(since=Min("created_at"))["since"],
    )


def parked(authority_id: int | None = None) -> QuerySet[Reaction]:
    """Return the reactions (of an authority) that failed too often, with their events."""
    rows = Reaction.objects.filter(state=Reaction.State.PARKED).select_related("event")
    if authority_id is not None:
        rows = rows.filter(event__authority_id=authority_id)
    return rows.order_by("seq")
