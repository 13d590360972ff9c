"""A thousand replies, and the sender is killed again and again at one point (quality.md F13)."""

import os
import random
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fakes.smtp import SmtpSink
from tests.helpdesk.outbox.killing import KILLED, POINTS, aim, check, deliver, fill

pytestmark = [pytest.mark.faults, pytest.mark.proves("F13"), pytest.mark.timeout(1800)]
COUNT = int(os.environ.get("FAULT_ANSWERS", "1000"))
KILLS = 8
# So that each of the kills finds something left to do.
LATEST = COUNT // (KILLS + 1)
PATIENCE = 600


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data folder in which everything is queued."""
    folder = tmp_path_factory.mktemp("filled")
    fill(folder, COUNT, patience=PATIENCE)
    return folder


@pytest.mark.parametrize("point", POINTS)
def test_sender_killed_again_and_again_loses_nothing_and_doubles_nothing(
    filled: Path,
    tmp_path: Path,
    smtp_server: SmtpSink,
    point: str,
    seed: int,
    record_property: Callable[[str, object], None],
) -> None:
    chance = random.Random(seed)  # noqa: S311 - repeatable, no secret
    passings = [chance.randint(1, LATEST) for _ in range(KILLS)]
    sys.stdout.write(f"FAULT_SEED={seed}: {point}, passings {passings}\n")
    folder = shutil.copytree(filled, tmp_path / "data")
    aim(folder, smtp_server)

    ends = [
        deliver(folder, fault=f"{point}:{passing}:kill", patience=PATIENCE) for passing in passings
    ]
    last = deliver(folder, patience=PATIENCE)

    assert (ends, last) == ([KILLED] * KILLS, 0)
    check(folder, smtp_server, count=COUNT, point=point, kills=KILLS)
    record_property("mails", COUNT)
    record_property("kills", KILLS)
    record_property("lost", 0)
    record_property("doubled", 0)
