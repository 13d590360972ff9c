"""Mail that keeps coming: how far an installation falls behind, and what it holds in memory.

So many mails a second are laid into a real mailbox while the one process that people run, or
the several of a large town, fetch, file and react on PostgreSQL. Delivery, IMAP server,
database and program share the machine. Filed mails are deleted on the server, so that its own
work does not grow.
"""

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import linear_regression
from typing import Any

import psycopg

from bench import report
from bench.mailboxes import SUSTAINED
from bench.mails import KINDS, WITH_FILE, citizens_mail
from bench.proc import tree_seconds
from bench.report import Table
from bench.running import Running, one_process, several_processes
from tests.servers.anliegen import ROOT, environment, manage
from tests.servers.dovecot import Dovecot

# So many different mails; what comes later differs from them in writer, Message-ID and picture.
DIFFERENT = 200
WAYS = {"one process": one_process, "several processes": several_processes}
TICK = 0.1
IMAP = "imap"
SETTLE_SECONDS = 5.0
LONGEST_END = 600.0
# After so many mails memory is looked at again.
MEMORY_EVERY = 1000
PICTURE = b"\r\n\r\n/9j/4"
# What is not yet fetched is what was delivered and has no row; the rest waits by its state.
HELD = """
SELECT (SELECT count(*) FROM channels_in_rawmessage WHERE id > %s),
    (SELECT count(*) FROM channels_in_rawmessage WHERE state = 'stored'),
    (SELECT count(*) FROM events_unsealed),
    (SELECT count(*) FROM reactions_reaction WHERE state = 'pending')
"""


@dataclass(frozen=True, slots=True)
class Load:
    """How much mail comes, for how long."""

    rate: int
    seconds: int


@dataclass(slots=True)
class Course:
    """What was seen while mail came."""

    delivered: int = 0
    # Seconds' worth of mail that was not yet done with, looked at each second.
    behind: list[float] = field(default_factory=list)
    # What the program holds in MiB, looked at after each thousand mails delivered.
    held: list[float] = field(default_factory=list)
    took: float = 0.0
    caught_up: float = 0.0


def measure_sustained(
    way: str,
    template: Path,
    settings: dict[str, str],
    imap: Dovecot,
    load: Load,
    table: Table,
) -> dict[str, Any]:
    """Run an installation on a filled PostgreSQL database, let mail come, return what was seen."""
    data = template.with_name("sustained")
    shutil.copytree(template, data)
    _prepare(data, settings, imap.port)
    database_pid = _server_pid(settings)
    where = f"{way}, {load.rate} mails/s"
    with WAYS[way](data, settings) as running:
        time.sleep(SETTLE_SECONDS)
        start = running.held()
        used = _used(running, database_pid, imap.pid)
        course = _watch(settings, imap, load, running)
        each = {
            name: 1000 * (now - used[name]) / course.delivered
            for name, now in _used(running, database_pid, imap.pid).items()
        }
        end, beside = running.held(), running.held_beside()
    shutil.rmtree(data)
    note = f"over {course.took:.0f} s; all done {course.caught_up:.0f} s after the last mail"
    table.add(where, "delivered a second", course.delivered / course.took, "", note=note)
    goal = report.BACKLOG
    table.add(where, "backlog at most", max(course.behind), "s", goal=goal)
    mailbox = each.pop(IMAP)
    note = " + ".join(f"{name} {used:.1f}" for name, used in each.items())
    note += f"; IMAP server {mailbox:.1f}"
    table.add(where, "all CPU of one mail", sum(each.values()), "ms", note=note)
    table.add(where, "memory after start, RSS", start, "MiB")
    name = f"memory after {course.delivered} mails, RSS"
    table.add(where, name, end, "MiB", goal=report.MEMORY, note=f"parser's child {beside:.0f}")
    grows = growth(course.held)
    if grows is not None:
        note = f"over its second half, each {MEMORY_EVERY:,}: {shown(course.held)}"
        table.add(where, f"memory grows by, each {MEMORY_EVERY:,} mails", grows, "MiB", note=note)
    seen = {"behind": course.behind, "held": course.held, "delivered": course.delivered}
    return seen | {"start": start, "end": end, "parser": beside, "cpu": each}


def _used(running: Running, database_pid: int, imap_pid: int) -> dict[str, float]:
    """Return the processor time of all that works on a mail."""
    others = {"database": tree_seconds(database_pid), IMAP: tree_seconds(imap_pid)}
    return running.seconds() | others


def growth(held: list[float]) -> float | None:
    """Return by how much memory grows from one look to the next, once everything is warm.

    The slope of the line through the second half of the looks; None where they are too few.
    """
    half = held[len(held) // 2 :]
    if len(half) < 3:
        return None
    return linear_regression(range(len(half)), half).slope


def shown(held: list[float]) -> str:
    return " ".join(f"{each:.0f}" for each in held)


def _prepare(data: Path, settings: dict[str, str], port: int) -> None:
    manage(data, "search", "rebuild", given=settings)
    options = ("--imap-port", str(port), "--user", SUSTAINED)
    subprocess.run(
        [sys.executable, "-m", "bench.program", "prepare", *options],
        cwd=ROOT,
        env=environment({"ANLIEGEN_DATA": str(data)} | settings),
        capture_output=True,
        check=True,
    )


def _server_pid(settings: dict[str, str]) -> int:
    with psycopg.connect(settings["ANLIEGEN_DATABASE_URL"]) as connection:
        row = connection.execute("SELECT pg_backend_pid()").fetchone()
        assert row is not None
        return int(Path(f"/proc/{row[0]}/stat").read_text().rpartition(")")[2].split()[1])


def _watch(settings: dict[str, str], imap: Dovecot, load: Load, running: Running) -> Course:
    """Deliver at the rate, look each second, and wait until all is done."""
    course, mails = Course(), endless_mails()
    url = settings["ANLIEGEN_DATABASE_URL"]
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute("SELECT max(id) FROM channels_in_rawmessage").fetchone()
        last = (row[0] if row else None) or 0
        began = looked = time.monotonic()
        while (now := time.monotonic()) - began < load.seconds:
            while course.delivered < (now - began) * load.rate:
                imap.deliver(SUSTAINED, next(mails))
                course.delivered += 1
            if now - looked >= 1:
                looked = now
                course.behind.append(_left(connection, last, course.delivered) / load.rate)
                while len(course.held) < course.delivered // MEMORY_EVERY:
                    course.held.append(running.held())
            time.sleep(TICK)
        course.took = time.monotonic() - began
        ended = time.monotonic()
        while _left(connection, last, course.delivered):
            if time.monotonic() - ended > LONGEST_END:
                raise RuntimeError("its mails were not all got through")
            time.sleep(TICK)
        course.caught_up = time.monotonic() - ended
    return course


def _left(connection: psycopg.Connection, last: int, delivered: int) -> int:
    """Return how many mails are not yet fetched, filed or reacted to."""
    row = connection.execute(HELD, [last]).fetchone()
    assert row is not None
    kept, stored, unsealed, pending = row
    return int(delivered - kept + stored + unsealed + pending)


def endless_mails() -> Iterator[bytes]:
    """Yield mails of the mix without end, each another, and none of them costly to make."""
    first = [citizens_mail(number, run=f"{SUSTAINED}0") for number in range(DIFFERENT)]
    turn = 0
    while True:
        for number, mail in enumerate(first):
            yield _another(mail, turn, has_file=KINDS[number % len(KINDS)] == WITH_FILE)
        turn += 1


def _another(mail: bytes, turn: int, *, has_file: bool) -> bytes:
    changed = mail.replace(f"{SUSTAINED}0.".encode(), f"{SUSTAINED}{turn}.".encode())
    if not has_file:
        return changed
    # Any eight signs of base64 make another picture.
    at = changed.index(PICTURE) + len(PICTURE) + 40
    return changed[:at] + f"{turn:08d}".encode() + changed[at + 8 :]
