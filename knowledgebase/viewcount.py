"""Counts views without a write in the request: in memory, and in the tables now and then."""

import logging
import threading
from collections import Counter

from django.conf import settings
from django.db import connections
from django.utils import timezone

from knowledgebase.domain.feedback import record_views

logger = logging.getLogger(__name__)


class ViewCounter:
    """The views of this process that are in no table yet.

    A process that is killed loses those of the last seconds. They tell which answers are read
    most, and nothing is decided by one more or less.
    """

    def __init__(self) -> None:
        """Begin with none."""
        self._lock = threading.Lock()
        self._counts: Counter[int] = Counter()
        self._timer: threading.Timer | None = None

    def add(self, answer_id: int) -> None:
        """Count one view; the first after a flush starts the time until the next."""
        with self._lock:
            self._counts[answer_id] += 1
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
            record_views(counts=counts, day=timezone.localdate())
        except Exception:
            with self._lock:
                self._counts.update(counts)
            raise

    def _run(self) -> None:
        try:
            self.flush()
        except Exception:
            logger.exception("views of answers could not be written")
        finally:
            connections.close_all()


views = ViewCounter()
