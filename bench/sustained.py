"""Mail that keeps coming: how far the served process falls behind, and what it holds in memory.

So many mails a second are laid into a real mailbox while the one process that people run
fetches, files and reacts on PostgreSQL. Delivery, IMAP server, database and program share the
machine. Filed mails are deleted on the server, so that its own work does not grow.
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
from bench.proc import children, memory, tree_seconds
from bench.report import Table
from tests.servers.anliegen import ROOT, Anliegen, anliegen, environment, manage
from tests.servers.dovecot import Dovecot

# So many different mails; what comes later differs from them in writer, Message-ID and picture.
DIFFERENT = 200
TICK = 0.1
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
    template: Path, settings: dict[str, str], imap: Dovecot, load: Load, table: Table
) -> dict[str, Any]:
    """Serve a filled PostgreSQL database and let mail come; return what was seen."""
    data = template.with_name("sustained")
    shutil.copytree(template, data)
    _prepare(data, settings, imap.port)
    database_pid = _server_pid(settings)
    where = f"served, {load.rate} mails/s"
    with anliegen(data, demo=False, given=settings) as program:
        time.sleep(SETTLE_SECONDS)
        start = _memory(program)
        trees = (program.process.pid, database_pid, imap.pid)
        used = [tree_seconds(pid) for pid in trees]
        course = _watch(settings, imap, load, program)
        each = [
            1000 * (tree_seconds(pid) - before) / course.delivered
            for pid, before in zip(trees, used, strict=True)
        ]
        end = _memory(program)
    shutil.rmtree(data)
    note = f"over {course.took:.0f} s; all done {course.caught_up:.0f} s after the last mail"
    table.add(where, "delivered a second", course.delivered / course.took, "", note=note)
    goal = report.BACKLOG
    table.add(where, "backlog at most", max(course.behind), "s", goal=goal)
    note = f"program with parser {each[0]:.1f} + database {each[1]:.1f}; IMAP server {each[2]:.1f}"
    table.add(where, "all CPU of one mail", each[0] + each[1], "ms", note=note)
    table.add(where, "memory after start, RSS", start["program"], "MiB")
    name = f"memory after {course.delivered} mails, RSS"
    note = f"parser's child {end['parser']:.0f}"
    table.add(where, name, end["program"], "MiB", goal=report.MEMORY, note=note)
    grows = growth(course.held)
    if grows is not None:
        note = f"over its second half, each {MEMORY_EVERY:,}: {shown(course.held)}"
        table.add(where, f"memory grows by, each {MEMORY_EVERY:,} mails", grows, "MiB", note=note)
    seen = {"behind": course.behind, "held": course.held, "delivered": course.delivered}
    return seen | {"start": start, "end": end}


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


def _memory(program: Anliegen) -> dict[str, float]:
    """Return what the program holds, and apart from it what its children do."""
    pid = program.process.pid
    rest = sum(memory(one).rss_mib for one in children(pid) if one != pid)
    return {"program": memory(pid).rss_mib, "parser": rest}


def _watch(settings: dict[str, str], imap: Dovecot, load: Load, program: Anliegen) -> Course:
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
                    course.held.append(_memory(program)["program"])
            time.sleep(TICK)
        course.took = time.monotonic() - began
        ended = time.monotonic()
        while _left(connection, last, course.delivered):
            if time.monotonic() - ended > LONGEST_END:
                raise RuntimeError("the served process did not get through its mails")
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
