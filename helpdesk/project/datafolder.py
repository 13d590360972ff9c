"""The data folder of the one-process run: locked, migrated after a backup, made ready."""

import fcntl
import hashlib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

LOCK_NAME = "serve.lock"
BACKUPS = "backups"


class FolderInUseError(Exception):
    """Another process serves this data folder."""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the data folder for this process alone; raises FolderInUseError at once.

    The lock dies with the process, however it ends.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(folder / LOCK_NAME, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise FolderInUseError from error
        yield
    finally:
        os.close(handle)


def compile_translations() -> None:
    """Compile every .po that is newer than its .mo, without msgfmt."""
    for source in sorted(
        Path(path) for root in settings.LOCALE_PATHS for path in root.rglob("*.po")
    ):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        catalog = read_po(source.read_bytes().splitlines(keepends=True))
        # Two programs may start at once from one place.
        partial = target.with_suffix(f".{os.getpid()}.part")
        with partial.open("wb") as file:
            write_mo(file, catalog)
        partial.replace(target)


def _static_fingerprint() -> str:
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            found = Path(storage.path(path)).stat()
            digest.update(f"{path} {found.st_size} {found.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def collect_static() -> None:
    """Collect static files under hashed names, unless nothing has changed since the last time."""
    root = Path(settings.STATIC_ROOT)
    stamp = root / ".fingerprint"
    fingerprint = _static_fingerprint()
    if stamp.exists() and stamp.read_text() == fingerprint:
        return
    call_command("collectstatic", interactive=False, verbosity=0, clear=root.exists())
    stamp.write_text(fingerprint)


def _pending_migrations() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def migrate() -> Path | None:
    """Bring the database up to date; return the backup made before, if there was data."""
    if not _pending_migrations():
        return None
    backup = (
        back_up_sqlite() if "django_migrations" in connection.introspection.table_names() else None
    )
    call_command("migrate", interactive=False, verbosity=0)
    return backup


def back_up_sqlite() -> Path | None:
    """Copy the running SQLite database consistently into the backups folder."""
    if connection.vendor != "sqlite":
        return None
    folder = Path(settings.DATA) / BACKUPS
    folder.mkdir(exist_ok=True, mode=0o700)
    target = folder / f"before-migration-{datetime.now(UTC):%Y%m%dT%H%M%S}.sqlite3"
    connection.ensure_connection()
    with sqlite3.connect(target) as copy:
        connection.connection.backup(copy)
    copy.close()
    return target
