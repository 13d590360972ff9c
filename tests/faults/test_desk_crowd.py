"""Many open screens, cut again and again, and a server that is killed: none misses a change (F24).

``FAULT_SOCKETS`` and ``FAULT_CUTS`` give the full numbers: 1,000 screens, each cut 20 times.
"""

import asyncio
import json
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.typing import Origin

from tests.faults.intake import ROOT, Installation, installation
from tests.servers.anliegen import anliegen
from tests.servers.base import free_port

pytestmark = [pytest.mark.faults, pytest.mark.proves("F24"), pytest.mark.timeout(1800)]

AGENTS, TICKETS = 50, 4
SOCKETS = int(os.environ.get("FAULT_SOCKETS", "100"))
CUTS = int(os.environ.get("FAULT_CUTS", "5"))
SECONDS = max(30, CUTS * 6)
RATE = float(os.environ.get("FAULT_RATE", "20"))
# The screen asks again so often; what got lost on its way comes with the answer.
AGAIN_SECONDS = 20
# So long at most; a busy machine is late with many screens.
REST_SECONDS = 300


@dataclass
class Screen:
    """One open page: what it has heard, and from which number on it goes on."""

    team: str
    cookie: str
    seq: int
    heard: set[tuple[int, int]] = field(default_factory=set)
    cuts: int = 0
    tries: int = 0
    # A page that was told to load anew knows everything up to here.
    loaded: int = 0

    async def live(self, address: str, ending: asyncio.Event) -> None:
        """Stay connected as the desk's script does, until the end."""
        while not ending.is_set():
            try:
                async with connect(
                    f"{address.replace('http', 'ws')}/ws/desk/",
                    origin=Origin(address),
                    additional_headers={"Cookie": self.cookie},
                    open_timeout=60,
                    proxy=None,
                ) as line:
                    await self._listen(line, ending)
            except (OSError, TimeoutError, ConnectionClosed, InvalidHandshake):
                self.tries += 1
                await asyncio.sleep(min(30, 2 ** min(self.tries, 4)) * random.uniform(0.5, 1.5))  # noqa: S311 - jitter

    async def _listen(self, line: ClientConnection, ending: asyncio.Event) -> None:
        asking = asyncio.create_task(self._ask(line))
        cut = asyncio.create_task(self._be_cut(line, ending))
        try:
            async for text in line:
                self._take(json.loads(text))
        finally:
            asking.cancel()
            cut.cancel()

    async def _ask(self, line: ClientConnection) -> None:
        while True:
            await line.send(json.dumps({"type": "hello", "seq": self.seq}))
            await asyncio.sleep(AGAIN_SECONDS)

    async def _be_cut(self, line: ClientConnection, ending: asyncio.Event) -> None:
        if self.cuts < CUTS:
            await asyncio.sleep(SECONDS / (CUTS + 1) * random.uniform(0.2, 1))  # noqa: S311 - when a line breaks
            self.cuts += 1
            line.transport.abort()
        await ending.wait()
        await line.close()

    def _take(self, frame: dict[str, Any]) -> None:
        if frame["type"] == "event":
            self.heard.add((frame["seq"], frame["ticket"]))
        if frame["type"] == "ready":
            self.tries = 0
        if frame["type"] == "reload":
            self.loaded = frame["seq"]
        self.seq = max(self.seq, frame.get("seq", 0))

    def missed(self, facts: set[tuple[int, int]]) -> set[tuple[int, int]]:
        return {fact for fact in facts - self.heard if fact[0] > self.loaded}


def screens_of(told: dict[str, Any]) -> list[Screen]:
    """Return the open pages: those of the agents in turn, each in a team of ten."""
    cookies = [(team, each) for team, many in told["teams"].items() for each in many]
    return [
        Screen(team, f"{told['cookie']}={cookie}", told["head"], loaded=told["head"])
        for team, cookie in (cookies[number % len(cookies)] for number in range(SOCKETS))
    ]


def told_by(made: Installation, *task: str) -> dict[str, Any]:
    """Run a task of the program beside the served one, and return what it tells."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.crowd_program", *task],
        cwd=ROOT,
        env=made.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


async def work_day(made: Installation, screens: list[Screen]) -> dict[str, Any]:
    """Write while lines break; kill the server halfway; let it rest, and return the truth."""
    given = {name: each for name, each in made.environ.items() if name.startswith("ANLIEGEN_")}
    port, smtp_port = free_port(), free_port()
    data, address = Path(given.pop("ANLIEGEN_DATA")), f"http://localhost:{port}"
    ending = asyncio.Event()

    with anliegen(data, demo=False, given=given, port=port, smtp_port=smtp_port) as program:
        pages = [asyncio.create_task(each.live(address, ending)) for each in screens]
        writing = asyncio.to_thread(told_by, made, "write", str(SECONDS), str(RATE))
        written = asyncio.create_task(writing)
        await asyncio.sleep(SECONDS / 2)
        program.kill()
    # Where to wait is another thread: the screens go on meanwhile.
    again = anliegen(data, demo=False, given=given, port=port, smtp_port=smtp_port)
    await asyncio.to_thread(again.__enter__)
    try:
        notes = await written
        truth = await asyncio.to_thread(told_by, made, "truth", "0")
        facts = facts_of(truth)
        for _second in range(REST_SECONDS):
            if all(each.cuts == CUTS and not each.missed(facts[each.team]) for each in screens):
                break
            await asyncio.sleep(1)
        ending.set()
        await asyncio.wait_for(asyncio.gather(*pages), 120)
    finally:
        await asyncio.to_thread(again.__exit__, None, None, None)
    return truth | notes


def facts_of(truth: dict[str, Any]) -> dict[str, set[tuple[int, int]]]:
    """Return what each team's screens have to hear."""
    return {team: {(seq, ticket) for seq, ticket in each} for team, each in truth["facts"].items()}


async def test_screens_that_are_cut_and_a_server_that_is_killed_miss_nothing(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    made = installation(tmp_path / "data")
    (tmp_path / "data").mkdir()
    screens = screens_of(told_by(made, "setup", str(AGENTS), str(TICKETS)))

    truth = await work_day(made, screens)

    facts = facts_of(truth)
    missed = Counter(len(each.missed(facts[each.team])) for each in screens)
    foreign = [each.heard - facts[each.team] for each in screens]
    record_property("found", sum(len(each.heard) for each in screens))
    record_property("lost", sum(count * screens for count, screens in missed.items()))
    record_property("kills", 1 + sum(each.cuts for each in screens))
    assert sum(map(len, facts.values())) >= truth["written"] > 0
    assert missed == {0: SOCKETS}
    assert not any(foreign)
    assert {each.cuts for each in screens} == {CUTS}
