"""The scanner's queue: what it says, what becomes of a file when it says nothing."""

import io
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from helpdesk.desk.health import GREEN, RED, YELLOW, lights
from helpdesk.files import clamd, scan, store
from helpdesk.files.clamd import Address, ScannerError, find_virus
from helpdesk.files.models import ScanState, StoredFile
from helpdesk.tickets.domain.held import scan_files
from tests.factories.house import House, make_house
from tests.fakes.clamd import EICAR, Clamd, running

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]


@pytest.fixture
def scanner(settings: Settings, tmp_path: Path) -> Iterator[Clamd]:
    settings.FILES_ROOT = tmp_path / "files"
    with running(tmp_path / "clamd.sock") as scanner:
        settings.SCANNER = scanner.address
        yield scanner


def state(stored: StoredFile) -> tuple[str, str]:
    stored.refresh_from_db()
    return stored.scan_state, stored.scan_note


def level(house: House) -> str:
    return next(one.level for one in lights(house.authority) if one.key == "scanner")


def test_a_clean_file_is_clean_and_not_asked_about_again(scanner: Clamd) -> None:
    stored = store.put(b"x" * 200_000, "text/plain")

    scan_files()
    scan_files()

    assert state(stored) == (ScanState.CLEAN, "")
    assert scanner.scanned == [b"x" * 200_000]


def test_a_virus_is_held_with_its_name(scanner: Clamd) -> None:
    stored = store.put(EICAR, "text/plain")

    found = scan_files()

    assert found == 1
    assert state(stored) == (ScanState.HELD, "Eicar-Test-Signature")
    assert store.read_file(stored) == EICAR
    assert scanner.scanned == [EICAR]


def test_a_scanner_is_reached_over_the_network_as_well() -> None:
    with running() as scanner:
        found = find_virus(scanner.address, io.BytesIO(EICAR))

    assert found == "Eicar-Test-Signature"


@pytest.mark.parametrize(
    "mood, told",
    [
        ("close", "hung up"),
        ("\r\nHTTP/1.1 400", "an answer that is none"),
        ("stream: out of memory ERROR", "out of memory"),
        ("y" * 5000, "an answer that is none"),
    ],
)
def test_a_scanner_that_talks_nonsense_leaves_the_file_unscanned_and_is_asked_again(
    scanner: Clamd, mood: str, told: str
) -> None:
    stored = store.put(EICAR, "text/plain")
    scanner.mood = mood

    scan_files()
    between = state(stored)
    scanner.mood = ""
    scan_files()
    too_early = state(stored)
    StoredFile.objects.update(scan_after=timezone.now() - timedelta(seconds=1))
    scan_files()

    assert between == too_early == (ScanState.NOT_SCANNED, told)
    assert state(stored) == (ScanState.HELD, "Eicar-Test-Signature")


def test_a_silent_scanner_costs_no_more_than_its_time_and_one_file_a_round(
    scanner: Clamd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clamd, "SECONDS", 0.2)
    scanner.mood = "hang"
    for number in range(5):
        store.put(b"%d" % number, "text/plain")
    began = time.monotonic()

    with pytest.raises(ScannerError, match="no answer in time"):
        find_virus(scanner.address, io.BytesIO(b"x"), seconds=0.2)

    # The scanner hangs for half a minute.
    assert time.monotonic() - began < 25
    assert not StoredFile.objects.exclude(scan_state=ScanState.NOT_SCANNED).exists()


def test_no_file_takes_longer_than_five_seconds() -> None:
    assert clamd.SECONDS == 5


def test_a_scanner_that_is_not_there_stops_the_round_at_the_first_file(
    settings: Settings, tmp_path: Path
) -> None:
    settings.FILES_ROOT = tmp_path / "files"
    settings.SCANNER = Address(path=str(tmp_path / "nothing"))
    for number in range(3):
        store.put(b"%d" % number, "text/plain")

    scan_files()

    tried = StoredFile.objects.filter(scan_tries=1)
    assert [row.scan_note for row in tried] == ["No such file or directory"]


def test_what_is_too_large_for_the_scanner_gets_a_verdict_and_does_not_hold_up_the_rest(
    scanner: Clamd, capsys: pytest.CaptureFixture[str]
) -> None:
    house = make_house()
    scanner.refuses_beyond = 100_000
    small = store.put(b"y", "text/plain")
    large = store.put(b"x" * 8_000_000, "text/plain")

    scan_files()
    call_command("scan", "large")
    light = next(one for one in lights(house.authority) if one.key == "scanner")
    scanner.refuses_beyond = None
    call_command("scan", "again")
    between = state(large)[0]
    scan_files()

    assert state(small) == (ScanState.CLEAN, "")
    assert "INSTREAM size limit exceeded." in capsys.readouterr().out
    assert light.figures == ("1 Datei war zu groß für die Virenprüfung",)
    assert (between, state(large)) == (ScanState.NOT_SCANNED, (ScanState.CLEAN, ""))


def test_one_file_that_the_scanner_can_not_judge_does_not_hold_up_the_rest(
    scanner: Clamd,
) -> None:
    scanner.chokes_on = b"sick"
    files = [store.put(content, "text/plain") for content in (b"well", b"sick", b"fine")]

    scan_files()

    told = (ScanState.NOT_SCANNED, "out of memory")
    clean = (ScanState.CLEAN, "")
    assert [state(each) for each in files] == [clean, told, clean]


def test_pauses_grow_and_end_at_an_hour(scanner: Clamd) -> None:
    scanner.mood = "close"
    store.put(b"x", "text/plain")
    pauses = []

    for tries in (0, 1, 5, 1000):
        StoredFile.objects.update(scan_tries=tries, scan_after=None)
        scan_files()
        after = StoredFile.objects.get().scan_after
        assert after is not None
        pauses.append(round((after - timezone.now()).total_seconds() / 30))

    assert pauses == [1, 2, 32, 120]


def test_without_a_scanner_nothing_is_asked_and_nothing_recognised(
    settings: Settings, tmp_path: Path
) -> None:
    settings.FILES_ROOT = tmp_path / "files"
    stored = store.put(EICAR, "text/plain")

    assert scan_files() == 0
    assert state(stored) == (ScanState.NOT_SCANNED, "")


def test_the_health_page_turns_yellow_then_red_while_the_scanner_is_away(scanner: Clamd) -> None:
    house = make_house()
    store.put(b"x", "text/plain")
    before = level(house)
    scanner.mood = "close"
    scan_files()
    soon = level(house)
    StoredFile.objects.update(created_at=timezone.now() - timedelta(minutes=3))
    later = level(house)
    scanner.mood = ""
    StoredFile.objects.update(scan_after=None)
    scan_files()

    assert (before, soon, later, level(house)) == (GREEN, YELLOW, RED, GREEN)


def test_an_administrator_sees_what_is_held_and_gives_it_out(
    scanner: Clamd, capsys: pytest.CaptureFixture[str]
) -> None:
    stored = store.put(EICAR, "text/plain")
    scan_files()

    call_command("scan", "held")
    with pytest.raises(CommandError, match="no file of this number"):
        call_command("scan", "release", str(stored.pk + 1))
    call_command("scan", "release", str(stored.pk))

    assert "Eicar-Test-Signature" in capsys.readouterr().out
    assert state(stored) == (ScanState.CLEAN, "released by an administrator")
    assert len(scanner.scanned) == 1


def test_all_is_scanned_anew_when_asked_but_what_is_held_stays_so(scanner: Clamd) -> None:
    held, clean = store.put(EICAR, "text/plain"), store.put(b"x", "text/plain")
    scan_files()

    call_command("scan", "again")

    assert (state(held)[0], state(clean)[0]) == (ScanState.HELD, ScanState.NOT_SCANNED)
    assert scan.scanner_health().waiting == 1
    assert len(scanner.scanned) == 2
