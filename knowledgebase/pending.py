"""Counts without a write in the request: in memory, and in the tables now and then."""

import logging
import threading
from collections import Counter
from collections.abc import Callable, Hashable, Mapping
from typing import Generic, TypeVar

from django.conf import settings
from django.db import connections

logger = logging.getLogger(__name__)
K = TypeVar("K", bound=Hashable)


class PendingCounts(Generic[K]):
    """What this process has counted and no table holds yet.

    A process that is killed loses the last seconds. They tell what is read and asked for most,
    and nothing is decided by one more or less. Beyond ``most`` different things nothing new is
    taken until the next flush.
    """

    def __init__(self, write: Callable[[Mapping[K, int]], None], *, most: int = 100_000) -> None:
        """Begin with none; ``write`` puts counts into the tables."""
        self._write = write
        self._most = most
        self._lock = threading.Lock()
        self._counts: Counter[K] = Counter()
        self._timer: threading.Timer | None = None

    def add(self, what: K) -> None:
        """Count one; the first after a flush starts the time until the next."""
        with self._lock:
            if what not in self._counts and len(self._counts) >= self._most:
                return
            self._counts[what] += 1
            if self._timer is None and settings.KNOWLEDGE_COUNT_SECONDS:
                self._timer = threading.Timer(settings.KNOWLEDGE_COUNT_SECONDS, self._run)
                self._timer.daemon = True
                self._timer.start()

    def flush(self) -> None:
        """Write what was counted; what can't be written is counted on."""
        with self._lock:
            counts, self._counts, self._timer = self._counts, Counter(), None
        if not counts:
            return
        try:
            self._write(counts)
        except Exception:
            with self._lock:
                self._counts.update(counts)
            raise

    def forget(self) -> None:
        """Drop what was counted, as whoever begins with another database does."""
        with self._lock:
            self._counts.clear()

    def _run(self) -> None:
        try:
            self.flush()
        except Exception:
            logger.exception("counts of the knowledge base could not be written")
        finally:
            connections.close_all()
