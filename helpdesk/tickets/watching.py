"""Reads of who follows a ticket, who was named in it, and who can be."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from helpdesk.agents.models import Membership, Team, User
from helpdesk.tickets.models import Mention, Ticket, Watcher
from helpdesk.tickets.rules import readers_of

USER, TEAM = "user", "team"


def is_watched(user_id: Any) -> Q:  # noqa: ANN401 - a key or a slot
    """Return the condition that a user follows a ticket."""
    return Q(pk__in=Watcher.objects.filter(user_id=user_id).values("ticket_id"))


def is_mentioned(user_id: Any) -> Q:  # noqa: ANN401 - a key or a slot
    """Return the condition that a user is named in a note of a ticket."""
    named = Mention.objects.filter(user_id=user_id, article__is_withdrawn=False)
    return Q(pk__in=named.values("article__ticket_id"))


def is_watched_by(ticket: Ticket, user: User) -> bool:
    """Tell whether ``user`` follows the ticket."""
    return Watcher.objects.filter(ticket=ticket, user=user).exists()


def watchers_of(ticket: Ticket) -> QuerySet[User]:
    """Return who follows the ticket and may read it, by name."""
    followed = Watcher.objects.filter(ticket=ticket).values("user_id")
    return readers_of(ticket.team_id).filter(pk__in=followed)


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody who can be named in a note of a ticket: ``@name`` reaches ``user_ids``."""

    kind: str
    pk: int
    name: str
    user_ids: frozenset[int]


def mentionable(ticket: Ticket) -> list[Named]:
    """Return the agents who may read the ticket and the teams some of them belong to, by name.

    Naming anybody else would reach nobody: rights are not given by a note.
    """
    readers = dict(readers_of(ticket.team_id).values_list("pk", "name"))
    members: dict[int, set[int]] = {}
    rows = Membership.objects.filter(user_id__in=readers, team__is_active=True)
    for team_id, user_id in rows.values_list("team_id", "user_id"):
        members.setdefault(team_id, set()).add(user_id)
    teams = Team.objects.filter(pk__in=members).values_list("pk", "name")
    named = [Named(USER, pk, name, frozenset({pk})) for pk, name in readers.items()]
    named += [Named(TEAM, pk, name, frozenset(members[pk])) for pk, name in teams]
    return sorted(named, key=lambda each: (each.name.casefold(), each.kind, each.pk))
