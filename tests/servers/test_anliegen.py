"""The product starts on an empty folder, refuses a second one, and ends when asked."""

import smtplib
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from helpdesk.portal.report.guard import SHORTEST_SECONDS
from tests.servers.anliegen import ROOT, Anliegen, anliegen, environment
from tests.servers.base import free_port, served, wait_until
from tests.servers.redis import Redis
from tests.servers.reporting import DONE, Reporter, filed

# Less than sendings are waited for, and than making the tables takes; more than a busy machine
# needs for an end and a start that wait for nothing.
QUIET_STOP_SECONDS = 10.0
SECOND_START_SECONDS = 8.0


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Anliegen]:
    """A demonstration that was just started for the first time."""
    with anliegen(tmp_path_factory.mktemp("served") / "data") as program:
        yield program


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
        timeout=120,
        check=False,
    )


def test_serve_prints_addresses_and_answers(running: Anliegen) -> None:
    with urllib.request.urlopen(running.url + "/", timeout=60) as answer:  # noqa: S310 - our own
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
        with anliegen(tmp_path / "data", demo=False) as program:
            # Processor time, since wall time tells how busy the machine is.
            starts.append(program.cpu_seconds())
            asked = time.monotonic()
            codes.append(program.terminate())
            stops.append(time.monotonic() - asked)

    assert codes == [0, 0]
    assert starts[1] <= SECOND_START_SECONDS
    assert min(stops) <= QUIET_STOP_SECONDS


def _mail(number: int) -> bytes:
    return (
        "From: Rita Reisig <rita@example.org>\r\nTo: tiefbau@musterstadt.example\r\n"
        f"Subject: Laterne {number}\r\nMessage-ID: <{number}.several@example.org>\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n\r\nVor dem Haus ist es dunkel.\r\n"
    ).encode()


def _state_of(data: Path, message_id: str) -> tuple[str, str] | None:
    """Return the state of a mail, and of the receipt for the ticket that it became."""
    asked = (
        "SELECT state, (SELECT m.state FROM outbox_outgoingmessage m JOIN outbox_recipient r"
        "  ON r.message_id = m.id WHERE r.address = 'rita@example.org')"
        " FROM channels_in_rawmessage WHERE message_id = ?"
    )
    with closing(sqlite3.connect(f"file:{data}/anliegen.sqlite3?mode=ro", uri=True)) as database:
        row: tuple[str, str] | None = database.execute(asked, [message_id]).fetchone()
    return row


# After all that ask the program: it ends it.
def test_several_processes_do_what_the_one_does(running: Anliegen, redis_server: Redis) -> None:
    assert running.terminate() == 0
    given = {
        "ANLIEGEN_DATA": str(running.data),
        "ANLIEGEN_DEMO": "true",
        "ANLIEGEN_SECRET_KEY_FILE": str(running.data / "secret.key"),
        "ANLIEGEN_REDIS_URL": redis_server.url,
        "ANLIEGEN_SMTP_LISTEN": f"127.0.0.1:{running.smtp_port}",
    }
    log = running.data.with_name("several.log")
    worker = ["-m", "celery", "-A", "helpdesk.project.celery", "worker", "-B"]
    options = ["-P", "threads", "-c", "2", "-s", str(running.data.with_name("beat"))]
    with (
        served(
            [sys.executable, ROOT / "manage.py", "fetch"],
            ready=lambda: "takes in mail" in log.read_text(),
            log=log,
            env=environment(given),
        ) as fetching,
        served(
            [sys.executable, *worker, *options],
            ready=lambda: True,
            log=log.with_suffix(".worker"),
            env=environment(given | {"PYTHONPATH": str(ROOT)}),
        ),
    ):
        with smtplib.SMTP("127.0.0.1", running.smtp_port, timeout=60) as server:
            server.sendmail("rita@example.org", ["tiefbau@musterstadt.example"], _mail(1))
        done = wait_until(
            lambda: _state_of(running.data, "<1.several@example.org>") == ("filed", "sent"),
            seconds=60,
        )
        assert done, _state_of(running.data, "<1.several@example.org>")
        fetching.terminate()
        assert fetching.wait(60) == 0


def test_fetch_says_that_one_process_needs_it_not(tmp_path: Path) -> None:
    refused = subprocess.run(
        [sys.executable, ROOT / "manage.py", "fetch"],
        env=environment({"ANLIEGEN_DATA": str(tmp_path)}),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert refused.returncode == 1
    assert "ANLIEGEN_REDIS_URL" in refused.stderr
    assert "Traceback" not in refused.stderr


# After the last that needs the program itself; its folder is served again.
@pytest.mark.proves("F27", "F28")
def test_a_report_that_was_begun_survives_a_kill_and_is_sent_once_by_twenty_presses(
    running: Anliegen,
) -> None:
    text = "Die Bank am Weiher ist seit Montag zerbrochen."
    running.kill()
    with anliegen(running.data) as program:
        citizen = Reporter(program.url)
        citizen.fill_in(text)
        filled_in = time.monotonic()
        program.kill()

    with anliegen(running.data) as again:
        citizen.url = again.url
        kept = citizen.page("/melden/")
        # Quicker than anybody types is not taken; the start has mostly taken longer.
        assert wait_until(lambda: time.monotonic() - filled_in > SHORTEST_SECONDS)
        pressed = citizen.press(20, at_once=8)
        (made,) = filed(again.data, [text])

    assert text in kept
    assert set(pressed) == {(302, DONE)}
    assert made == 1
