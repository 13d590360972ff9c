"""The sender is killed at every point between claim and mark (quality.md F13)."""

import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.fakes.smtp import SmtpSink

SCRIPT = Path(__file__).with_name("deliver_all.py")
COUNT = 20
PASSING = 7
MESSAGE_ID = re.compile(rb"^Message-ID: (<[^>]+>)", re.MULTILINE)
# Where a killed process leaves nobody knowing whether the server took the mail.
DOT_WINDOW = {"outbox.content_marked", "outbox.after_data", "outbox.before_result_commit"}
OTHER_POINTS = {"outbox.after_claim", "outbox.before_data", "outbox.after_result_commit"}
POINTS = sorted(DOT_WINDOW | OTHER_POINTS)


def run(folder: Path, *arguments: str, fault: str = "") -> int:
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
        timeout=60,
        check=False,
    )
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    return done.returncode


def rows(folder: Path) -> dict[str, str]:
    with sqlite3.connect(folder / "anliegen.sqlite3") as database:
        found = dict(database.execute("SELECT message_id, state FROM outbox_outgoingmessage"))
    database.close()
    return found


def arrived(server: SmtpSink) -> Counter[str]:
    found = (MESSAGE_ID.search(mail.content) for mail in server.mails)
    return Counter(each.group(1).decode() for each in found if each is not None)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data folder in which everything is queued."""
    folder = tmp_path_factory.mktemp("filled")
    assert run(folder, "fill", "1", str(COUNT)) == 0
    return folder


@pytest.fixture
def folder(filled: Path, tmp_path: Path, smtp_server: SmtpSink) -> Path:
    """Return a copy of it whose sender knows the server of this test."""
    copied = shutil.copytree(filled, tmp_path / "data")
    with sqlite3.connect(copied / "anliegen.sqlite3") as database:
        database.execute("UPDATE outbox_sender SET port = ?", (smtp_server.port,))
    database.close()
    return copied


@pytest.mark.parametrize("point", POINTS)
def test_killed_sender_loses_nothing_and_doubles_nothing(
    folder: Path, smtp_server: SmtpSink, point: str
) -> None:
    killed = run(folder, "deliver", fault=f"{point}:{PASSING}:kill")
    after = run(folder, "deliver")

    assert (killed, after) == (-signal.SIGKILL, 0)
    states, mails = rows(folder), arrived(smtp_server)
    unsure = {key for key, state in states.items() if state == "unsure"}
    sent = {key for key, state in states.items() if state == "sent"}
    assert len(sent) + len(unsure) == len(states) == COUNT
    assert all(mails[key] == 1 for key in sent)
    assert all(mails[key] <= 1 for key in unsure)
    # Two threads were at work: the other one may have been in its own window.
    assert len(unsure) <= 2
    if point in DOT_WINDOW:
        assert len(unsure) >= 1
