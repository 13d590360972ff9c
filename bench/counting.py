"""Statements sent and rows written, counted at the connection."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

_CONTROL = re.compile(r"\s*(?:BEGIN|COMMIT|SAVEPOINT|RELEASE|ROLLBACK)", re.IGNORECASE)
_NUMBERS = re.compile(r"%s(?:, %s)+")


@contextmanager
def statements() -> Iterator[Counter[str]]:
    """Count the statements of a block by their text, without transaction control."""
    found: Counter[str] = Counter()

    def note(
        execute: Callable[..., Any],
        sql: str,
        params: Any,  # noqa: ANN401 - Django's signature
        many: bool,  # noqa: FBT001 - the same
        context: dict[str, Any],
    ) -> Any:  # noqa: ANN401 - the same
        if not _CONTROL.match(sql):
            found[_NUMBERS.sub("%s, …", sql)] += 1
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield found


def rows_written() -> int:
    """Return how many rows were inserted, changed or deleted so far, by the database's count."""
    connection.ensure_connection()
    if connection.vendor == "sqlite":
        return int(connection.connection.total_changes)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT 1")
        cursor.execute("SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_user_tables")
        return int(cursor.fetchone()[0])
