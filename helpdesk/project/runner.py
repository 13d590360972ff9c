"""The work behind the one-process run: each task at its period, or at once when woken.

What Celery's worker and beat do for several machines, without a broker between two
threads of one process, where passing a message cost more than the look it asked for.
Tasks are the same and as harmless at any moment: the rows are the queue.
"""

import logging
import queue
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.db import connection, connections

from helpdesk.project.threads import TASKS

# To open SQLite's file anew for each look cost more than to look.
KEEP_OPEN = 60.0
_opened = threading.local()
log = logging.getLogger("anliegen.runner")

# A second of the same kind may run while the first is held up, as by a mail that takes its time.
SAME_AT_ONCE = 2


@dataclass(slots=True)
class _Job:
    """A task with its period and the moment at which it is due by itself."""

    run: Callable[[], object]
    period: float
    due_at: float = 0.0


class Runner:
    """A thread that watches the clock and the wakes, and a few that work."""

    def __init__(self, tasks: Mapping[str, tuple[Callable[[], object], float]]) -> None:
        """Take each task's name, what it runs, and its period in seconds."""
        self._jobs = {name: _Job(run, period) for name, (run, period) in tasks.items()}
        self._changed = threading.Condition()
        self._woken: set[str] = set()
        self._running: Counter[str] = Counter()
        self._handed: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._stopped = False

    def start(self) -> None:
        """Begin; everything is due at once."""
        for number in range(TASKS):
            self._thread(f"work-{number}", self._work)
        self._thread("sweep", self._watch)

    def wake(self, name: str) -> None:
        """Let a task run soon, whatever its period; names of other programs are ignored."""
        with self._changed:
            if name in self._jobs:
                self._woken.add(name)
                self._changed.notify_all()

    def stop(self, timeout: float) -> bool:
        """Begin nothing more and wait for what runs; tell whether it ended in time."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
            return self._changed.wait_for(lambda: not self._running.total(), timeout)

    def _thread(self, name: str, target: Callable[[], None]) -> None:
        threading.Thread(target=target, name=name, daemon=True).start()

    def _watch(self) -> None:
        with self._changed:
            while not self._stopped:
                self._hand_out(time.monotonic())
                wait = min(job.due_at for job in self._jobs.values()) - time.monotonic()
                self._changed.wait_for(self._has_news, max(wait, 0.0))

    def _has_news(self) -> bool:
        return self._stopped or any(map(self._may_run, self._woken))

    def _hand_out(self, now: float) -> None:
        for name, job in self._jobs.items():
            if job.due_at <= now:
                job.due_at = now + job.period
                self._woken.add(name)
        for name in sorted(filter(self._may_run, self._woken)):
            self._woken.discard(name)
            self._running[name] += 1
            self._handed.put(name)

    def _may_run(self, name: str) -> bool:
        return self._running[name] < SAME_AT_ONCE

    def _work(self) -> None:
        while True:
            name = self._handed.get()
            try:
                if not self._stopped:
                    self._jobs[name].run()
            except Exception:
                # The next sweep tries again.
                log.exception("%s failed", name)
            finally:
                self._put_away(name)

    def _put_away(self, name: str) -> None:
        """Count a run as ended, whatever state it has left the database's line in."""
        try:
            _leave_database()
        except Exception:
            log.exception("%s left a connection that could not be closed", name)
        finally:
            with self._changed:
                self._running[name] -= 1
                self._changed.notify_all()


def _leave_database() -> None:
    """Give the thread's connection back; one to SQLite stays open for a minute if it is sound."""
    now = time.monotonic()
    opened_at = getattr(_opened, "at", now)
    _opened.at = opened_at
    is_sound = not (connection.errors_occurred or connection.in_atomic_block)
    if connection.vendor == "sqlite" and is_sound and now - opened_at < KEEP_OPEN:
        return
    connections.close_all()
    _opened.at = now
