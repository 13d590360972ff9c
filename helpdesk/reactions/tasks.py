"""The task that works off everything that has happened."""

import threading
import time

from celery import shared_task

from helpdesk.events.publish import REACTIONS_TASK
from helpdesk.events.wake import wake
from helpdesk.reactions import dispatch, heartbeat

# Then the thread is given back, so that a long backlog does not keep others waiting.
LONGEST = 20.0

_turn = threading.Lock()
_wanted = threading.Event()


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
    """Work until nothing is due or the moment of ``time.monotonic()`` has come."""
    if not dispatch.seal_committed() and not dispatch.is_anything_due():
        return
    while True:
        while dispatch.react_to_next():
            if time.monotonic() > until:
                wake(REACTIONS_TASK)
                return
        if not dispatch.seal_committed():
            return
