"""Work beside the caller's, in a thread with a database connection of its own, one at a time."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from types import TracebackType
from typing import Self

from django.db import connections


class Beside:
    """Does one work after the other, in the caller's turn or, ``apart``, while it goes on.

    Apart pays where the caller would wait for the database in turn with the work. An error
    of a work comes with the next call here. Whoever waits here holds no connection to the
    database meanwhile, nor does the thread between two works: a process has only so many
    in all, and many mailboxes would wait for each other's.
    """

    def __init__(self, *, apart: bool) -> None:
        """Prepare; no thread runs until there is work for it."""
        self._apart = apart
        self._thread: ThreadPoolExecutor | None = None
        self._begun: Future[None] | None = None

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """Wait for what has begun, whatever comes of it, and end the thread."""
        if self._thread is None:
            return
        if self._begun is not None:
            self._wait_for(self._begun)
        self._thread.shutdown()

    def begin(self, work: Callable[[], None]) -> None:
        """Begin a work once the one before has ended."""
        self.finish()
        if not self._apart:
            work()
            return
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="filing")
        self._begun = self._thread.submit(_do, work)

    def finish(self) -> None:
        """Wait for what has begun; raises what that raised."""
        begun, self._begun = self._begun, None
        if begun is not None:
            self._wait_for(begun)
            begun.result()

    @staticmethod
    def _wait_for(begun: Future[None]) -> None:
        if not begun.done():
            connections.close_all()
            wait([begun])


def _do(work: Callable[[], None]) -> None:
    try:
        work()
    finally:
        connections.close_all()
