"""Every fault point that is named can be reached, and every call names one."""

import re
from pathlib import Path

from helpdesk.lib.faults import POINTS
from tests.faults.test_kill import LISTENER_POINTS
from tests.faults.test_kill import POINTS as KILLED_AT
from tests.faults.test_served_killed import POINTS as SERVED

ROOT = Path(__file__).resolve().parents[2]
CALL = re.compile(r'(?<!\w)fault\("([^"]+)"\)')


def called() -> set[str]:
    files = [*(ROOT / "helpdesk").rglob("*.py"), *(ROOT / "channels_in").rglob("*.py")]
    return {point for path in files for point in CALL.findall(path.read_text())}


def test_points_in_the_code_are_the_points_that_are_listed() -> None:
    assert called() == POINTS


def test_the_served_process_is_killed_at_forty_points_or_more() -> None:
    # The listener and the index have kills of their own.
    others = {point for point in POINTS if point.startswith(("listener.", "index."))}

    assert POINTS - others == set(SERVED)
    assert len(SERVED) >= 40


def test_kills_cover_every_point_of_the_way_in() -> None:
    ways_in = ("fetch.", "store.", "process.", "listener.", "files.")

    assert {*KILLED_AT, *LISTENER_POINTS} == {
        point for point in POINTS if point.startswith(ways_in)
    }
