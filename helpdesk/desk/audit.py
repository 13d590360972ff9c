"""The whole history of a ticket: every fact with who, when and what."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext, gettext_noop

from helpdesk.agents.models import User
from helpdesk.desk.history import SENTENCES, Line, Names, actor_of, events_of
from helpdesk.events.models import Event
from helpdesk.tickets import facts
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries import visible_to

SHOWN = 500
# Facts that are articles, and stand in the thread as such.
WRITTEN: Mapping[str, str] = {
    facts.CREATED: gettext_noop("request opened"),
    facts.MESSAGE_RECEIVED: gettext_noop("message received"),
    facts.ANSWERED: gettext_noop("answered"),
    facts.NOTE_ADDED: gettext_noop("internal note"),
    facts.CALL_NOTED: gettext_noop("call noted"),
    facts.CALL_TAKEN_BACK: gettext_noop("note of a call taken back"),
}
# What changes nothing of the request itself: told here, and not between its articles.
ASIDE = {
    False: gettext_noop("a suggestion set aside: it does not fit"),
    True: gettext_noop("suggestions that were set aside are offered again"),
}
# What the history is narrowed to: its words, and the kinds of facts.
FILTERS: Mapping[str, tuple[str, frozenset[str]]] = {
    "state": (
        gettext_noop("Status and deadline"),
        frozenset(
            {
                *(facts.STATUS_CHANGED, facts.REMINDED, facts.TRASHED, facts.RESTORED),
                *(facts.DEADLINE_NEAR, facts.DEADLINE_MISSED, facts.DEADLINE_EXTENDED),
            }
        ),
    ),
    "people": (
        gettext_noop("Who is responsible"),
        frozenset({facts.ASSIGNED, facts.MOVED, facts.REQUESTER_CHANGED}),
    ),
    "properties": (
        gettext_noop("Title, topic, priority, tags"),
        frozenset({facts.RENAMED, facts.TAGGED, facts.CATEGORY_CHANGED, facts.PRIORITY_CHANGED}),
    ),
    "written": (
        gettext_noop("Messages, answers, notes"),
        frozenset(
            {
                *WRITTEN,
                *(facts.NOTICE_SENT, facts.ANSWER_WITHDRAWN, facts.REPLY_BOUNCED),
                facts.DELIVERY_SETTLED,
            }
        ),
    ),
    "related": (
        gettext_noop("Merged, split, linked"),
        frozenset(
            {
                *(facts.MERGED, facts.MERGED_IN, facts.UNMERGED, facts.SPLIT_OFF),
                *(facts.SPLIT_FROM, facts.LINKED, facts.UNLINKED),
            }
        ),
    ),
}
EVERYTHING = frozenset({*SENTENCES, *WRITTEN, facts.SET_ASIDE})
# Where a fact names another ticket.
OTHER = {
    facts.MERGED: "into",
    facts.MERGED_IN: "from",
    facts.UNMERGED: "from",
    facts.SPLIT_OFF: "to",
    facts.SPLIT_FROM: "from",
    facts.LINKED: "target_id",
    facts.UNLINKED: "target_id",
}


@dataclass(frozen=True, slots=True)
class Audited:
    """One fact in words, with the other ticket it names, as far as the reader may know of that."""

    line: Line
    other: Ticket | None = None
    can_part: bool = False


def audit_lines(ticket: Ticket, user: User, wanted: str = "") -> list[Audited]:
    """Return what happened, the newest first; ``wanted`` is a key of FILTERS."""
    kinds = FILTERS[wanted][1] if wanted in FILTERS else EVERYTHING
    events = list(events_of(ticket, kinds).order_by("-id")[:SHOWN])
    names = Names()
    names.complete(events)
    others = _others(user, events)
    return [_audited(ticket, event, names, others) for event in events]


def _others(user: User, events: list[Event]) -> dict[int, Ticket]:
    wanted = {event.data.get(OTHER[event.kind]) for event in events if event.kind in OTHER}
    rows = visible_to(user).filter(pk__in=wanted - {None})
    return {row.pk: row for row in rows.only("number", "title", "merged_into_id")}


def _audited(ticket: Ticket, event: Event, names: Names, others: Mapping[int, Ticket]) -> Audited:
    other = others.get(int(event.data.get(OTHER.get(event.kind, ""), 0) or 0))
    line = Line(event.pk, event.created_at, actor_of(event, names), _said(event, names))
    is_inside = other is not None and other.merged_into_id == ticket.pk
    return Audited(line, other, can_part=event.kind == facts.MERGED_IN and is_inside)


def _said(event: Event, names: Names) -> str:
    if event.kind == facts.SET_ASIDE:
        said = ASIDE["undo" in event.data]
        return gettext(said)
    sentence: Callable[[Event, Any], str] | None = SENTENCES.get(event.kind)
    return sentence(event, names) if sentence else gettext(WRITTEN[event.kind])
