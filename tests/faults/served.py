"""The served product between two kills: how far it is, read from its database without its help."""

import hashlib
import json
import os
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import psycopg

from tests.faults.intake import COUNT, ROOT, Installation

# What has to be over before everything that follows from a mail is done.
OPEN = {
    "waiting mails": "SELECT count(*) FROM channels_in_rawmessage WHERE state = 'stored'",
    "events without a number": "SELECT count(*) FROM events_unsealed",
    "reactions": "SELECT count(*) FROM reactions_reaction WHERE state = 'pending'",
    "sendings": "SELECT count(*) FROM outbox_outgoingmessage WHERE state IN ('queued', 'sending')",
}
# So many looks in a row at which nothing was left to do.
IDLE = 20
SETTLED = "SELECT count(*) FROM channels_in_sighting WHERE settled_at IS NOT NULL"
SENT = "SELECT message_id, state FROM outbox_outgoingmessage"


@dataclass(frozen=True)
class Look:
    """A look at an installation's rows from outside, while it runs or after it was killed."""

    made: Installation

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        url = self.made.environ.get("ANLIEGEN_DATABASE_URL")
        if url:
            with psycopg.connect(url) as connection:
                return connection.execute(statement).fetchall()
        path = Path(self.made.environ["ANLIEGEN_DATA"]) / "anliegen.sqlite3"
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=20)) as file:
            return file.execute(statement).fetchall()

    def open_work(self, mails: int) -> dict[str, int]:
        """Return what is still to be done by kind, nothing when all is over."""
        left = {name: int(self.ask(statement)[0][0]) for name, statement in OPEN.items()}
        left["places"] = mails - int(self.ask(SETTLED)[0][0])
        return {name: count for name, count in left.items() if count > 0}

    def sendings(self) -> dict[str, str]:
        """Return the state of every message by its Message-ID."""
        return dict(self.ask(SENT))


@cache
def digest_of_sources() -> str:
    """Return what changes with the product or with these tests."""
    folders = ("helpdesk", "channels_in", "knowledgebase", "tests/faults")
    paths = (path for folder in folders for path in sorted((ROOT / folder).rglob("*.py")))
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


@dataclass(frozen=True)
class Ledger:
    """Cases that passed, so that a long run that was cut goes on where it was.

    ``FAULT_LEDGER`` names the file; without it nothing is remembered and everything is
    done. What was proved of other sources, or with other numbers, counts for nothing.
    """

    path: Path | None = field(
        default_factory=lambda: (
            Path(os.environ["FAULT_LEDGER"]) if os.environ.get("FAULT_LEDGER") else None
        )
    )

    def key(self, case: str) -> str:
        return f"{digest_of_sources()} {COUNT} {case}"

    def passed(self, case: str) -> list[dict[str, Any]] | None:
        """Return the rows of a case that passed before, None for one to be done."""
        if self.path is None or not self.path.exists():
            return None
        wanted = self.key(case)
        for line in self.path.read_text().splitlines():
            key, rows = json.loads(line)
            if key == wanted:
                found: list[dict[str, Any]] = rows
                return found
        return None

    def note(self, case: str, rows: list[dict[str, Any]]) -> None:
        if self.path is not None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a") as file:
                file.write(json.dumps([self.key(case), rows]) + "\n")


def killed_or_done(
    process: "subprocess.Popen[bytes]", is_done: Callable[[], bool], seconds: float
) -> int | None:
    """Wait for a process to be killed; None if it lives on, or for long with nothing to do."""
    end, idle = time.monotonic() + seconds, 0
    while idle < IDLE and time.monotonic() < end:
        try:
            return process.wait(1)
        except subprocess.TimeoutExpired:
            idle = idle + 1 if is_done() else 0
    return None


def doubled_of(arrived: Counter[str]) -> int:
    return sum(count - 1 for count in arrived.values() if count > 1)
