"""Whom a fact about a request concerns, and why: a table, and one statement for its answer.

Only who may read the request at this moment is told (attack 13), and nobody of what they
did themselves. Who stands in for somebody away is told what concerns them, as far as their
own rights reach; standing in gives none.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from django.db.models import F

from helpdesk.agents.absences import away_today
from helpdesk.events.models import Event
from helpdesk.lib.statements import Lookup
from helpdesk.notifications.models import Reason
from helpdesk.tickets import facts
from helpdesk.tickets.enums import WAITING, Status
from helpdesk.tickets.models import Mention, Ticket


@dataclass(frozen=True, slots=True)
class People:
    """Who has to do with a ticket, whatever happens to it."""

    team_id: int
    owner_id: int | None
    watchers: frozenset[int]


@dataclass(frozen=True, slots=True)
class Concern:
    """Why one agent is told; ``away_id`` is for whom they stand in."""

    reason: Reason
    away_id: int | None = None


Finder = Callable[[Event, People], dict[int, Reason]]

_PEOPLE: Final = Lookup(
    lambda ticket_id: (
        Ticket.objects.filter(pk=ticket_id)
        .annotate(x_watcher=F("watchers__user_id"))
        .values_list("team_id", "owner_id", "x_watcher")
    ),
    "ticket_id",
)
OUTSIDE: Final = frozenset({"citizen", "external"})
# What one reads of as a bookmark is no work that anybody could take over.
NOT_TAKEN_OVER: Final = frozenset({Reason.WATCHED})


def _owner(reason: Reason, people: People) -> dict[int, Reason]:
    return {} if people.owner_id is None else {people.owner_id: reason}


def _watched(_event: Event, people: People) -> dict[int, Reason]:
    return dict.fromkeys(people.watchers, Reason.WATCHED)


def _assigned(event: Event, people: People) -> dict[int, Reason]:
    to = event.data.get("to")
    return _watched(event, people) | ({to: Reason.ASSIGNED} if to else {})


def _noted(event: Event, people: People) -> dict[int, Reason]:
    named = Mention.objects.filter(article_id=event.data.get("article_id"))
    found = dict.fromkeys(named.values_list("user_id", flat=True), Reason.MENTIONED)
    return _watched(event, people) | found


def _written(event: Event, people: People) -> dict[int, Reason]:
    # A machine's word wakes nobody, as it wakes no request.
    if event.data.get("is_automatic"):
        return {}
    return _watched(event, people) | _owner(Reason.REPLIED, people)


def _from_outside(event: Event, people: People) -> dict[int, Reason]:
    return _watched(event, people) | _owner(Reason.REPLIED, people)


def _status(event: Event, people: People) -> dict[int, Reason]:
    """Tell of a new status unless another fact of the same moment tells of more."""
    before, to = event.data.get("from"), event.data.get("to")
    if "by_message" in event.data or event.data.get("undo") or before == Status.NEW:
        return {}
    if event.actor_kind == "system" and before in WAITING and to == Status.OPEN:
        return _due(event, people)
    if event.actor_kind in OUTSIDE:
        return _from_outside(event, people)
    return _watched(event, people)


def _due(_event: Event, people: People) -> dict[int, Reason]:
    watching = dict.fromkeys(people.watchers, Reason.DEADLINE)
    return watching | _owner(Reason.DEADLINE, people)


# What is not named here concerns nobody by itself: it stands in lists and in the history.
FINDERS: Final[Mapping[str, Finder]] = {
    facts.ASSIGNED: _assigned,
    facts.NOTE_ADDED: _noted,
    facts.MESSAGE_RECEIVED: _written,
    facts.REPLY_BOUNCED: _from_outside,
    facts.DEADLINE_NEAR: _due,
    facts.DEADLINE_MISSED: _due,
    facts.ANSWERED: _watched,
    facts.CALL_NOTED: _from_outside,
    facts.STATUS_CHANGED: _status,
    facts.MOVED: _watched,
    facts.MERGED: _watched,
    facts.MERGED_IN: _watched,
    facts.UNMERGED: _watched,
    facts.SPLIT_OFF: _watched,
}


def concerned(event: Event) -> tuple[dict[int, Concern], int]:
    """Return who is concerned by a fact and the team whose members may read of it.

    Asks one statement where nobody is; rights are for the caller to ask.
    """
    finder = FINDERS.get(event.kind)
    rows = _PEOPLE.values(ticket_id=event.subject_id) if finder else []
    if finder is None or not rows:
        return {}, 0
    team_id, owner_id, _ = rows[0]
    watchers = frozenset(watcher for *_, watcher in rows if watcher is not None)
    found = finder(event, People(team_id, owner_id, watchers))
    actor_id = event.actor_id if event.actor_kind == "user" else None
    found.pop(actor_id or 0, None)
    concerns = _with_substitutes(found)
    concerns.pop(actor_id or 0, None)
    return concerns, team_id


def _with_substitutes(found: dict[int, Reason]) -> dict[int, Concern]:
    concerns = {user_id: Concern(reason) for user_id, reason in found.items()}
    taken_over = [pk for pk, reason in found.items() if reason not in NOT_TAKEN_OVER]
    if not taken_over:
        return concerns
    for user_id, substitute_id in away_today(taken_over).items():
        if substitute_id is not None:
            concerns.setdefault(substitute_id, Concern(found[user_id], user_id))
    return concerns
