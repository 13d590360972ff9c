"""Clocks that are wrong, and clocks that jump while the product runs (F20), by libfaketime.

The whole of the served process sees another time, SQLite in it as well; PostgreSQL and the
mailbox keep theirs, as other machines would. What a wrong clock has left behind does not
hold up anything once the clock is right again. Of many mails several wrong clocks share a
load, one after another (``FAULT_CHAIN``).
"""

import itertools
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.fakes.smtp import SmtpSink
from tests.faults.conftest import USER
from tests.faults.intake import COUNT, Installation, Load, make_load
from tests.faults.served import Look, killed_or_done
from tests.faults.test_kill import check
from tests.servers.anliegen import anliegen
from tests.servers.base import ServerStartError
from tests.servers.dovecot import Dovecot

pytestmark = [
    pytest.mark.faults,
    pytest.mark.dovecot,
    pytest.mark.proves("F20"),
    pytest.mark.timeout(300 + 10 * COUNT),
]
# From the past into the future, so that times of receipt grow from one to the next.
SHIFTS = ("-10y", "-1d", "-1h", "+1h", "+1d", "+10y")
CHAIN = max(1, int(os.environ.get("FAULT_CHAIN", "0")) or min(len(SHIFTS), COUNT // 150))
CHAINS = [SHIFTS[first : first + CHAIN] for first in range(0, len(SHIFTS), CHAIN)]
DATES = (
    "Thu, 1 Jan 1970 00:00:00 +0000",
    "Sat, 1 Jan 2050 00:00:00 +0000",
    "Fri, 31 Feb 2026 25:61:00 +9999",
    "gestern",
    "",
)
PATIENCE = 90.0 + COUNT
# Where a process is killed whose clock is wrong: it leaves leases behind.
KILL = "process.after_accept"
PASSING = COUNT // (CHAIN + 2)


def dated(load: Load) -> list[bytes]:
    """Return the mails of a load with dates that are long ago, far away or none."""
    # The last is a copy of another, and stays one.
    dates = [DATES[load.mails.index(mail) % len(DATES)] for mail in load.mails]
    heads = [f"Date: {date}\r\n".encode() if date else b"" for date in dates]
    return [head + mail for head, mail in zip(heads, load.mails, strict=True)]


class Clock:
    """What a served process takes for the time; may be moved while it runs."""

    def __init__(self, folder: Path, library: Path) -> None:
        self.library, self.file = library, folder / "clock"
        self.move("+0")

    def move(self, shift: str) -> None:
        part = self.file.with_suffix(".part")
        part.write_text(f"{shift}\n")
        part.rename(self.file)

    def environ(self) -> dict[str, str]:
        return {
            "LD_PRELOAD": str(self.library),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_NO_CACHE": "1",
            # Time-outs and pauses count seconds that pass, whatever time it is.
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
        }


@dataclass(frozen=True)
class Town:
    """An installation with a clock of its own, its mailbox and its mail server."""

    made: Installation
    data: Path
    dovecot: Dovecot
    sink: SmtpSink
    clock: Clock
    load: Load

    @property
    def look(self) -> Look:
        return Look(self.made)

    def fill(self, places: range) -> None:
        """Lay mails into the mailbox, a second of arrival between each and the next."""
        began, mails = int(time.time()) - 2 * COUNT - 60, dated(self.load)
        for place in places:
            self.dovecot.deliver(USER, mails[place], arrived=began + place)
            if place == 0:
                # What the others answer gets its UID before them (see test_kill.fill).
                with self.dovecot.client(USER) as client:
                    client.select_folder("INBOX")

    def given(self, fault: str = "") -> dict[str, str]:
        settings = {name: value for name, value in self.made.environ.items() if "ANLIEGEN_" in name}
        del settings["ANLIEGEN_DATA"]
        armed = {"ANLIEGEN_FAULT": fault} if fault else {}
        return settings | self.clock.environ() | armed

    @contextmanager
    def served(self) -> Iterator[None]:
        with anliegen(self.data, demo=False, given=self.given()) as running:
            yield
            assert running.terminate() == 0

    def serve_until_killed(self, fault: str) -> int | None:
        mails = len(self.load.mails)
        try:
            with anliegen(self.data, demo=False, given=self.given(fault)) as running:
                return killed_or_done(
                    running.process, lambda: not self.look.open_work(mails), PATIENCE
                )
        except ServerStartError as error:
            return -9 if "(-9)" in str(error) else None

    def wait_for(self, mails: int) -> None:
        end = time.monotonic() + PATIENCE
        while left := self.look.open_work(mails):
            assert time.monotonic() < end, left
            time.sleep(0.5)


@pytest.fixture
def town(
    made: Installation,
    tmp_path: Path,
    dovecot_server: Dovecot,
    smtp_server: SmtpSink,
    faketime: Path,
    seed: int,
) -> Town:
    sys.stdout.write(f"FAULT_SEED={seed}\n")
    made.call("aim", str(smtp_server.port))
    with dovecot_server.client(USER) as client:
        client.select_folder("INBOX")
        client.delete_messages(client.search())
        client.expunge()
    clock, load = Clock(tmp_path, faketime), make_load(seed)
    return Town(made, tmp_path / "data", dovecot_server, smtp_server, clock, load)


def compare(
    town: Town, record_property: Callable[[str, object], None], periods: Sequence[range]
) -> None:
    """Everything is there once, and each receipt went out.

    In each period in which the clock did not jump the times of receipt keep the order in
    which the server numbered the mails, whatever those say of their dates. It is nearly that in
    which they came: of a thousand files it may see one later than those behind it.
    """
    told, load = town.made.report("report"), town.load
    for name, value in (
        ("mails", len(load.mails)),
        ("expected", load.tickets),
        ("found", told["tickets"]),
        ("lost", len(load.marks - set(told["marks"]))),
    ):
        record_property(name, value)
    check(told, load)
    received = town.made.report_of("received")
    for period in periods:
        # As many as there are to be: `check` has compared them.
        order = [at for mark, at in received.items() if int(mark) in load.marks & set(period)]
        assert order == sorted(order), "not in the order of receipt"
    assert max(received.values()) <= datetime.now(UTC).isoformat(), "received in a time to come"
    states = town.look.sendings()
    assert set(states.values()) <= {"sent", "unsure"}
    assert len(town.sink.mails) >= list(states.values()).count("sent")


@pytest.mark.parametrize("shifts", CHAINS, ids=" ".join)
def test_a_process_with_a_wrong_clock_that_is_killed_holds_up_nothing_afterwards(
    town: Town, shifts: Sequence[str], record_property: Callable[[str, object], None]
) -> None:
    mails = len(town.load.mails)
    town.fill(range(mails))

    ends = []
    for shift in shifts:
        town.clock.move(shift)
        ends.append(town.serve_until_killed(f"{KILL}:{PASSING}:kill"))
    town.clock.move("+0")
    with town.served():
        town.wait_for(mails)

    assert ends == [-9] * len(shifts)
    record_property("kills", len(shifts))
    compare(town, record_property, [range(mails)])


@pytest.mark.parametrize("shifts", CHAINS, ids=" ".join)
def test_a_clock_that_jumps_away_and_back_while_running_holds_up_nothing(
    town: Town, shifts: Sequence[str], record_property: Callable[[str, object], None]
) -> None:
    mails = len(town.load.mails)
    moves = ["+0", *(move for shift in shifts for move in (shift, "+0"))]
    borders = [mails * part // len(moves) for part in range(len(moves) + 1)]
    periods = [range(first, end) for first, end in itertools.pairwise(borders)]

    with town.served():
        for period, moved in zip(periods, moves, strict=True):
            town.clock.move(moved)
            town.fill(period)
            town.wait_for(period.stop)

    compare(town, record_property, periods)
