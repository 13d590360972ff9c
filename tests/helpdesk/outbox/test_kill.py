"""The sender is killed at every point between claim and mark (quality.md F13, small)."""

import shutil
from pathlib import Path

import pytest

from tests.fakes.smtp import SmtpSink
from tests.helpdesk.outbox.killing import KILLED, POINTS, aim, check, deliver, fill
from tests.servers.anliegen import begin_with

COUNT = 20
PASSING = 7


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, tables: Path) -> Path:
    """Return a data folder in which everything is queued."""
    folder = tmp_path_factory.mktemp("filled")
    begin_with(tables, folder)
    fill(folder, COUNT)
    return folder


@pytest.mark.parametrize("point", POINTS)
def test_killed_sender_loses_nothing_and_doubles_nothing(
    filled: Path, tmp_path: Path, smtp_server: SmtpSink, point: str
) -> None:
    folder = shutil.copytree(filled, tmp_path / "data")
    aim(folder, smtp_server)

    killed = deliver(folder, fault=f"{point}:{PASSING}:kill")
    after = deliver(folder)

    assert (killed, after) == (KILLED, 0)
    check(folder, smtp_server, count=COUNT, point=point, kills=1)
