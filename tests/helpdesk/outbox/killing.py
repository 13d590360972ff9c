"""A sending process that is killed, started again, and compared with what the server took."""

import os
import re
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path

from tests.fakes.smtp import SmtpSink

SCRIPT = Path(__file__).with_name("deliver_all.py")
MESSAGE_ID = re.compile(rb"^Message-ID: (<[^>]+>)", re.MULTILINE)
# A process takes twenty seconds of processor to begin, and other programs may have the machine.
PATIENCE = 75
# Where a killed process leaves nobody knowing whether the server took the mail.
DOT_WINDOW = frozenset(
    {"outbox.content_marked", "outbox.after_data", "outbox.before_result_commit"}
)
OTHER_POINTS = frozenset({"outbox.after_claim", "outbox.before_data", "outbox.after_result_commit"})
POINTS = sorted(DOT_WINDOW | OTHER_POINTS)


def run(folder: Path, *arguments: str, fault: str = "", patience: int = PATIENCE) -> int:
    """Run the program on ``folder`` to its end, and return how it ended."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("ANLIEGEN_")},
        "ANLIEGEN_DATA": str(folder),
        "ANLIEGEN_FAULT": fault,
        "DJANGO_SETTINGS_MODULE": "helpdesk.project.settings",
    }
    done = subprocess.run(
        [sys.executable, str(SCRIPT), *arguments],
        env=environment,
        capture_output=True,
        timeout=2 * patience,
        check=False,
    )
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    return done.returncode


def fill(folder: Path, count: int, *, patience: int = PATIENCE) -> None:
    """Make tables and queue so many messages."""
    assert run(folder, "fill", "1", str(count), patience=patience) == 0


def aim(folder: Path, server: SmtpSink) -> None:
    """Let the sender know where its server is."""
    with sqlite3.connect(folder / "anliegen.sqlite3") as database:
        database.execute("UPDATE outbox_sender SET port = ?", (server.port,))
    database.close()


def deliver(folder: Path, *, fault: str = "", patience: int = PATIENCE) -> int:
    """Deliver until nothing waits or the process is killed; return how it ended."""
    return run(folder, "deliver", str(patience), fault=fault, patience=patience)


def rows(folder: Path) -> dict[str, str]:
    """Return the state of each message by its Message-ID."""
    with sqlite3.connect(folder / "anliegen.sqlite3") as database:
        found = dict(database.execute("SELECT message_id, state FROM outbox_outgoingmessage"))
    database.close()
    return found


def arrived(server: SmtpSink) -> Counter[str]:
    """Return how often the server took each Message-ID."""
    found = (MESSAGE_ID.search(mail.content) for mail in server.mails)
    return Counter(each.group(1).decode() for each in found if each is not None)


def check(folder: Path, server: SmtpSink, *, count: int, point: str, kills: int) -> None:
    """Demand that nothing was lost or doubled, and that what nobody can know is shown."""
    states, mails = rows(folder), arrived(server)
    unsure = {key for key, state in states.items() if state == "unsure"}
    sent = {key for key, state in states.items() if state == "sent"}
    assert len(sent) + len(unsure) == len(states) == count
    assert all(mails[key] == 1 for key in sent)
    assert all(mails[key] <= 1 for key in unsure)
    assert set(mails) <= set(states)
    # Two threads were at work: the other one may have been in its own window.
    assert len(unsure) <= 2 * kills
    if point in DOT_WINDOW:
        assert len(unsure) >= kills


KILLED = -signal.SIGKILL
