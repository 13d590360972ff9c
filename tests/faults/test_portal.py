"""The report form under kills and many presses of one button (F27, F28), served as it is.

``FAULT_DRAFTS`` says how many reports are begun and acknowledged over all kills, 100 in full;
``FAULT_PRESSES`` how often the last button of one is pressed, 1,000 in full.
"""

import os
import random
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
import requests

from tests.servers.anliegen import Anliegen, anliegen
from tests.servers.base import wait_until
from tests.servers.reporting import CHECK, DONE, Reporter, filed

DRAFTS = int(os.environ.get("FAULT_DRAFTS", "0")) or 100
PRESSES = int(os.environ.get("FAULT_PRESSES", "0")) or 1000
AT_ONCE = 32
KILLS, MOST_KILLS = 5, 60
# On a busy machine the first answer alone takes longer than all others.
FIRST_ANSWERS = 240
# From one machine come all of them; what a network may send is proved elsewhere.
NO_LIMIT = {"ANLIEGEN_KIOSK_NETWORKS": "127.0.0.0/8,::1/128"}
pytestmark = [pytest.mark.faults, pytest.mark.timeout(1800)]


@pytest.mark.proves("F27")
def test_a_thousand_presses_of_one_button_make_one_request(
    tmp_path: Path, tables: Path, record_property: Callable[[str, object], None]
) -> None:
    text = "Die Bank am Weiher ist seit Montag zerbrochen."
    with anliegen(tmp_path / "data", given=NO_LIMIT, tables=tables) as program:
        citizen = Reporter(program.url)
        citizen.fill_in(text)
        # Quicker than anybody types is not taken.
        time.sleep(3)
        pressed = Counter(citizen.press(PRESSES, AT_ONCE))
        (made,) = filed(program.data, [text])

    record_property("expected", 1)
    record_property("found", made)
    assert made == 1
    assert set(pressed) == {(302, DONE)}


def goes_on(citizen: Reporter, text: str) -> str:
    """Take the next step of a report; a server that is away is met again later."""
    steps: tuple[tuple[str, dict[str, str]], ...] = (
        ("/melden/", {"text": text}),
        ("/melden/thema/alle/", {"topic": "none"}),
        ("/melden/ort/", {"place": "Lindenstraße 12"}),
        ("/melden/fotos/", {"do": "go"}),
        ("/melden/kontakt/", {"way": "anonymous"}),
        (CHECK, {}),
    )
    for path, values in steps:
        citizen.send(path, **values)
    return text


@pytest.mark.proves("F28")
def test_reports_that_were_begun_survive_kills_whole_and_are_sent_once(
    tmp_path: Path, tables: Path, seed: int, record_property: Callable[[str, object], None]
) -> None:
    texts = [f"Nummer {number:04} am Weiher ist zerbrochen." for number in range(DRAFTS)]
    citizens = {text: Reporter("") for text in texts}
    data = tmp_path / "data"

    kept, kills = begin_over_kills(data, tables, seed, citizens)
    with anliegen(data, given=NO_LIMIT) as program, ThreadPoolExecutor(8) as pool:
        lost = [text for text in kept if not _is_kept(citizens[text], program, text)]
        sent = [text for text in kept if text not in lost]
        list(pool.map(lambda text: goes_on(citizens[text], text), sent))
        found = filed(data, sent)

    record_property("expected", len(kept))
    record_property("kills", kills)
    record_property("lost", len(lost))
    record_property("doubled", sum(count - 1 for count in found if count > 1))
    assert lost == []
    assert found == [1] * len(sent)
    assert len(kept) == len(texts), "not all were begun, however often the server was killed"
    assert kills >= min(KILLS, len(texts))


def begin_over_kills(
    data: Path, tables: Path, seed: int, citizens: dict[str, Reporter]
) -> tuple[list[str], int]:
    """Kill the server while reports are begun, until each is acknowledged; return those and kills.

    Whoever got no answer was promised nothing, and begins once more.
    """
    chance, kills = random.Random(seed), 0  # noqa: S311 - repeatable, no secret
    kept: dict[str, bool] = {}

    def begin(text: str) -> None:
        with suppress(requests.RequestException, AssertionError):
            citizens[text].send("/melden/", text=text)
            kept[text] = True

    # Never so many at once that all are begun in fewer rounds.
    share = max(1, len(citizens) // KILLS)
    while len(kept) < len(citizens) and kills < MOST_KILLS:
        serving = anliegen(data, given=NO_LIMIT, tables=None if kills else tables)
        with serving as program, ThreadPoolExecutor(8) as pool:
            for citizen in citizens.values():
                citizen.url = program.url
            batch = [text for text in citizens if text not in kept][:share]
            enough = len(kept) + chance.randint(1, len(batch))
            work = [pool.submit(begin, text) for text in batch]
            _wait_for(kept, enough, work)
            program.kill()
            list(map(Future.result, work))
        kills += 1
    return list(kept), kills


def _wait_for(kept: dict[str, bool], enough: int, work: list[Future[None]]) -> None:
    """Wait until so many are acknowledged in all, the others being under way or refused."""
    wait_until(lambda: len(kept) >= enough or all(map(Future.done, work)), seconds=FIRST_ANSWERS)


def _is_kept(citizen: Reporter, program: Anliegen, text: str) -> bool:
    citizen.url = program.url
    return text in citizen.page("/melden/")
