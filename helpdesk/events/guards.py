"""SQL triggers by which the database itself refuses to change or delete history.

They are installed by a migration. A later migration that rebuilds one of the
tables on SQLite drops its triggers and must install them again.
"""

from django.db.backends.base.base import BaseDatabaseWrapper

TABLES = ("events_event", "events_seal")
MESSAGE = "history is append-only"

_SQLITE_CREATE = """
CREATE TRIGGER IF NOT EXISTS {table}_no_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, '{message}'); END
"""
_POSTGRES_FUNCTION = """
CREATE OR REPLACE FUNCTION events_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '{message}' USING ERRCODE = 'integrity_constraint_violation';
END $$
"""
_POSTGRES_ROWS = """
CREATE OR REPLACE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION events_refuse()
"""
_POSTGRES_TRUNCATE = """
CREATE OR REPLACE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION events_refuse()
"""
_POSTGRES_DROP = "DROP FUNCTION IF EXISTS events_refuse() CASCADE"


def install(connection: BaseDatabaseWrapper) -> None:
    """Make UPDATE and DELETE (and TRUNCATE) of history raise IntegrityError; repeatable."""
    _execute(connection, _statements(connection.vendor))


def remove(connection: BaseDatabaseWrapper) -> None:
    """Take the triggers away: for the reverse migration, and for tests that flush."""
    if connection.vendor == "postgresql":
        _execute(connection, [_POSTGRES_DROP])
    else:
        names = [f"{table}_no_{verb}" for table in TABLES for verb in ("update", "delete")]
        _execute(connection, [f"DROP TRIGGER IF EXISTS {name}" for name in names])


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Return the triggers that should be there and are not."""
    if connection.vendor == "postgresql":
        query = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
        verbs = ("change", "truncate")
    else:
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        verbs = ("update", "delete")
    with connection.cursor() as cursor:
        cursor.execute(query)
        present = {name for (name,) in cursor.fetchall()}
    return [n for t in TABLES for v in verbs if (n := f"{t}_no_{v}") not in present]


def _statements(vendor: str) -> list[str]:
    if vendor == "postgresql":
        per_table = (_POSTGRES_ROWS, _POSTGRES_TRUNCATE)
        statements = [sql.format(table=table) for table in TABLES for sql in per_table]
        return [_POSTGRES_FUNCTION.format(message=MESSAGE), *statements]
    return [
        _SQLITE_CREATE.format(table=table, verb=verb, message=MESSAGE)
        for table in TABLES
        for verb in ("update", "delete")
    ]


def _execute(connection: BaseDatabaseWrapper, statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
