"""What citizens say of how their requests ended, added up: never one by one."""

from dataclasses import dataclass
from datetime import timedelta

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
        "count": Count("pk"),
        "solved": Count("pk", filter=Q(solved=Solved.YES)),
        "partly": Count("pk", filter=Q(solved=Solved.PARTLY)),
        "unsolved": Count("pk", filter=Q(solved=Solved.NO)),
        "starred": Count("stars"),
        "stars": Avg("stars"),
    }
    teams = given.order_by().values("ticket__team__name").annotate(**sums)
    rows = [{"ticket__team__name": ""} | given.order_by().aggregate(**sums)]
    rows += teams.order_by("ticket__team__name")
    return [_verdicts(row) for row in rows if row["count"] >= LEAST]


def _verdicts(row: dict[str, object]) -> Verdicts:
    starred, stars = row.pop("starred"), row.pop("stars")
    has_stars = isinstance(starred, int) and starred >= LEAST and isinstance(stars, float)
    return Verdicts(
        team=str(row.pop("ticket__team__name")),
        stars=round(stars, 1) if has_stars and isinstance(stars, float) else None,
        **row,  # type: ignore[arg-type]  # the sums above
    )
