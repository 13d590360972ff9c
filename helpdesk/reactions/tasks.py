"""The task that works off everything that has happened."""

import threading
import time
from functools import partial

from celery import shared_task

from helpdesk.events.publish import REACTIONS_TASK
from helpdesk.events.wake import wake
from helpdesk.reactions import dispatch, heartbeat, indexing
from helpdesk.reactions.models import Reaction
from helpdesk.reactions.order import opens_subject
from helpdesk.search.engines import engine

# Then the thread is given back, so that a long backlog does not keep others waiting.
LONGEST = 20.0

LOOK = 200
# So many share a commit.
TOGETHER = 50
LOOK_SECONDS = 1.0

_turn = threading.Lock()
_wanted = threading.Event()


class _Clock:
    """Remembers when this process last looked for what waits from earlier."""

    def __init__(self) -> None:
        self._looked_at = 0.0

    def is_time_to_look(self) -> bool:
        now = time.monotonic()
        if now - self._looked_at < LOOK_SECONDS:
            return False
        self._looked_at = now
        return True


_clock = _Clock()


@shared_task(name=REACTIONS_TASK)
def run() -> None:
    """Seal and react until nothing is left; in each process only one does so at a time.

    Whoever comes while another is at work leaves word and goes.
    """
    heartbeat.beat()
    _wanted.set()
    while _wanted.is_set() and _turn.acquire(blocking=False):
        try:
            _wanted.clear()
            drain(until=time.monotonic() + LONGEST)
        finally:
            _turn.release()


def drain(*, until: float) -> None:
    """Work until nothing is due or the moment of ``time.monotonic()`` has come.

    What was just sealed is in hand; what waits from earlier is looked up when
    there is nothing new, and otherwise once a second.
    """
    fresh = dispatch.seal_committed()
    if fresh:
        waiting = dispatch.due(limit=LOOK) if _clock.is_time_to_look() else []
        both = {reaction.pk: reaction for reaction in [*waiting, *fresh]}
        _work_off(sorted(both.values(), key=lambda reaction: reaction.seq), until)
        return
    while _work_off(dispatch.due(limit=LOOK), until):
        pass


def _work_off(reactions: list[Reaction], until: float) -> bool:
    """React to each; False if that changed nothing or the time is up.

    What opens a ticket comes first, many together: it waits for no other event.
    """
    first = [each for each in reactions if opens_subject(each.event)]
    groups = [first[at : at + TOGETHER] for at in range(0, len(first), TOGETHER)]
    groups += [[each] for each in reactions if not opens_subject(each.event)]
    has_changed = False
    for group in groups:
        work = partial(dispatch.react, group[0])
        if len(group) > 1:
            work = partial(dispatch.react_together, group)
        has_changed |= work()
        if time.monotonic() > until:
            wake(REACTIONS_TASK)
            return False
    return has_changed


@shared_task(name="reactions.index")
def index() -> None:
    """Read into the search index what has happened, or build on at it."""
    indexing.run(until=time.monotonic() + indexing.LONGEST)


@shared_task(name="reactions.sweep_index")
def sweep_index() -> None:
    """Compare the search index with what there is."""
    indexing.sweep(engine())
