"""Starts private servers, fills databases, lets programs measure, and collects figures."""

import json
import shutil
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import mailboxes, report
from bench.mails import citizens_mail
from bench.proc import median_of, reference_loop
from bench.report import Table
from bench.served import measure_served
from bench.sustained import WAYS, Load, measure_sustained
from tests.servers.anliegen import ROOT, environment, manage
from tests.servers.base import private_folder
from tests.servers.dovecot import Dovecot, dovecot
from tests.servers.postgres import Postgres, postgres

WARM_UP = 20
LARGE = 100_000
ANSWERS = 10_000
FILLED = "bench-filled"
SECRET = "bench-" * 8
# As docs/admin/large.md tells whoever runs PostgreSQL; a test holds both to each other.
TUNED = {"shared_buffers": "1GB", "max_wal_size": "8GB", "checkpoint_timeout": "30min"}


@dataclass(frozen=True)
class Plan:
    """What is measured, how often."""

    engines: tuple[str, ...]
    sizes: tuple[int, ...]
    mails: int
    pages: int
    rounds: int
    served_mails: int = 1000
    # Mails a second, and for how many seconds they come; none: not measured.
    rate: int = 160
    sustained: int = 0
    ways: tuple[str, ...] = tuple(WAYS)
    only_search: bool = False
    # Filled databases stay in this folder and are taken as they are the next time.
    keep: Path | None = None


@dataclass(frozen=True)
class Place:
    """One database of one size, ready to be measured."""

    engine: str
    tickets: int
    data: Path
    settings: dict[str, str]
    database_pid: int

    @property
    def title(self) -> str:
        """Return how the table names it."""
        return f"{self.engine} {self.tickets // 1000}k"

    def program(self, task: str, *options: str) -> dict[str, Any]:
        """Run a measuring program and return its figures."""
        where = ("--database-pid", str(self.database_pid))
        done = subprocess.run(
            [sys.executable, "-m", "bench.program", task, *options, *where],
            cwd=ROOT,
            env=environment({"ANLIEGEN_DATA": str(self.data)} | self.settings),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{task} on {self.title}: {done.stderr[-3000:]}")
        figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return figures


def run(plan: Plan, table: Table) -> dict[str, Any]:
    """Measure everything in ``plan``; figures go into the table, what lies behind is returned."""
    raw: dict[str, Any] = {}
    with ExitStack() as stack:
        folder = plan.keep or stack.enter_context(private_folder("bench"))
        cluster = plan.keep / "postgres" if plan.keep else None
        server = None
        if "postgres" in plan.engines:
            server = stack.enter_context(postgres(durable=True, kept=cluster, tuned=TUNED))
        for tickets in plan.sizes:
            for engine in plan.engines:
                place = prepare(engine, tickets, folder, server)
                fill(place, table)
                raw[place.title] = {}
                if not plan.only_search:
                    with dovecot() as imap:
                        raw[place.title] = measure_place(plan, place, imap, table)
                found = place.program("search", "--rounds", str(plan.rounds))
                add_search(table, place, found)
                raw[place.title]["search"] = found
                if plan.keep is None:
                    shutil.rmtree(place.data)
    return raw


def prepare(engine: str, tickets: int, folder: Path, server: Postgres | None) -> Place:
    """Return a migrated database: a new one, or the one that was kept."""
    settings = {"ANLIEGEN_SECRET_KEY": SECRET, "ANLIEGEN_LOG_LEVEL": "WARNING"}
    pid = 0
    if server is not None and engine == "postgres":
        name = f"bench{tickets}"
        there = server.has_database(name)
        address = server.url_of(name) if there else server.create_database(name)
        settings["ANLIEGEN_DATABASE_URL"] = address
        pid = server.pid
    place = Place(engine, tickets, folder / f"{engine}{tickets}", settings, pid)
    place.data.mkdir(parents=True, exist_ok=True)
    _manage(place, "migrate", "--verbosity", "0")
    _manage(place, "collectstatic", "--no-input", "--verbosity", "0")
    return place


def fill(place: Place, table: Table) -> None:
    """Fill what is still empty, and tell how long the requests took."""
    if (place.data / FILLED).exists():
        return
    output = _manage(place, "bench_fill", "--tickets", str(place.tickets))
    seconds = output.rpartition(" requests in ")[2].partition(" s")[0]
    table.add(place.title, "bench_fill", float(seconds), "s")
    # As many as the goal names, and no more than requests where only a test looks.
    answers = min(ANSWERS, place.tickets)
    _manage(place, "bench_fill", "--tickets", "0", "--answers", str(answers))
    (place.data / FILLED).touch()


def _manage(place: Place, *command: str) -> str:
    done = manage(place.data, *command, given=place.settings)
    if done.returncode:
        raise RuntimeError(f"{command[0]} on {place.title}: {done.stderr.decode()[-3000:]}")
    return done.stdout.decode()


def measure_place(plan: Plan, place: Place, imap: Dovecot, table: Table) -> dict[str, Any]:
    """Measure mails, pages and, on SQLite, the served process."""
    rounds = ("--rounds", str(plan.rounds))
    table.add(place.title, "reference loop, CPU", min(reference_loop() for _ in range(5)), "ms")
    served = None
    if place.engine == "sqlite" and place.tickets == plan.sizes[0] and plan.served_mails:
        served = measure_served(place.data, place.settings, imap, plan.served_mails, table)
    pages = place.program("pages", *rounds, "--count", str(plan.pages))
    add_pages(table, place, pages)
    add_forms(table, place, place.program("forms", *rounds, "--count", str(plan.pages)))
    deliver(imap, plan)
    count = ("--count", str(plan.mails), "--imap-port", str(imap.port))
    mails = place.program("mails", *rounds, *count)
    add_mails(table, place, mails)
    sustained = {}
    if place.engine == "postgres" and plan.sustained:
        load = Load(plan.rate, plan.sustained)
        for way in plan.ways:
            found = measure_sustained(way, place.data, place.settings, imap, load, table)
            sustained[way] = found
    return {"pages": pages, "mails": mails, "served": served, "sustained": sustained}


def deliver(imap: Dovecot, plan: Plan) -> None:
    """Lay all mails of all rounds into their mailboxes."""
    boxes = {mailboxes.WARM: WARM_UP, mailboxes.COUNTED: WARM_UP}
    boxes |= {mailboxes.run_of(number): plan.mails for number in range(plan.rounds)}
    for user, count in boxes.items():
        for number in range(count):
            imap.deliver(user, citizens_mail(number, run=user))


def _parts(figures: dict[str, float]) -> str:
    """Return whose processor time it is, and the reference loop beside it."""
    names = [name for name in ("program", "parser", "database") if figures[name]]
    parts = " + ".join(f"{name} {figures[name]:.1f}" for name in names)
    return f"{parts}; reference {figures['reference']:.0f}"


def add_pages(table: Table, place: Place, pages: dict[str, Any]) -> None:
    """Add processor time and statements of each page."""
    for name, found in pages.items():
        # Nothing was promised of the interface for programs.
        is_promised = place.tickets >= LARGE and not name.startswith("interface")
        goal = report.PAGE_CPU if is_promised else None
        cold, warm = found["cold"], found["warm"]
        note = _parts(cold)
        table.add(place.title, f"{name}, CPU", cold["sum"], "ms", goal=goal, note=note)
        table.add(place.title, f"{name}, counts cached", warm["sum"], "ms", note=_parts(warm))
        goal = report.PAGE_STATEMENTS if is_promised else None
        table.add(place.title, f"{name}, statements", found["statements"], "", goal=goal)


def add_forms(table: Table, place: Place, forms: dict[str, Any]) -> None:
    """Add processor time and statements of the report form's pages and of filing a report."""
    goals = {"form page": report.FORM_PAGE, "form filing": report.FORM_FILING}
    for name, found in forms.items():
        cpu = found["cpu"]
        note = _parts(cpu)
        table.add(place.title, f"{name}, CPU", cpu["sum"], "ms", goal=goals.get(name), note=note)
        table.add(place.title, f"{name}, statements", found["statements"], "")


def add_search(table: Table, place: Place, found: dict[str, Any]) -> None:
    """Add how long somebody waits for hits, and the index for what was changed."""
    note = f"{found['build_seconds']:.0f} s on the clock"
    table.add(place.title, "search index, built anew, CPU", found["build_cpu"], "s", note=note)
    for name in ("tickets", "suggestions", "answers", "answers, typing"):
        times = found[name]
        is_large = place.tickets >= LARGE
        median_goal = report.TICKETS_MEDIAN if name == "tickets" and is_large else None
        p95_goal = report.ANSWERS_P95 if name.startswith("answers") else None
        where = f"search, {name}"
        note = (
            f"{times['median']:.0f} on the clock; database {times['database']:.1f}; "
            f"reference {times['reference']:.0f}"
        )
        table.add(
            place.title, f"{where}, CPU median", times["cpu"], "ms", goal=median_goal, note=note
        )
        note = f"{times['p95']:.0f} on the clock, at most {times['most']:.0f}"
        table.add(
            place.title, f"{where}, CPU p95", times["cpu_p95"], "ms", goal=p95_goal, note=note
        )
    goal = report.INDEX_BEHIND
    table.add(place.title, "index takes up one change", found["follow"]["one"], "s", goal=goal)
    table.add(place.title, "index takes up 200 changes", found["follow"]["batch"], "s", goal=goal)


def add_mails(table: Table, place: Place, mails: dict[str, Any]) -> None:
    """Add what one mail costs until it is filed, and what follows from it."""
    goals = {"filing": report.FILING, "reactions": report.REACTIONS}
    for part, goal in goals.items():
        one = median_of([each[part] for each in mails["rounds"]])
        note = _parts(one)
        wanted = goal if place.engine == "postgres" else None
        if part == "filing":
            table.add(place.title, "parsing of a mail, CPU", one["parser"], "ms", goal=report.PARSE)
        table.add(place.title, f"{part} of a mail, CPU", one["sum"], "ms", goal=wanted, note=note)
        table.add(place.title, f"{part}, statements", mails[f"statements_{part}"], "")
        rows = sorted(each[f"rows_{part}"] for each in mails["rounds"])
        table.add(place.title, f"{part}, rows written", rows[len(rows) // 2], "")
    table.add(place.title, "parser's child, RSS", mails["parser_memory"]["rss_mib"], "MiB")
