"""A process that is killed while it seals or reacts: the next one finishes, once."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.faults, pytest.mark.proves("F8")]

ROOT = Path(__file__).resolve().parents[2]
MAILS = 3
SETUP = "import django; django.setup()\n"
ARRIVE = (
    SETUP
    + f"""
from django.core.management import call_command
call_command("migrate", verbosity=0)
from helpdesk.tickets.inbound import Threading
from tests.factories.town import arrive, make_town
town = make_town()
for n in range({MAILS}):
    arrive(town, threading=Threading(f"<{{n}}@buergerin.example>"))
"""
)
REACT = (
    SETUP
    + """
import json
from helpdesk.reactions.tasks import run
run()
from helpdesk.events import chain
from helpdesk.events.models import Event, Seal
from helpdesk.outbox.models import OutgoingMessage
from helpdesk.reactions.queries import backlog
from helpdesk.sla.models import Clock
rest = backlog()
print(json.dumps({
    "receipts": OutgoingMessage.objects.filter(kind="receipt").count(),
    "clocks": Clock.objects.count(),
    "unnumbered": Event.objects.count() - Seal.objects.count(),
    "left": rest.unsealed + rest.pending + rest.parked,
    "broken": chain.verify(),
}))
"""
)


def process(script: str, data: Path, fault: str = "") -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "DJANGO_SETTINGS_MODULE": "helpdesk.project.settings",
        "ANLIEGEN_DATA": str(data),
        "ANLIEGEN_LOG_LEVEL": "ERROR",
    }
    if fault:
        environment["ANLIEGEN_FAULT"] = fault
    return subprocess.run(
        [sys.executable, "-c", script],
        env=environment,
        cwd=data.parent,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="module")
def arrived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with mails filed and nothing done about them."""
    folder = tmp_path_factory.mktemp("arrived") / "data"
    done = process(ARRIVE, folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize(
    "fault",
    [
        "sequencer.before_commit:1:kill",
        "sequencer.after_commit:1:kill",
        "reactions.before_commit:2:kill",
        "reactions.after_commit:2:kill",
        "reactions.before_commit:2:raise",
    ],
)
def test_killed_reactions_are_finished_once_by_the_next_process(
    arrived: Path, tmp_path: Path, fault: str
) -> None:
    data = tmp_path / "data"
    shutil.copytree(arrived, data)

    struck = process(REACT, data, fault)
    healed = [process(REACT, data) for _ in range(2)][-1]

    assert struck.returncode == (0 if fault.endswith("raise") else -signal.SIGKILL), struck.stderr
    result: dict[str, Any] = json.loads(healed.stdout)
    assert result == {
        "receipts": MAILS,
        "clocks": 2 * MAILS,
        "unnumbered": 0,
        "left": 0,
        "broken": None,
    }
