"""Several pieces of work in one transaction, written by one statement a table.

Inside :func:`together` a fixed `Insert` does not send a row at once: it draws the row's
key and lets it wait, and the rows of a table leave in one statement. They leave before
anything else is sent over the connection, whoever sends it, so that every read finds what
was written before it; only what is fixed as well and known not to touch what waits goes
past them. Nothing else changes: it is one transaction, all of it or nothing. Whoever
works so must be ready to do each piece alone when the whole fails.

Only on PostgreSQL. On SQLite, where a statement costs no journey, everything is sent at
once and the transaction alone is shared.
"""

from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import connection, transaction

Send = Callable[[list[Any]], object]


class Together:
    """What waits, what was asked beforehand, and what was drawn beforehand."""

    def __init__(self, count: int) -> None:
        """Prepare for ``count`` pieces of work; that many keys are drawn at once."""
        self.count = max(count, 1)
        self.answers: dict[Hashable, list[Any]] = {}
        self._rows: dict[Hashable, tuple[Send, list[Any]]] = {}
        self._changes: dict[Hashable, tuple[Send, list[Any]]] = {}
        self._pools: dict[Hashable, list[Any]] = {}
        self._held: dict[Hashable, list[int]] = {}
        self._is_aside = False

    def add_row(self, key: Hashable, send: Send, row: object) -> None:
        """Let a new row wait with the others of ``key``."""
        self._rows.setdefault(key, (send, []))[1].append(row)

    def add_change(self, key: Hashable, send: Send, change: object) -> None:
        """Let a change wait; changes leave after all rows, and those of one ``key`` together."""
        self._changes.setdefault(key, (send, []))[1].append(change)

    def add_last_change(self, key: Hashable, send: Send, change: object) -> None:
        """Let a change wait in place of an earlier one of the same ``key``."""
        self._changes[key] = (send, [change])

    def once(self, key: Hashable, make: Callable[[], list[int]]) -> list[int]:
        """Return what ``make`` returned when it was first asked for."""
        if key not in self._held:
            with self.aside():
                self._held[key] = make()
        return self._held[key]

    def holds(self, key: Hashable, row: object) -> bool:
        """Tell whether ``row`` still waits, so that it can be changed before it is written."""
        return any(each is row for each in self._rows.get(key, (None, ()))[1])

    def take(self, key: Hashable, draw: Callable[[int], Sequence[Any]]) -> Any:  # noqa: ANN401 - whatever is drawn
        """Return the next of what ``draw`` gets for all pieces of work at once."""
        pool = self._pools.get(key)
        if not pool:
            with self.aside():
                pool = self._pools[key] = list(reversed(draw(self.count)))
        return pool.pop()

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Let statements pass what waits, since they do not touch it."""
        before, self._is_aside = self._is_aside, True
        try:
            yield
        finally:
            self._is_aside = before

    def flush(self) -> None:
        """Send all that waits."""
        while self._rows or self._changes:
            for kept in (self._rows, self._changes):
                waiting = list(kept.values())
                kept.clear()
                with self.aside():
                    for send, items in waiting:
                        send(items)

    def before(self, execute: Callable[..., Any], sql: str, *rest: Any) -> Any:  # noqa: ANN401 - as Django calls and is answered
        """Send what waits before any other statement; undone to a savepoint it is undone too."""
        if not self._is_aside:
            # Setting the savepoint sent what waited then: what waits now came after it.
            if sql.startswith("ROLLBACK TO"):
                self._rows.clear()
                self._changes.clear()
            else:
                self.flush()
        return execute(sql, *rest)


_current: ContextVar[Together | None] = ContextVar("together", default=None)


def current() -> Together | None:
    """Return what waits here, None where every statement is sent at once."""
    return _current.get()


@contextmanager
def together(count: int) -> Iterator[None]:
    """Run the block in one transaction and write what it writes by few statements.

    Its last rows are sent at its end: an IntegrityError may come from any of them, and
    undoes all. A row that must be new (`Insert.write_if_new`) is taken to be so, and one
    that is not is such an error.
    """
    with transaction.atomic():
        if connection.vendor != "postgresql":
            yield
            return
        here = Together(count)
        with connection.execute_wrapper(here.before), _set(here):
            yield
            here.flush()


@contextmanager
def directly() -> Iterator[None]:
    """Send what waits, and in the block every statement at once.

    For rows whose keys have to follow those that others have drawn meanwhile: what is
    written under the lock of a row that others write to as well.
    """
    here = current()
    if here is None:
        yield
        return
    here.flush()
    with _set(None):
        yield


@contextmanager
def _set(here: Together | None) -> Iterator[None]:
    token = _current.set(here)
    try:
        yield
    finally:
        _current.reset(token)
