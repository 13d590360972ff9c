"""Threads that deliver: at most two for a sender, so that a hanging server holds up its own."""

import logging
import threading
import time
from collections import Counter

from django.db import connections

from helpdesk.outbox.claims import PER_SENDER, Claim, claim_next, due_senders, renew
from helpdesk.outbox.deliver import deliver, stop

logger = logging.getLogger(__name__)

MAXIMUM_THREADS = 32
HEARTBEAT_SECONDS = 15


class Workers:
    """The delivering threads of this process."""

    def __init__(self) -> None:
        """Begin without any."""
        self._changed = threading.Condition()
        self._threads: Counter[int] = Counter()
        self._in_hand: set[int] = set()
        self._heartbeat: threading.Thread | None = None

    def start_due(self) -> None:
        """Start threads for every sender that has something due; returns at once."""
        for sender_id in due_senders():
            for _ in range(PER_SENDER):
                self._start(sender_id)

    def wait_idle(self, timeout: float) -> bool:
        """Wait until no thread is left, at most ``timeout`` seconds; tell whether so."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._threads.total(), timeout)

    def _start(self, sender_id: int) -> None:
        with self._changed:
            full = self._threads.total() >= MAXIMUM_THREADS
            if stop.is_set or full or self._threads[sender_id] >= PER_SENDER:
                return
            self._threads[sender_id] += 1
            self._watch()
        # A daemon: a process that was asked to stop does not wait longer than it wants to.
        threading.Thread(
            target=self._run, args=(sender_id,), name=f"outbox-{sender_id}", daemon=True
        ).start()

    def _run(self, sender_id: int) -> None:
        try:
            while not stop.is_set and (claim := claim_next(sender_id)):
                self._deliver(claim)
        except Exception:
            # The lease decides what becomes of the message, and the next sweep starts anew.
            logger.exception("delivering for sender %s stopped", sender_id)
        finally:
            connections.close_all()
            with self._changed:
                self._threads[sender_id] -= 1
                self._changed.notify_all()

    def _deliver(self, claim: Claim) -> None:
        self._in_hand.add(claim.message.pk)
        try:
            deliver(claim)
        finally:
            self._in_hand.discard(claim.message.pk)

    def _watch(self) -> None:
        if self._heartbeat is None or not self._heartbeat.is_alive():
            self._heartbeat = threading.Thread(
                target=self._beat, name="outbox-heartbeat", daemon=True
            )
            self._heartbeat.start()

    def _beat(self) -> None:
        """Prolong the leases of what is in hand, as long as the process lives."""
        while True:
            time.sleep(HEARTBEAT_SECONDS)
            if self._in_hand:
                self._renew()

    def _renew(self) -> None:
        try:
            renew(list(self._in_hand))
        except Exception:
            logger.exception("leases of the outbox could not be prolonged")
        finally:
            connections.close_all()


workers = Workers()


def request_stop() -> None:
    """Start nothing further: what has begun is finished, unless its content is not out yet."""
    stop.is_set = True


def wait_idle(timeout: float) -> bool:
    """Wait until nothing is being sent, at most ``timeout`` seconds; tell whether so."""
    return workers.wait_idle(timeout)


def resume() -> None:
    """Take back :func:`request_stop`."""
    stop.is_set = False
