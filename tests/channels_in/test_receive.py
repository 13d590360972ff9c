"""The pipe: exit codes are all that a mail server sees."""

import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from channels_in.limits import MAX_MAIL_BYTES
from channels_in.models import Account, RawMessage
from tests.channels_in.making import mail

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]


def receive(monkeypatch: pytest.MonkeyPatch, raw: bytes, **options: Any) -> int:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
    try:
        call_command("receive", stderr=io.StringIO(), **options)
    except SystemExit as left:
        return int(left.code or 0)
    return 0


def test_receive_exits_0_when_the_mail_is_kept(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = receive(monkeypatch, mail(), account=account.address, sender="", recipient="")

    row = RawMessage.objects.get()
    assert (code, row.account, bytes(row.body or b"")) == (0, account, mail())
    assert row.envelope_from == ""


def test_receive_finds_the_account_by_the_recipient(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = "tiefbau+17@musterstadt.example"

    assert receive(monkeypatch, mail(), recipient=address) == 0
    assert RawMessage.objects.get().envelope_to == [address]
    assert RawMessage.objects.get().account == account


def test_receive_knows_a_mail_whose_server_heard_no_answer_and_tries_again(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = [
        receive(
            monkeypatch,
            f"From clara@example.org {time}\n".encode() + mail(),
            account=account.address,
        )
        for time in ("Tue Dec  1 08:00:00 2026", "Tue Dec  1 08:05:00 2026")
    ]

    assert codes == [0, 0]
    assert RawMessage.objects.get().account == account


@pytest.mark.usefixtures("account")
def test_receive_exits_64_for_an_unknown_account(monkeypatch: pytest.MonkeyPatch) -> None:
    assert receive(monkeypatch, mail(), account="x@example.org") == 64


@pytest.mark.parametrize("raw", [b"", b"x" * (MAX_MAIL_BYTES + 1)], ids=["nothing", "too large"])
def test_receive_exits_65_for_what_is_no_mail(
    account: Account, monkeypatch: pytest.MonkeyPatch, raw: bytes
) -> None:
    assert receive(monkeypatch, raw, account=account.address) == 65


def test_receive_exits_75_when_nothing_could_be_kept(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("helpdesk.files.store.free_bytes", lambda: 0)

    assert receive(monkeypatch, mail(), account=account.address) == 75
    assert RawMessage.objects.count() == 0


@pytest.mark.parametrize(
    "options, module, said",
    [
        (["--acount", "info@musterstadt.example"], "tests.settings", b"unrecognized arguments"),
        ([], "helpdesk.project.settings", b"does not start"),
        ([], "no.such.settings", b"no"),
    ],
    ids=["a slip of the pen", "a setting that is wrong", "half an upgrade"],
)
def test_receive_has_the_mail_sent_again_for_whatever_is_wrong_here(
    options: list[str], module: str, said: bytes
) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "receive", *options],
        cwd=ROOT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": module, "ANLIEGEN_NONSENSE": "1"},
        input=mail(),
        capture_output=True,
        check=False,
    )

    assert done.returncode == 75
    assert said in done.stderr
