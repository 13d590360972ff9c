"""What citizens say of how their requests ended, added up: never one by one."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Avg, Count, Q
from django.utils import timezone

from helpdesk.tickets.enums import Solved
from helpdesk.tickets.models import Rating

# Fewer could be told apart.
LEAST = 5
SPAN = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Verdicts:
    """The ratings of one team, or of all; ``stars`` is their mean, None where few gave any."""

    team: str
    count: int
    solved: int
    partly: int
    unsolved: int
    stars: float | None


def verdicts_of(authority_id: int) -> list[Verdicts]:
    """Return the last year's ratings of each team that has enough, and first those of all."""
    since = timezone.now() - SPAN
    given = Rating.objects.filter(ticket__authority_id=authority_id, ended_at__gte=since)
    sums = {
        "total": Count("pk"),
        "fully": Count("pk", filter=Q(solved=Solved.YES)),
        "partly": Count("pk", filter=Q(solved=Solved.PARTLY)),
        "unsolved": Count("pk", filter=Q(solved=Solved.NO)),
        "starred": Count("stars"),
        "mean": Avg("stars"),
    }
    teams = given.order_by().values("ticket__team__name").annotate(**sums)
    rows: list[Any] = [{"ticket__team__name": ""} | given.order_by().aggregate(**sums)]
    rows += teams.order_by("ticket__team__name")
    return [_verdicts(row) for row in rows if row["total"] >= LEAST]


def _verdicts(row: dict[str, Any]) -> Verdicts:
    return Verdicts(
        team=row["ticket__team__name"],
        count=row["total"],
        solved=row["fully"],
        partly=row["partly"],
        unsolved=row["unsolved"],
        stars=round(row["mean"], 1) if row["starred"] >= LEAST else None,
    )
