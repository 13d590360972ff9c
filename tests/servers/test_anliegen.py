"""The product starts on an empty folder, refuses a second one, and ends when asked."""

import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.anliegen import ROOT, Anliegen, anliegen, environment
from tests.servers.base import free_port
from tests.servers.reporting import DONE, Reporter, filed

QUIET_STOP_SECONDS = 2.0
SECOND_START_SECONDS = 3.0


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Anliegen]:
    """A demonstration that was just started for the first time."""
    with anliegen(tmp_path_factory.mktemp("served") / "data") as served:
        yield served


def _refusal(data: Path, port: int) -> subprocess.CompletedProcess[str]:
    command = [
        *(sys.executable, "manage.py", "serve", "--data", str(data)),
        *("--port", str(port), "--smtp-port", str(free_port())),
    ]
    return subprocess.run(
        command,
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_serve_prints_addresses_and_answers(running: Anliegen) -> None:
    with urllib.request.urlopen(running.url + "/", timeout=10) as answer:  # noqa: S310 - our own
        status = answer.status

    assert status == 200
    assert f"{running.url}/a/" in running.output
    assert f"SMTP on 127.0.0.1:{running.smtp_port}" in running.output


def test_serve_refuses_a_folder_that_is_served(running: Anliegen) -> None:
    refused = _refusal(running.data, free_port())

    assert refused.returncode == 1
    assert refused.stderr.strip().endswith(f"{running.data} is already being served.")
    assert refused.stderr.strip().count("\n") == 0


def test_serve_refuses_a_port_in_use(running: Anliegen, tmp_path: Path) -> None:
    refused = _refusal(tmp_path / "data", running.port)

    assert refused.returncode == 1
    assert f"port {running.port} is in use" in refused.stderr
    assert refused.stderr.strip().count("\n") == 0


def test_serve_ends_at_once_when_quiet_and_starts_again_quickly(tmp_path: Path) -> None:
    starts, stops, codes = [], [], []
    for _round in range(2):
        with anliegen(tmp_path / "data", demo=False) as served:
            # Processor time, since wall time tells how busy the machine is.
            starts.append(served.cpu_seconds())
            asked = time.monotonic()
            codes.append(served.terminate())
            stops.append(time.monotonic() - asked)

    assert codes == [0, 0]
    assert starts[1] <= SECOND_START_SECONDS
    assert min(stops) <= QUIET_STOP_SECONDS


@pytest.mark.proves("F27", "F28")
def test_a_report_that_was_begun_survives_a_kill_and_is_sent_once_by_twenty_presses(
    running: Anliegen,
) -> None:
    text = "Die Bank am Weiher ist seit Montag zerbrochen."
    citizen = Reporter(running.url)
    citizen.fill_in(text)

    running.kill()
    with anliegen(running.data) as again:
        citizen.url = again.url
        kept = citizen.page("/melden/")
        pressed = citizen.press(20, at_once=8)
        (made,) = filed(again.data, [text])

    assert text in kept
    assert set(pressed) == {(302, DONE)}
    assert made == 1
