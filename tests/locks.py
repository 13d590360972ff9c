"""In which order a door locks, as its statements say; and who waits for a lock."""

from collections.abc import Callable
from threading import Thread
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.servers.base import wait_until


def locked(captured: CaptureQueriesContext) -> list[str]:
    """Return the tables whose rows were locked by asking for them, in order; none on SQLite.

    What is locked stands first in a statement; what it is found by may be another table.
    """
    asked = [one["sql"] for one in captured if " FOR " in one["sql"]]
    return [sql.partition(' FROM "')[2].partition('"')[0] for sql in asked]


class Beside:
    """What somebody else does in the same moment, in a thread with a connection of its own."""

    def __init__(self, does: Callable[[], object]) -> None:
        """Begin with it when it is started."""
        self.error: Exception | None = None
        self._does = does
        self._pid = 0
        self._begins = False
        self._thread = Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Let it begin."""
        self._thread.start()

    def comes_to_the_lock(self) -> None:
        """Let it come as far as it can: until it waits for a lock, or has done all of it."""
        assert wait_until(lambda: not self._thread.is_alive() or self._waits(), seconds=60)

    def ends(self) -> None:
        """Wait until all of it is done."""
        self._thread.join(60)
        assert not self._thread.is_alive()

    def _run(self) -> None:
        try:
            with connection.execute_wrapper(self._note):
                self._does()
        except Exception as error:  # noqa: BLE001 - the test looks at it
            self.error = error
        finally:
            connection.close()

    def _note(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: ANN401, FBT001 - Django's own shape
        if connection.vendor == "postgresql":
            self._pid = connection.connection.info.backend_pid
        self._begins |= sql.startswith("BEGIN")
        return execute(sql, params, many, context)

    def _waits(self) -> bool:
        """Tell whether it waits; SQLite has one lock for all, which is taken by beginning."""
        if connection.vendor != "postgresql":
            return self._begins
        with connection.cursor() as cursor:
            cursor.execute("SELECT cardinality(pg_blocking_pids(%s)) > 0", [self._pid])
            (waits,) = cursor.fetchone()
        return bool(waits)
