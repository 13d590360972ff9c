"""The served process: how fast it listens, what it holds in memory, what it does when idle."""

import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from bench import report
from bench.mailboxes import SERVED
from bench.mails import citizens_mail
from bench.proc import children, memory, tree_seconds
from bench.report import Table
from tests.servers.anliegen import ROOT, Anliegen, anliegen, environment, manage
from tests.servers.base import wait_until
from tests.servers.dovecot import Dovecot

WHERE = "served, sqlite"
SETTLE_SECONDS = 5.0
IDLE_SECONDS = 20.0
LONGEST = 900.0
DONE = (
    "SELECT count(*) FROM channels_in_rawmessage r JOIN reactions_reaction a"
    " ON a.subject_kind = 'ticket' AND a.subject_id = r.ticket_id"
    " WHERE r.state = 'filed' AND a.state = 'done'"
)


def measure_served(
    template: Path, settings: dict[str, str], imap: Dovecot, mails: int, table: Table
) -> dict[str, Any]:
    """Serve a copy of a filled folder, twice, and send it mails."""
    data = template.with_name("served")
    shutil.copytree(template, data)
    given = {name: value for name, value in settings.items() if "SECRET" in name}
    _prepare(data, given, imap.port)
    with anliegen(data, demo=False, given=given):
        pass
    began = time.monotonic()
    with anliegen(data, demo=False, given=given) as program:
        seconds = time.monotonic() - began
        goal = report.START_SECONDS
        table.add(WHERE, "second start until it listens", seconds, "s", goal=goal)
        used = tree_seconds(program.process.pid)
        table.add(WHERE, "second start, CPU", used, "s")
        found = _look(program, imap, mails, table)
    shutil.rmtree(data)
    return found


def _prepare(data: Path, given: dict[str, str], port: int) -> None:
    """Add a mailbox and build the search index, or idling would be building it."""
    manage(data, "search", "rebuild", given=given)
    subprocess.run(
        [sys.executable, "-m", "bench.program", "prepare", "--imap-port", str(port)],
        cwd=ROOT,
        env=environment({"ANLIEGEN_DATA": str(data)} | given),
        capture_output=True,
        check=True,
    )


def _look(program: Anliegen, imap: Dovecot, mails: int, table: Table) -> dict[str, Any]:
    pid = program.process.pid
    time.sleep(SETTLE_SECONDS)
    start = _memory(pid)
    table.add(WHERE, "memory after start, RSS", start["rss"], "MiB", goal=report.START_MEMORY)
    table.add(WHERE, "memory after start, PSS", start["pss"], "MiB")
    idle = tree_seconds(pid)
    time.sleep(IDLE_SECONDS)
    percent = 100 * (tree_seconds(pid) - idle) / IDLE_SECONDS
    table.add(WHERE, "idle, CPU of one core", percent, "%", goal=report.IDLE)
    before = tree_seconds(pid)
    seconds = _send(program.data, imap, mails)
    used = 1000 * (tree_seconds(pid) - before) / mails
    table.add(WHERE, f"{mails} mails, all CPU of one", used, "ms", note=f"{seconds:.0f} s")
    end = _memory(pid)
    table.add(WHERE, f"memory after {mails} mails, RSS", end["rss"], "MiB")
    table.add(WHERE, f"memory after {mails} mails, PSS", end["pss"], "MiB", note="with its parser")
    return {"start": start, "end": end}


def _memory(pid: int) -> dict[str, Any]:
    """Return the whole tree's memory and that of each process."""
    each = [memory(one) for one in children(pid)]
    return {
        "rss": sum(one.rss_mib for one in each),
        "pss": sum(one.pss_mib or one.rss_mib for one in each),
        "processes": [vars(one) for one in each],
    }


def _send(data: Path, imap: Dovecot, mails: int) -> float:
    """Deliver mails and wait until each is filed and reacted to; return the seconds it took."""
    for number in range(mails):
        imap.deliver(SERVED, citizens_mail(number, run=SERVED))
    began = time.monotonic()
    with closing(sqlite3.connect(f"file:{data}/anliegen.sqlite3?mode=ro", uri=True)) as database:
        if not wait_until(lambda: database.execute(DONE).fetchone()[0] >= mails, seconds=LONGEST):
            raise RuntimeError("the served process did not get through its mails")
    return time.monotonic() - began
