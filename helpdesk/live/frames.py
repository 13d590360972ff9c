"""What a connection is told, filtered at the moment of telling by what its user may see."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Final

from django.utils import timezone

from helpdesk.agents.models import User
from helpdesk.events import feed
from helpdesk.events.models import Seal
from helpdesk.live.changes import Change, changes_of
from helpdesk.live.groups import groups_of, team_group
from helpdesk.tickets.queries import visible_to

Frame = dict[str, Any]

LONGEST_REPLAY: Final = 500
# Live events of several tickets may overtake each other by moments, so a replay begins a
# little earlier than asked for; hearing of a change twice does no harm.
OVERLAP: Final = 50
OVERLAP_AGE: Final = timedelta(seconds=30)


def frames_for(user: User, changes: Iterable[Change]) -> list[Frame]:
    """Return what these changes are to this user: seen, gone from their teams, or nothing."""
    listed = list(changes)
    rows = visible_to(user).filter(pk__in={change.ticket_id for change in listed})
    visible = {row[0]: row for row in rows.values_list("id", "number", "version")}
    groups = groups_of(user)
    frames: list[Frame] = []
    for change in listed:
        found = visible.get(change.ticket_id)
        if found:
            frames.append(_event(change, number=found[1], version=found[2]))
        elif change.left_team is not None and team_group(change.left_team) in groups:
            # They saw it until now, so its leaving gives nothing away.
            frames.append({"type": "gone", "seq": change.seq, "ticket": change.ticket_id})
    return frames


def missed(user: User, seq: int) -> tuple[list[Frame] | None, int]:
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
    return frames_for(user, changes_of((seal.seq, seal.event) for seal in seals)), head


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
