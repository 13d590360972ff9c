"""The only sender of live events: tells teams that something about a ticket has changed.

A message carries ids alone; each connection looks up what its user may see when
it is delivered. Losing one costs nothing that a reconnect by number does not
bring back, so a channel layer that hangs or is away never fails or delays anybody.
"""

import asyncio
import logging
import os
import threading
import time
from collections.abc import Iterable
from concurrent.futures import Future
from typing import Any, Final

from channels.layers import get_channel_layer
from django.conf import settings

from helpdesk.events.models import Event
from helpdesk.live.changes import changes_of, to_message
from helpdesk.live.groups import team_group, user_group

logger = logging.getLogger(__name__)

MESSAGE_TYPE: Final = "ticket.event"
NOTICES_TYPE: Final = "user.notices"
LONGEST_SEND: Final = 1.0
REST_AFTER_FAILURE: Final = 5.0


class Line:
    """The event loop on which the layer is spoken to: the server's, or one of our own.

    In the one-process run the layer lives in the server's loop and nowhere else.
    In other processes a loop in a thread of its own keeps the connection to Redis,
    so that neither a task nor a request ever waits for it.
    """

    def __init__(self) -> None:
        """Prepare; nothing is started before it is needed."""
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._failed_at: float | None = None

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """Send on this loop from now on; the server calls it when it has started."""
        self._loop = loop
        self._failed_at = None

    def detach(self) -> None:
        """Forget the server's loop; called before it is closed."""
        self._loop = None

    def send(self, groups: frozenset[str], message: dict[str, Any]) -> bool:
        """Hand a message over and return at once; False if nobody can be listening."""
        loop = self._ready_loop()
        if loop is None or self._is_resting():
            return False
        work = self._send_all(groups, message)
        try:
            future = asyncio.run_coroutine_threadsafe(work, loop)
        except RuntimeError:  # the loop was closed in this very moment
            work.close()
            return False
        future.add_done_callback(self._look_at)
        return True

    def _ready_loop(self) -> asyncio.AbstractEventLoop | None:
        with self._lock:
            if self._loop is None and not settings.EMBEDDED:
                self._loop = _own_loop()
        return self._loop if self._loop and not self._loop.is_closed() else None

    def _is_resting(self) -> bool:
        failed_at = self._failed_at
        return failed_at is not None and time.monotonic() - failed_at < REST_AFTER_FAILURE

    @staticmethod
    async def _send_all(groups: frozenset[str], message: dict[str, Any]) -> None:
        layer = get_channel_layer()
        if layer is None:
            return
        async with asyncio.timeout(LONGEST_SEND):
            for group in sorted(groups):
                await layer.group_send(group, message)

    def _look_at(self, future: Future[None]) -> None:
        error = None if future.cancelled() else future.exception()
        self._failed_at = time.monotonic() if error else None
        if error:
            logger.warning("live events are not told (%s)", type(error).__name__)


def _own_loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="live", daemon=True).start()
    return loop


line = Line()
# A thread does not survive a fork: the child starts its own.
os.register_at_fork(after_in_child=line.__init__)  # type: ignore[misc] # others hold this very object


def handle(*, event: Event) -> None:
    """Tell the teams concerned about one sealed event; other subjects are nobody's business.

    Whom the reactions told of it hears that there is something at the bell.
    """
    for change in changes_of([(event.seal.seq, event)]):
        line.send(
            frozenset(map(team_group, change.team_ids)),
            {"type": MESSAGE_TYPE, "change": to_message(change)},
        )
    tell_of_notices(event.told)


def tell_of_notices(user_ids: Iterable[int]) -> None:
    """Let the screens of these people count anew what they were told and have not read."""
    groups = frozenset(map(user_group, user_ids))
    if groups:
        line.send(groups, {"type": NOTICES_TYPE})
