"""Wakes a task by name, without ever holding up or failing whoever asks.

The rows are the queue and a sweep each second finds what was not woken; a wake
only saves that second. So it is handed to one background thread, where a broker
that hangs or is away delays nobody, and equal wakes that wait are one. In the
one-process run there is no broker: its runner is told directly.
"""

import atexit
import logging
import os
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from celery import Celery, current_app
from django.db import transaction

logger = logging.getLogger(__name__)

REST_AFTER_FAILURE: Final = 5.0
# Of many commits in a row not each sends a message: whoever is woken looks for all there is.
# As long as each rest ends with something to send, the next is twice as long.
REST_AFTER_SENDING: Final = 0.05
LONGEST_REST: Final = 0.2
LAST_WORDS: Final = 1.0
# Without max_retries a broker that is away is knocked at for ever.
TRANSPORT_OPTIONS: Final = {"max_retries": 0, "socket_timeout": 1, "socket_connect_timeout": 1}


def rest_after(rest: float, *, has_more: bool) -> float:
    """Return the seconds of the next rest after one of ``rest`` that has or has not ended busy."""
    return min(2 * rest, LONGEST_REST) if has_more else REST_AFTER_SENDING


class Waker:
    """One thread that sends the names it is given; rests after a failure."""

    def __init__(self, app: Celery | None = None) -> None:
        """Prepare for ``app`` (default: the process's); the thread starts with the first wake."""
        self._app = app
        self._producer: Any = None
        self._changed = threading.Condition()
        self._names: dict[str, None] = {}
        self._is_sending = False
        self._thread: threading.Thread | None = None
        self._receiver: Callable[[str], None] | None = None
        self.failed_at: float | None = None
        self.error = ""

    def attach(self, receiver: Callable[[str], None]) -> None:
        """Tell ``receiver`` from now on instead of a broker; it must return at once."""
        self._receiver = receiver

    def wake(self, task: str) -> bool:
        """Take the name and return at once; False while the broker is given a rest."""
        if self._receiver is not None:
            self._receiver(task)
            return True
        if self.is_resting:
            return False
        with self._changed:
            self._names[task] = None
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="waker", daemon=True)
                self._thread.start()
            self._changed.notify_all()
        return True

    @property
    def is_resting(self) -> bool:
        """Tell whether the broker failed less than five seconds ago."""
        failed_at = self.failed_at
        return failed_at is not None and time.monotonic() - failed_at < REST_AFTER_FAILURE

    def flush(self, timeout: float) -> bool:
        """Wait until nothing is left to send, at most ``timeout`` seconds; tell whether so."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._names and not self._is_sending, timeout)

    def _run(self) -> None:
        rest = REST_AFTER_SENDING
        while True:
            with self._changed:
                rest = rest_after(rest, has_more=bool(self._names))
                self._changed.wait_for(lambda: self._names)
                names, self._names = list(self._names), {}
                self._is_sending = True
            self._send(names)
            with self._changed:
                self._is_sending = False
                self._changed.notify_all()
            time.sleep(rest)

    def _send(self, names: list[str]) -> None:
        app = self._app or current_app
        try:
            self._producer = self._producer or self._connect(app)
            for name in names:
                app.send_task(name, producer=self._producer, ignore_result=True, retry=False)
        except Exception as error:  # noqa: BLE001 - a broker fails in many ways; the sweep is the guarantee
            self.failed_at, self.error, self._producer = (
                time.monotonic(),
                type(error).__name__,
                None,
            )
            logger.warning("broker is away (%s); the sweep takes over", self.error)
        else:
            self.failed_at, self.error = None, ""

    @staticmethod
    def _connect(app: Celery) -> Any:  # noqa: ANN401 - kombu ships no types
        connection = app.connection_for_write(
            connect_timeout=1, transport_options=TRANSPORT_OPTIONS
        )
        return app.amqp.Producer(connection, auto_declare=False)


waker = Waker()


def _after_fork() -> None:
    # A thread does not survive a fork, and its lock may be held for ever in the child.
    waker.__init__()  # type: ignore[misc] # others hold this very object


os.register_at_fork(after_in_child=_after_fork)
# A short command such as `receive` still gets its wake out, if the broker answers.
atexit.register(lambda: waker.flush(LAST_WORDS))


def wake(task: str) -> bool:
    """Ask that ``task`` runs soon; never raises, never waits; False if it was not even tried."""
    return waker.wake(task)


def wake_on_commit(task: str) -> None:
    """Wake ``task`` when the current transaction commits, once however often it is asked.

    Without a transaction the wake is sent at once.
    """
    connection = transaction.get_connection()
    here = set(connection.savepoint_ids)
    for savepoints, function, *_rest in connection.run_on_commit:
        known = isinstance(function, partial) and function.func is wake
        # One asked for inside a savepoint that may yet roll back does not count.
        if known and function.args == (task,) and set(savepoints) <= here:
            return
    transaction.on_commit(partial(wake, task), robust=True)
