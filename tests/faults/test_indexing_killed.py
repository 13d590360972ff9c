"""A process that is killed while it writes the search index: the next one reads on."""

import json
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.faults.test_reactions_killed import ARRIVE, MAILS, SETUP, process

pytestmark = pytest.mark.faults

SEAL = (
    SETUP
    + """
from helpdesk.reactions.tasks import run
run()
"""
)
INDEX = (
    SETUP
    + """
import json, time
from helpdesk.reactions import indexing
indexing.DOCUMENTS = 1
indexing.run(until=time.monotonic() + 60)
from helpdesk.search.engines import engine
from helpdesk.tickets.models import Ticket
from helpdesk.search.find import Scope, search
meta = engine().meta()
print(json.dumps({
    "indexed": sorted(engine().ids("ticket")),
    "there": sorted(Ticket.objects.values_list("pk", flat=True)),
    "found": len(search("Elektriker", kind="ticket", scope=Scope()).hits),
    "left": indexing.unread(meta) if meta else None,
    "building": bool(meta and meta.building),
}))
"""
)
LATER = (
    SETUP
    + """
from helpdesk.tickets.models import Ticket
from helpdesk.agents.models import User
from helpdesk.tickets.domain.articles import write_note
user = User.objects.filter(kind="staff").first()
for ticket in Ticket.objects.order_by("pk"):
    write_note(ticket_id=ticket.pk, user=user, text="Der Elektriker kommt.")
from helpdesk.reactions.tasks import run
run()
"""
)


@pytest.fixture(scope="module")
def arrived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with mails filed and sealed, and no index."""
    folder = tmp_path_factory.mktemp("unread") / "data"
    for script in (ARRIVE, SEAL):
        done = process(script, folder)
        assert done.returncode == 0, done.stderr
    return folder


def result_of(script: str, data: Path) -> dict[str, Any]:
    done = process(script, data)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("point", ["index.before_write", "index.after_write"])
@pytest.mark.parametrize("passing", [1, 2, MAILS])
def test_killed_building_of_the_index_is_finished_by_the_next_process(
    arrived: Path, tmp_path: Path, point: str, passing: int
) -> None:
    data = tmp_path / "data"
    shutil.copytree(arrived, data)

    struck = process(INDEX, data, f"{point}:{passing}:kill")
    healed = result_of(INDEX, data)

    assert struck.returncode == -signal.SIGKILL, struck.stderr
    assert healed["indexed"] == healed["there"]
    assert (healed["left"], healed["building"]) == (0, False)


@pytest.mark.parametrize("point", ["index.before_write", "index.after_write"])
def test_killed_indexing_of_new_facts_loses_nothing(
    arrived: Path, tmp_path: Path, point: str
) -> None:
    data = tmp_path / "data"
    shutil.copytree(arrived, data)
    before = result_of(INDEX, data)
    assert process(LATER, data).returncode == 0

    struck = process(INDEX, data, f"{point}:1:kill")
    healed = result_of(INDEX, data)

    assert struck.returncode == -signal.SIGKILL, struck.stderr
    assert (before["found"], healed["found"], healed["left"]) == (0, MAILS, 0)


@pytest.mark.parametrize("damage", ["removed", "cut", "garbage"])
def test_a_broken_index_is_built_anew(arrived: Path, tmp_path: Path, damage: str) -> None:
    data = tmp_path / "data"
    shutil.copytree(arrived, data)
    whole = result_of(INDEX, data)
    for path in (data / "search").iterdir():
        if damage == "removed":
            path.unlink()
        elif damage == "cut":
            path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        else:
            path.write_bytes(b"\xff" * path.stat().st_size)

    assert result_of(INDEX, data) == whole
