"""An hour of tickets: forty requests of the demonstration, all twelve tasks, again and again.

By the keyboard alone, and on a phone by touch. Part of `make e2e-all`.
"""

from pathlib import Path

import pytest

from tests.e2e.conftest import NewPage
from tests.e2e.hour import AFTERWARDS, TASKS, Worker
from tests.e2e.support import PHONE, Watch, overflows
from tests.e2e.working_day import COUNTER
from tests.servers.anliegen import anliegen

pytestmark = [pytest.mark.e2e_all, pytest.mark.timeout(1800)]
TICKETS = 40


@pytest.mark.parametrize("by_touch", [False, True], ids=["keys", "touch at 390"])
def test_forty_requests_are_worked_on_without_a_slip(
    new_page: NewPage, watch: Watch, tmp_path: Path, *, by_touch: bool
) -> None:
    sized = {"viewport": PHONE, "has_touch": True} if by_touch else {}
    page = new_page(**sized)
    page.add_init_script(COUNTER)
    wrong, done = [], []

    with anliegen(tmp_path / "data") as program:
        worker = Worker(page, program.url, program.smtp_port)
        worker.begin()
        for place, number in enumerate(worker.numbers[:TICKETS]):
            tasks = TASKS if number in worker.open_ones else AFTERWARDS
            words, by_keys, by_hand = tasks[place % len(tasks)]
            (by_hand if by_touch else by_keys)(worker, number)
            keys, clicks = worker.counted()
            done.append(words)
            if overflows(page) or (keys if by_touch else clicks):
                wrong.append((words, number, keys, clicks))

    assert (len(done), set(done), wrong) == (TICKETS, {words for words, *_ in TASKS}, [])
    assert watch.unexpected() == []
