"""Which ticket an event concerns, and which teams hear of it."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from helpdesk.events.models import Event
from helpdesk.outbox.facts import SUBJECT_KIND as MESSAGE
from helpdesk.tickets import facts
from helpdesk.tickets.models import Article


@dataclass(frozen=True, slots=True)
class Change:
    """An event as screens care for it; ``left_team`` is the team a moved ticket has left."""

    seq: int
    ticket_id: int
    kind: str
    team_ids: frozenset[int]
    left_team: int | None = None


def to_message(change: Change) -> dict[str, Any]:
    """Return the form in which a channel layer carries a change; it holds ids alone."""
    return {**asdict(change), "team_ids": sorted(change.team_ids)}


def from_message(message: Mapping[str, Any]) -> Change:
    """Return the change that :func:`to_message` wrote."""
    return Change(**{**message, "team_ids": frozenset(message["team_ids"])})


def changes_of(events: Iterable[tuple[int, Event]]) -> list[Change]:
    """Return the changes among numbered events, in their order; one query at most.

    What happens to an outgoing message concerns the ticket whose answer it is.
    Events about other subjects are no business of any screen.
    """
    pairs = list(events)
    tickets = _tickets_of_messages(
        [event.subject_id for _, event in pairs if event.subject_kind == MESSAGE]
    )
    changes = (_change(seq, event, tickets) for seq, event in pairs)
    return [change for change in changes if change is not None]


def _change(seq: int, event: Event, tickets: dict[int, tuple[int, int]]) -> Change | None:
    if event.subject_kind == facts.SUBJECT:
        left = event.data.get("from") if event.kind == facts.MOVED else None
        teams = frozenset({event.data["team_id"], left} - {None})
        return Change(seq, event.subject_id, event.kind, teams, left)
    if event.subject_kind == MESSAGE and event.subject_id in tickets:
        ticket_id, team_id = tickets[event.subject_id]
        return Change(seq, ticket_id, event.kind, frozenset({team_id}))
    return None


def _tickets_of_messages(message_ids: list[int]) -> dict[int, tuple[int, int]]:
    if not message_ids:
        return {}
    rows = Article.objects.filter(outgoing_id__in=message_ids).values_list(
        "outgoing_id", "ticket_id", "ticket__team_id"
    )
    return {message_id: (ticket_id, team_id) for message_id, ticket_id, team_id in rows}
