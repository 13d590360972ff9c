"""In which order a door locks, as its statements say."""

from django.test.utils import CaptureQueriesContext


def locked(captured: CaptureQueriesContext) -> list[str]:
    """Return the tables whose rows were locked by asking for them, in order; none on SQLite.

    What is locked stands first in a statement; what it is found by may be another table.
    """
    asked = [one["sql"] for one in captured if " FOR " in one["sql"]]
    return [sql.partition(' FROM "')[2].partition('"')[0] for sql in asked]
