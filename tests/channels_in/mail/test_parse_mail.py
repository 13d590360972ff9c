"""manage.py parse_mail: the contract of mail.md 109, seen from outside and from inside."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from channels_in.mail.jsonview import as_json
from channels_in.mail.parse import parse

ROOT = Path(__file__).resolve().parents[3]
CORPUS = ROOT / "tests/corpus/mail"
SAMPLE = CORPUS / "crypto-pgp-mime-signed.eml"
KEYS = [
    "subject", "from", "to", "cc", "reply_to", "message_id", "in_reply_to", "references", "text",
    "visible_text", "html", "attachments", "is_auto", "is_bounce", "bounce", "crypto", "error",
]  # fmt: skip


def _run(*args: str) -> str:
    out = io.StringIO()
    call_command("parse_mail", *args, stdout=out)
    return out.getvalue()


def test_parse_mail_prints_all_keys_of_one_file() -> None:
    found = json.loads(_run("--json", str(SAMPLE)))

    assert list(found) == KEYS
    assert found == as_json(parse(SAMPLE.read_bytes()))


def test_parse_mail_reads_one_mail_on_stdin_without_a_database() -> None:
    environment = {**os.environ, "DATABASE_URL": "sqlite:////nowhere/at/all.sqlite3"}

    done = subprocess.run(
        [sys.executable, "manage.py", "parse_mail", "--json"],
        cwd=ROOT,
        env=environment | {"DJANGO_SETTINGS_MODULE": "tests.settings"},
        input=SAMPLE.read_bytes(),
        capture_output=True,
        check=True,
    )

    assert json.loads(done.stdout)["crypto"] == "signed"


def test_parse_mail_prints_one_object_a_line_in_a_batch() -> None:
    names = ["no-from", "from-twice", "empty-file"]
    paths = [str(CORPUS / f"{name}.eml") for name in names]

    done = subprocess.run(
        [sys.executable, "manage.py", "parse_mail", "--json", "--batch"],
        cwd=ROOT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"},
        input="\n".join([*paths, str(CORPUS / "missing.eml")]),
        text=True,
        capture_output=True,
        check=True,
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]

    assert lines[:3] == [as_json(parse(Path(path).read_bytes())) for path in paths]
    assert list(lines[3]) == KEYS
    assert "No such file" in lines[3]["error"]
    assert len(lines) == 4


def test_parse_mail_describes_a_mail_for_people() -> None:
    text = _run(str(CORPUS / "bounce-dsn-failed.eml"))

    assert "Subject:     Undelivered Mail Returned to Sender" in text
    assert "Kind:        automatic, bounce of weg@example.org" in text
    assert text.rstrip().endswith("Ihre Mail kam nicht an.")


def test_parse_mail_refuses_a_missing_file_in_one_line() -> None:
    with pytest.raises(CommandError, match=r"missing\.eml: No such file or directory"):
        _run("--json", str(CORPUS / "missing.eml"))


def test_parse_mail_gives_one_line_for_whatever_stands_in_a_folder(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "binary").write_bytes(bytes(range(256)) * 200)
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "caf\udce9.eml").write_bytes(SAMPLE.read_bytes())
    (tmp_path / "locked").write_bytes(b"Subject: a\n\nb")
    (tmp_path / "locked").chmod(0)
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    paths = [*sorted(tmp_path.iterdir()), "/dev/zero", "", "no\x00where"]

    done = subprocess.run(
        [sys.executable, "manage.py", "parse_mail", "--batch"],
        cwd=ROOT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"},
        input="\n".join(map(str, paths)).encode("utf-8", "surrogateescape"),
        capture_output=True,
        check=True,
    )
    found = [json.loads(line) for line in done.stdout.splitlines()]

    assert len(found) == len(paths) - 1  # an empty line names no file
    assert all(list(each) == KEYS for each in found)
    unread = [each["error"] for each in found if each["error"]]
    assert [error for error in unread if "not a regular file" in error] != []
    assert b"Traceback" not in done.stderr


def test_parse_mail_ends_quietly_when_nobody_reads_on(tmp_path: Path) -> None:
    listed = tmp_path / "list"
    listed.write_text(f"{SAMPLE}\n" * 300)

    done = subprocess.run(
        ["sh", "-c", f"{sys.executable} manage.py parse_mail --batch < {listed} | head -n 1"],
        cwd=ROOT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"},
        capture_output=True,
        check=True,
    )

    assert json.loads(done.stdout)["error"] is None
    assert done.stderr == b""
