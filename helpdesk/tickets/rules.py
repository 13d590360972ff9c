"""Who may do what with a ticket: each predicate beside the queryset that must agree with it."""

from typing import NamedTuple

from django.db.models import Q, QuerySet, Value

from helpdesk.agents.models import Membership, Team, User
from helpdesk.agents.queries import read_access
from helpdesk.permissions.predicates import Predicate
from helpdesk.permissions.registry import register
from helpdesk.tickets.models import Ticket

RIGHTS = {
    "read_ticket": "can_read",
    "create_ticket": "can_create",
    "answer_ticket": "can_answer",
    "change_ticket": "can_change",
}
_CACHE = "_team_rights"


def _memberships(user: User) -> dict[int, Membership]:
    """Return the memberships that let ``user`` read, by team, read once per user object."""
    cached: dict[int, Membership] | None = getattr(user, _CACHE, None)
    if cached is None:
        cached = read_access(user)
        setattr(user, _CACHE, cached)
    return cached


def team_ids(user: User, right: str) -> frozenset[int]:
    """Return the teams in which ``user`` holds ``right``.

    Without the right to read, the others mean nothing.
    """
    rows = _memberships(user).items()
    return frozenset(team_id for team_id, row in rows if getattr(row, right))


def readable_teams(user: User) -> list[Team]:
    """Return the teams whose tickets ``user`` may read, by name."""
    return sorted((row.team for row in _memberships(user).values()), key=lambda team: team.name)


def is_staff(viewer: object) -> bool:
    """Tell whether the viewer works here: active staff, or an active service."""
    return bool(getattr(viewer, "works_here", False))


def _in_team(right: str) -> Predicate:
    def test(viewer: object, obj: object) -> bool:
        if not is_staff(viewer) or not isinstance(obj, Ticket):
            return False
        user = getattr(viewer, "_wrapped", viewer)
        return (
            isinstance(user, User)
            and user.authority_id == obj.authority_id
            and obj.team_id in team_ids(user, right)
        )

    return Predicate(f"{right} in the ticket's team", test)


class Scope(NamedTuple):
    """The tickets for which somebody holds a right: those of some teams of one authority."""

    authority_id: int
    team_ids: tuple[int, ...]


def scope_of(user: User, right: str = "can_read") -> Scope:
    """Return in which teams ``user`` holds ``right``; nobody but staff does in any."""
    teams = tuple(sorted(team_ids(user, right))) if is_staff(user) else ()
    return Scope(user.authority_id, teams)


def tickets_in(scope: Scope) -> QuerySet[Ticket]:
    """Return the tickets of a scope; whoever has one may know of them."""
    if not scope.team_ids:
        return Ticket.objects.none()
    return Ticket.objects.filter(*lies_in(scope))


def lies_in(scope: Scope, path: str = "") -> tuple[Q, Q]:
    """Return the conditions that the ticket at ``path`` ("ticket__") belongs to a scope.

    For rows that hang on a ticket: joined, since a list of all visible tickets would be long.
    """
    return (
        Q(**{f"{path}authority_id": scope.authority_id}),
        Q(**{f"{path}team_id__in": scope.team_ids}),
    )


def tickets_with(user: User, right: str) -> QuerySet[Ticket]:
    """Return the tickets for which the predicate of ``right`` holds."""
    return tickets_in(scope_of(user, right))


for _verb, _right in RIGHTS.items():
    register(_verb, _in_team(_right))


def workers_of(team_id: int | Value) -> QuerySet[User]:
    """Return the active agents who can be responsible for a ticket of the team, by name."""
    return User.objects.filter(
        memberships__team_id=team_id, memberships__can_read=True, is_active=True, kind="staff"
    ).order_by("name")


def readers_of(team_id: int | Value) -> QuerySet[User]:
    """Return the active agents who may read the tickets of the team now, by name."""
    return User.objects.filter(
        memberships__team_id=team_id,
        memberships__team__is_active=True,
        memberships__can_read=True,
        is_active=True,
        kind="staff",
    ).order_by("name", "id")
