"""How many tickets wait in each view of the navigation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet, Value
from django.utils import timezone

from helpdesk.agents.models import User
from helpdesk.lib.statements import ask, slot
from helpdesk.tickets.queries.visibility import unfinished
from helpdesk.tickets.rules import Scope, scope_of, team_ids, tickets_in


@dataclass(frozen=True, slots=True)
class Counts:
    """How many tickets wait in each view of the navigation."""

    mine: int
    unassigned: int
    due_today: int
    teams: dict[int, int]

    @property
    def total(self) -> int:
        """Return all unfinished tickets of the user's teams."""
        return sum(self.teams.values())


def counts_for(user: User) -> Counts:
    """Count the unfinished tickets of the navigation's views in one query."""
    return counts_with(user, ())[0]


def counts_with(user: User, conditions: Sequence[Q]) -> tuple[Counts, list[int]]:
    """Count them, and with the same query those that meet each of some conditions."""
    tomorrow = (timezone.localtime() + timedelta(days=1)).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    scope = scope_of(user)
    if conditions:
        rows = list(_counted(scope, user.pk, tomorrow, conditions))
    else:
        rows = ask(_counts, scope, user=user.pk, tomorrow=tomorrow)
    totals = {team_id: total for team_id, total, *_ in rows}
    _, _, mine, unassigned, due, *others = (
        map(sum, zip(*rows, strict=True)) if rows else [0] * (5 + len(conditions))
    )
    teams = {team_id: totals.get(team_id, 0) for team_id in team_ids(user, "can_read")}
    return Counts(mine=mine, unassigned=unassigned, due_today=due, teams=teams), others


def _counts(scope: Scope) -> QuerySet[Any]:
    return _counted(scope, slot("user"), slot("tomorrow"), ())


def _counted(
    scope: Scope, user: int | Value, tomorrow: datetime | Value, conditions: Sequence[Q]
) -> QuerySet[Any]:
    others = {f"x_{place}": Count("id", filter=met) for place, met in enumerate(conditions)}
    return (
        unfinished(tickets_in(scope))
        .order_by()
        .values("team_id")
        .annotate(
            total=Count("id"),
            mine=Count("id", filter=Q(owner_id=user)),
            unassigned=Count("id", filter=Q(owner__isnull=True)),
            due=Count("id", filter=Q(due_sort__lt=tomorrow)),
            **others,
        )
        .values_list("team_id", "total", "mine", "unassigned", "due", *others)
    )
