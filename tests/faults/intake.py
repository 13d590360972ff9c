"""Fifty mails of every kind, and the program that takes them in, on either database."""

import itertools
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.servers.postgres import Postgres

ROOT = Path(__file__).resolve().parents[2]
# The full number of quality.md F1 is 1,000; ``FAULT_MAILS`` sets it.
COUNT = max(50, int(os.environ.get("FAULT_MAILS", "50")))
SECONDS = 300 + COUNT // 2
# To one address (mail.md 82).
RECEIPTS_AN_HOUR = 5
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Load:
    """Mails as delivered, and what must come of them."""

    mails: tuple[bytes, ...]
    marks: frozenset[int]
    tickets: int
    raws: int
    receipts: int


def make_load(seed: int, count: int = COUNT) -> Load:
    """Return mails: new ones, replies, reused Message-IDs, an exact copy, large ones, files.

    Of 1,000 some 200 are replies, 100 reuse a Message-ID, and 60 have a file.
    """
    chance = random.Random(seed)  # noqa: S311 - a repeatable test, no secret
    shares = {"reply": count // 5, "reused": count // 10, "large": count * 3 // 50}
    shares["file"] = count * 3 // 50
    kinds = [kind for kind, share in shares.items() for _each in range(share)]
    kinds += ["new"] * (count - 2 - len(kinds))
    chance.shuffle(kinds)
    kinds.insert(0, "new")
    mails = [_mail(number, kind, chance) for number, kind in enumerate(kinds)]
    tickets = len(kinds) - kinds.count("reply")
    others = sum(_writes_once(number, kind) for number, kind in enumerate(kinds))
    mails.append(mails[chance.randrange(len(mails))])
    return Load(
        mails=tuple(mails),
        marks=frozenset(range(len(kinds))),
        tickets=tickets,
        raws=len(kinds),
        receipts=others + min(RECEIPTS_AN_HOUR, tickets - others),
    )


def _writes_once(number: int, kind: str) -> bool:
    """Tell whether a mail is of a person of its own, who gets a receipt; the rest is Clara's."""
    return kind == "new" and number % 6 == 1


def _mail(number: int, kind: str, chance: random.Random) -> bytes:
    # Mail 0 is what replies answer and whose ID the careless reuse.
    message_id = "<m0@example.org>" if kind == "reused" else f"<m{number}@example.org>"
    reply = "In-Reply-To: <m0@example.org>\r\n" if kind == "reply" else ""
    text = f"Marke {number}.\r\n" + ("x" * 76 + "\r\n") * (1200 if kind == "large" else 1)
    sender = f"person{number}" if _writes_once(number, kind) else "clara"
    head = (
        f"From: {sender} <{sender}@example.org>\r\nTo: tiefbau@musterstadt.example\r\n"
        f"Subject: Nummer {number}\r\nMessage-ID: {message_id}\r\n{reply}MIME-Version: 1.0\r\n"
    )
    if kind != "file":
        return f"{head}Content-Type: text/plain\r\n\r\n{text}".encode()
    return (
        f'{head}Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
        f"--b\r\nContent-Type: text/plain\r\n\r\n{text}\r\n"
        f'--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename="a.pdf"'
        f"\r\n\r\n%PDF-1.4 {chance.random()}\r\n--b--\r\n"
    ).encode()


@dataclass(frozen=True)
class Installation:
    """A data folder and a database, ready to be worked on and killed."""

    environ: dict[str, str]

    def call(self, *task: str, fault: str = "") -> subprocess.CompletedProcess[str]:
        """Run a task of the program to its end, however that comes."""
        return subprocess.run(
            [sys.executable, "-m", "tests.faults.intake_program", *task],
            cwd=ROOT,
            env=self._with(fault),
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )

    def report(self, *task: str) -> dict[str, Any]:
        """Run a task that must end well, and return what it tells."""
        told: dict[str, Any] = self.report_of(*task)
        return told

    def report_of(self, *task: str) -> Any:  # noqa: ANN401 - whatever the task prints as JSON
        """Run a task that must end well, and return the value it prints last."""
        done = self.call(*task)
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(done.stdout.splitlines()[-1])

    def start(self, *task: str, fault: str = "") -> subprocess.Popen[str]:
        """Start a task and leave it running."""
        return subprocess.Popen(
            [sys.executable, "-m", "tests.faults.intake_program", *task],
            cwd=ROOT,
            env=self._with(fault),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def _with(self, fault: str) -> dict[str, str]:
        return self.environ | ({"ANLIEGEN_FAULT": fault} if fault else {})


def installation(folder: Path, database_url: str = "") -> Installation:
    """Describe an installation whose data lie in ``folder``."""
    environ = {name: value for name, value in os.environ.items() if "ANLIEGEN" not in name}
    environ |= {
        "DJANGO_SETTINGS_MODULE": "helpdesk.project.settings",
        "ANLIEGEN_DATA": str(folder),
        "ANLIEGEN_SECRET_KEY": "faults" * 8,
        "ANLIEGEN_LOG_LEVEL": "WARNING",
    }
    if database_url:
        environ["ANLIEGEN_DATABASE_URL"] = database_url
    return Installation(environ)


Maker = Callable[[Path], Installation]


def sqlite_maker(template: Path, prepare: Callable[[Installation], None]) -> Maker:
    """Return what copies a prepared data folder."""
    prepare(installation(template))

    def make(folder: Path) -> Installation:
        shutil.copytree(template, folder / "data")
        return installation(folder / "data")

    return make


def postgres_maker(
    server: Postgres, template: Path, prepare: Callable[[Installation], None]
) -> Maker:
    """Return what copies a prepared database within its cluster."""
    name = f"faults{next(_numbers)}"
    prepare(installation(template, server.create_database(name)))

    def make(folder: Path) -> Installation:
        shutil.copytree(template, folder / "data")
        return installation(
            folder / "data", server.create_database(f"{name}_{next(_numbers)}", template=name)
        )

    return make
