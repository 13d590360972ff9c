"""What many tests begin with, made once: a database with all its tables, of either engine.

It is made by the program itself in a process of its own, kept where all workers of a run find it,
and copied by whoever needs one. Outside of CI it is kept from run to run, under a name that
changes with whatever the migrations are made of.
"""

import fcntl
import hashlib
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from tests.servers.anliegen import DATABASE, ROOT, manage
from tests.servers.base import private_folder, run_as
from tests.servers.postgres import OWNER, postgres, program

# As Django names it after the database of the settings.
TEST_DATABASE = "test_postgres"
ROOMS = ("helpdesk", "channels_in", "knowledgebase")
UNUSED_SECONDS = 3 * 24 * 3600
# What migrations take from outside of their folders.
MADE_OF = (
    "helpdesk/events/guards.py",
    "helpdesk/lib",
    "helpdesk/project/settings.py",
    "helpdesk/search/postgres_backend.py",
    "knowledgebase/marks.py",
    "requirements.txt",
)


def sources() -> list[Path]:
    """Return every file of which a database is made."""
    found = {path for room in ROOMS for path in (ROOT / room).rglob("migrations/*.py")}
    for name in MADE_OF:
        place = ROOT / name
        found |= set(place.rglob("*.py")) if place.is_dir() else {place}
    return sorted(found)


@cache
def fingerprint() -> str:
    """Name the database that these sources make."""
    digest = hashlib.sha256(sys.version.encode())
    for path in sources():
        digest.update(f"{path.relative_to(ROOT)}\n".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def kept_folder() -> Path:
    """Return the folder of what is kept from run to run."""
    kept = Path(tempfile.gettempdir()) / f"anliegen-prepared-{os.getuid()}"
    _clear_up(kept)
    return kept / fingerprint()


def _clear_up(kept: Path) -> None:
    """Remove what no run has used for days: each change of a migration leaves one behind.

    What is older is not to be trusted either, since machines take old files out of such folders.
    """
    with _alone(kept):
        for lock in kept.glob("*/lock"):
            if time.time() - lock.stat().st_mtime > UNUSED_SECONDS:
                shutil.rmtree(lock.parent)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let one process at a time prepare something."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def prepare_tables(folder: Path) -> Path:
    """Return a database file with every table and no row of work; it is made by the first."""
    made = folder / DATABASE
    with _alone(folder):
        if not made.exists():
            _make(made)
    return made


def prepare_cluster(folder: Path) -> Path:
    """Return the data of a PostgreSQL cluster that rests, with the test database in it."""
    made = folder / f"cluster{program('postgres').parent.parent.name}"
    with _alone(folder):
        if not made.exists():
            _make_cluster(made)
    return made


def _make_cluster(target: Path) -> None:
    with private_folder("prepared", owner=run_as(OWNER)) as folder:
        with postgres(kept=folder / "data") as server:
            url = server.create_database(TEST_DATABASE)
            given = {"ANLIEGEN_DATABASE_URL": url, "ANLIEGEN_SECRET_KEY": "tests-" * 8}
            done = manage(folder, "migrate", "-v0", given=given)
            assert done.returncode == 0, done.stderr.decode()
        shutil.move(folder / "data", target)


def _make(target: Path) -> None:
    data = Path(tempfile.mkdtemp(dir=target.parent))
    try:
        done = manage(data, "migrate", "-v0")
        assert done.returncode == 0, done.stderr.decode()
        (data / DATABASE).rename(target)
    finally:
        shutil.rmtree(data)
