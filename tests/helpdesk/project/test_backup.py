"""Backups of a running installation, restored into an empty one, and every damage found."""

import os
import sqlite3
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from helpdesk.project.backup import BackupError, check_backup
from tests.servers.anliegen import begin_with

ROOT = Path(__file__).resolve().parents[3]
KEY = "k" * 40

FILL = """
import django; django.setup()
from helpdesk.files.store import put
from tests.factories.house import make_house, make_ticket
from helpdesk.tickets.domain.articles import Answer, write_answer
house = make_house()
ticket = make_ticket(house)
put(b"photo" * 1000, "image/jpeg")
write_answer(answer=Answer(ticket.pk, "Antwort", "k", ticket.last_article_id), user=house.anna)
"""


def run(data: Path, *arguments: str, key: str = KEY) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": os.environ["PATH"],
        "ANLIEGEN_DATA": str(data),
        "ANLIEGEN_SECRET_KEY": key,
        "DJANGO_SETTINGS_MODULE": "helpdesk.project.settings",
        "PYTHONPATH": str(ROOT),
    }
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory, tables: Path) -> Path:
    data = tmp_path_factory.mktemp("data")
    begin_with(tables, data)
    filled = run(data, "-c", FILL)
    assert filled.returncode == 0, filled.stderr
    return data


@pytest.fixture(scope="module")
def backup(installation: Path) -> Path:
    target = installation.parent / f"{installation.name}.tar"
    made = run(installation, "manage.py", "backup", str(target))
    assert made.returncode == 0, made.stderr
    return target


def test_a_backup_restores_rows_and_files_and_sends_no_old_mail(
    backup: Path, installation: Path, tmp_path: Path
) -> None:
    done = run(tmp_path, "manage.py", "restore", str(backup))

    assert done.returncode == 0, done.stderr
    with sqlite3.connect(tmp_path / "anliegen.sqlite3") as copy:
        assert copy.execute("SELECT count(*) FROM tickets_ticket").fetchone() == (1,)
        assert copy.execute("SELECT state FROM outbox_outgoingmessage").fetchone() == ("unsure",)
    there = {p.name: p.read_bytes() for p in (tmp_path / "files").rglob("*") if p.is_file()}
    before = {p.name: p.read_bytes() for p in (installation / "files").rglob("*") if p.is_file()}
    assert there == before
    assert run(tmp_path, "manage.py", "audit", "verify").returncode == 0


def test_nobody_but_its_owner_reads_a_backup_or_what_is_restored(
    backup: Path, tmp_path: Path
) -> None:
    done = run(tmp_path, "manage.py", "restore", str(backup))

    restored = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert done.returncode == 0, done.stderr
    assert len(restored) > 1
    assert {path.stat().st_mode & 0o077 for path in [backup, *restored]} == {0}


def test_every_changed_byte_is_found(backup: Path, tmp_path: Path) -> None:
    with tarfile.open(backup) as archive:
        members = [(m.offset_data, m.size) for m in archive.getmembers() if m.size]
    whole = backup.read_bytes()
    copy = tmp_path / "copy.tar"
    missed = []

    for number in range(100):
        start, size = members[number % len(members)]
        damaged = bytearray(whole)
        damaged[start + number * 7919 % size] ^= 0xFF
        copy.write_bytes(bytes(damaged))
        try:
            check_backup(copy)
        except BackupError:
            continue
        missed.append(number)

    # The manifest's own bytes that carry no digest (a date, a blank) may change unseen.
    assert [n for n in missed if n % len(members) != len(members) - 1] == []


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_truncated_backup_is_refused_before_the_first_write(
    backup: Path, tmp_path: Path, share: float
) -> None:
    copy = tmp_path / "copy.tar"
    copy.write_bytes(backup.read_bytes()[: int(backup.stat().st_size * share)])
    target = tmp_path / "target"
    target.mkdir()

    done = run(target, "manage.py", "restore", str(copy))

    assert done.returncode != 0
    assert not (target / "anliegen.sqlite3").exists()
    assert not (target / "files").exists()


def test_a_backup_of_another_key_is_refused(backup: Path, tmp_path: Path) -> None:
    done = run(tmp_path, "manage.py", "restore", str(backup), key="x" * 40)

    assert done.returncode != 0
    assert "another key" in done.stderr


def test_a_folder_in_use_is_not_restored_over(backup: Path, installation: Path) -> None:
    done = run(installation, "manage.py", "restore", str(backup))

    assert done.returncode != 0
    assert "holds an installation already" in done.stderr


def test_an_existing_backup_is_never_overwritten(backup: Path, installation: Path) -> None:
    before = backup.read_bytes()

    done = run(installation, "manage.py", "backup", str(backup))

    assert done.returncode != 0
    assert backup.read_bytes() == before
