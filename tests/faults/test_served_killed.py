"""``kill -9`` of the served product at points from the mailbox to the sent receipt (F1, F13).

The mails lie in a real Dovecot, receipts go to a real SMTP server. Afterwards nothing is
lost and nothing doubled; a receipt whose fate nobody can know is "unsure" and is not sent
again. Of many mails several kills share a load: the product is served, killed at one
point, served again, killed at the next, and in the end left to finish. ``FAULT_CHAIN``
says how many, ``FAULT_MAILS`` how many mails, ``FAULT_LEDGER`` where to go on.
"""

import os
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.smtp import SmtpSink
from tests.faults.conftest import USER
from tests.faults.intake import (
    COUNT,
    Installation,
    Load,
    Maker,
    make_load,
    postgres_maker,
    sqlite_maker,
)
from tests.faults.served import Ledger, Look, doubled_of, killed_or_done
from tests.faults.table import POINTS as ROWS
from tests.faults.test_kill import check, fill
from tests.servers.anliegen import anliegen
from tests.servers.base import ServerStartError
from tests.servers.dovecot import Dovecot
from tests.servers.postgres import postgres

# Point → how often it is passed at least while 50 mails come in and 10 receipts go out, in the
# order in which the points come for one mail.
POINTS = {
    "fetch.after_lease": 1,
    "fetch.after_login": 1,
    "fetch.after_select": 1,
    "fetch.after_generation": 1,
    "fetch.after_search": 1,
    "fetch.after_sizes": 1,
    "fetch.before_fetch": 1,
    "fetch.after_fetch": 1,
    "store.after_bytes": 40,
    # Twenty-five mails share a commit.
    "store.between_rows": 2,
    "store.before_commit": 2,
    "store.after_commit": 2,
    "process.before_parse": 40,
    "process.after_parse": 40,
    "process.before_files": 40,
    "process.after_files": 40,
    "files.before_rename": 5,
    "files.after_rename": 5,
    "process.before_filing": 2,
    "intake.after_ticket": 30,
    "intake.after_article": 40,
    "intake.before_fact": 40,
    "process.after_accept": 40,
    "process.before_filing_commit": 2,
    "process.after_filing_commit": 2,
    "fetch.before_settle": 1,
    "fetch.after_settle": 1,
    "fetch.after_settled_row": 1,
    "sequencer.before_commit": 2,
    "sequencer.after_commit": 2,
    "reactions.before_commit": 20,
    "reactions.after_commit": 20,
    "receipt.before_queue": 3,
    "receipt.after_queue": 3,
    "outbox.after_claim": 3,
    "outbox.before_data": 3,
    "outbox.content_marked": 3,
    "outbox.after_data": 3,
    "outbox.before_result_commit": 3,
    "outbox.after_result_commit": 3,
    # The last of a chain: before it everything is fetched.
    "fetch.after_pass": 1,
}
# A few mails are not enough for several kills that each find something left to do.
CHAIN = max(1, int(os.environ.get("FAULT_CHAIN", "0")) or min(6, COUNT // 150))
PATIENCE = 90.0 + COUNT / 3
pytestmark = [
    pytest.mark.faults,
    pytest.mark.dovecot,
    pytest.mark.proves("F1", "F13"),
    pytest.mark.timeout(300 + CHAIN * (60 + COUNT)),
]


def chains() -> list[tuple[str, ...]]:
    """Deal the points out; those of a chain come one after another in the way of a mail."""
    number = -(-len(POINTS) // CHAIN)
    return [tuple(POINTS)[first::number] for first in range(number)]


def passing_of(point: str, seed: int) -> int:
    """Return at which passing to kill, such that as much is left for each other of the chain."""
    often = POINTS[point]
    share = often if often == 1 else often * COUNT // 50
    chance = random.Random(f"{seed}{point}")  # noqa: S311 - repeatable, no secret
    return chance.randint(1, max(1, share if CHAIN == 1 else share // (CHAIN + 1)))


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def served_maker(
    engine: str,
    tmp_path_factory: pytest.TempPathFactory,
    dovecot_server: Dovecot,
    _smtp_server: SmtpSink,
) -> Iterator[Maker]:
    """Make installations that were served once: tables, static files and index are there."""
    template = tmp_path_factory.mktemp("template") / "data"
    template.mkdir()

    def prepare(made: Installation) -> None:
        for task in (("setup", str(dovecot_server.port), USER), ("aim", str(_smtp_server.port))):
            done = made.call(*task)
            assert done.returncode == 0, done.stderr[-3000:]
        with dovecot_server.client(USER) as client:
            client.select_folder("INBOX")
        with anliegen(template, demo=False, given=given(made)) as running:
            assert running.terminate() == 0

    with ExitStack() as stack:
        if engine == "sqlite":
            yield sqlite_maker(template, prepare)
        else:
            yield postgres_maker(stack.enter_context(postgres(durable=True)), template, prepare)


def given(made: Installation, fault: str = "") -> dict[str, str]:
    settings = {name: value for name, value in made.environ.items() if "ANLIEGEN_" in name}
    del settings["ANLIEGEN_DATA"]
    return settings | ({"ANLIEGEN_FAULT": fault} if fault else {})


@dataclass(frozen=True)
class Town:
    """An installation with its mailbox and its mail server, through all of its lives."""

    engine: str
    made: Installation
    data: Path
    dovecot: Dovecot
    sink: SmtpSink

    @property
    def look(self) -> Look:
        return Look(self.made)

    def live_until_killed(self, point: str, passing: int, mails: int) -> int | None:
        """Serve with a fault armed and return how the process ended; None if it lived on."""
        try:
            fault = f"{point}:{passing}:kill"
            with anliegen(self.data, demo=False, given=given(self.made, fault)) as running:
                return killed_or_done(
                    running.process, lambda: not self.look.open_work(mails), PATIENCE
                )
        except ServerStartError as error:
            # Mail waits already: some points are passed before the pages are served.
            return -9 if "(-9)" in str(error) else None

    def live_until_done(self, mails: int) -> float:
        """Serve until nothing is left to do; return how many seconds that took from the start."""
        began = time.monotonic()
        with anliegen(self.data, demo=False, given=given(self.made)) as running:
            while left := self.look.open_work(mails):
                assert time.monotonic() < began + PATIENCE, (left, running.output[-2000:])
                time.sleep(0.5)
            took = time.monotonic() - began
            assert running.terminate() == 0
        return took


@pytest.fixture
def town(
    engine: str,
    served_maker: Maker,
    tmp_path: Path,
    dovecot_server: Dovecot,
    smtp_server: SmtpSink,
) -> Town:
    return Town(engine, served_maker(tmp_path), tmp_path / "data", dovecot_server, smtp_server)


@pytest.mark.parametrize("chain", chains(), ids="+".join)
def test_kill_of_the_served_process_loses_and_doubles_nothing(
    town: Town,
    chain: tuple[str, ...],
    seed: int,
    record_property: Callable[[str, object], None],
) -> None:
    ledger, case = Ledger(), f"{town.engine} {'+'.join(chain)}"
    rows = ledger.passed(case)
    if rows is None:
        rows = prove(town, chain, seed)
        ledger.note(case, rows)
    record_property(ROWS, rows)
    record_property("kills", len(rows))
    for name in ("mails", "expected", "found", "lost", "doubled", "unsure"):
        record_property(name, rows[0][name])


def prove(town: Town, chain: tuple[str, ...], seed: int) -> list[dict[str, Any]]:
    """Kill at each point of a chain in turn, let it finish, and return the figures of each."""
    load = make_load(seed)
    sys.stdout.write(f"FAULT_SEED={seed}\n")
    fill(town.dovecot, load)
    mails = len(load.mails)

    kills = [(point, passing_of(point, seed)) for point in chain]
    ends = [town.live_until_killed(point, passing, mails) for point, passing in kills]
    healed = town.live_until_done(mails)

    assert dict(zip(kills, ends, strict=True)) == dict.fromkeys(kills, -9), "not killed"
    figures = compare(town, load, len(kills))
    own = {"engine": town.engine, "kills": 1, "healed": f"{healed:.0f} s", "exit": -9}
    return [{**figures, **own, "point": point, "passing": passing} for point, passing in kills]


def compare(town: Town, load: Load, kills: int) -> dict[str, Any]:
    """Compare mailbox, database and mail server; return the figures of the table."""
    told = town.made.report("report")
    marks = Counter(told["marks"])
    arrived = Counter(
        str(message_from_bytes(mail.content)["Message-ID"]) for mail in town.sink.mails
    )
    states = town.look.sendings()
    figures = {
        "mails": len(load.mails),
        "expected": load.tickets,
        "found": told["tickets"],
        "lost": len(load.marks - set(marks)),
        "doubled": doubled_of(marks) + doubled_of(arrived),
        "unsure": list(states.values()).count("unsure"),
    }
    sys.stdout.write(f"{figures}\n")
    check(told, load)
    assert figures["doubled"] == 0, "a receipt was doubled"
    assert {mid for mid, state in states.items() if state == "sent"} <= set(arrived), "lost"
    assert set(arrived) <= set(states), "a receipt that no row tells of"
    assert set(states.values()) <= {"sent", "unsure"}
    assert len(states) == load.receipts
    # Two at once are on the wire to one server, so each kill can catch two in the dot window.
    assert figures["unsure"] <= 2 * kills
    flags = [mail.flags for mail in town.dovecot.mails(USER)]
    assert flags == [frozenset({"\\Seen"})] * len(load.mails)
    return figures
