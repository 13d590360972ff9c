"""The engine of this installation: PostgreSQL's own where that is the database, else Whoosh."""

from functools import cache
from pathlib import Path

from django.conf import settings
from django.db import connection

from helpdesk.search.backend import Engine
from helpdesk.search.postgres_backend import PostgresEngine
from helpdesk.search.whoosh_backend import WhooshEngine


def engine() -> Engine:
    """Return the engine that answers here."""
    if connection.vendor == "postgresql":
        return PostgresEngine()
    return _in_folder(Path(settings.SEARCH_ROOT))


@cache
def _in_folder(folder: Path) -> WhooshEngine:
    """Return the one engine of a folder: what it has read of it is kept."""
    return WhooshEngine(folder)
