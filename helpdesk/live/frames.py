"""What a connection is told, filtered at the moment of telling by what its user may see.

Colleagues with the same rights see the same: the questions name a scope, not a person.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Final

from django.utils import timezone

from helpdesk.events import feed
from helpdesk.events.models import Seal
from helpdesk.live.changes import Change, changes_of
from helpdesk.tickets.rules import Scope, tickets_in

Frame = dict[str, Any]

LONGEST_REPLAY: Final = 500
# Live events of several tickets may overtake each other by moments, so a replay begins a
# little earlier than asked for; hearing of a change twice does no harm.
OVERLAP: Final = 50
OVERLAP_AGE: Final = timedelta(seconds=30)


def frames_for(scope: Scope, changes: Iterable[Change]) -> list[Frame]:
    """Return what these changes are to those of a scope: seen, gone from their teams, or none."""
    listed = list(changes)
    rows = tickets_in(scope).filter(pk__in={change.ticket_id for change in listed})
    visible = {row[0]: row for row in rows.values_list("id", "number", "version")}
    frames: list[Frame] = []
    for change in listed:
        found = visible.get(change.ticket_id)
        if found:
            frames.append(_event(change, number=found[1], version=found[2]))
        elif change.left_team in scope.team_ids:
            # They saw it until now, so its leaving gives nothing away.
            frames.append({"type": "gone", "seq": change.seq, "ticket": change.ticket_id})
    return frames


def missed(scope: Scope, seq: int) -> tuple[list[Frame] | None, int]:
    """Return what happened after ``seq`` and the present head; None for the frames: reload.

    Number 0 asks for nothing: a page that was just made shows everything. A number
    that is not yet given out comes from before a restored backup.
    """
    head = feed.head()
    if seq == 0:
        return [], head
    if seq > head or head - seq > LONGEST_REPLAY:
        return None, head
    seals = _seals_after(seq)
    return frames_for(scope, changes_of((seal.seq, seal.event) for seal in seals)), head


def _seals_after(seq: int) -> list[Seal]:
    seals = feed.read_after(max(seq - OVERLAP, 0), limit=LONGEST_REPLAY + OVERLAP)
    oldest = timezone.now() - OVERLAP_AGE
    return [seal for seal in seals if seal.seq > seq or seal.sealed_at > oldest]


def _event(change: Change, *, number: str, version: int) -> Frame:
    return {
        "type": "event",
        "seq": change.seq,
        "ticket": change.ticket_id,
        "number": number,
        "kind": change.kind,
        "version": version,
    }
