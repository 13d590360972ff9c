"""Reading mails ahead: what is kept is parsed while what came before is filed."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.db.models.functions import Now

from channels_in import outcome, process
from channels_in.mail.parser_process import parse_ahead
from channels_in.models import Account, RawMessage
from channels_in.reading import Reading
from channels_in.reasons import Quarantine
from channels_in.store import Place, Seen, keep_together
from helpdesk.files.store import path_of
from tests.channels_in.making import NOON, mail

State = RawMessage.State
LARGE = b"x" * 80 + b"\r\n"


def nothing() -> None:
    """Whoever files may go on."""


def kept(account: Account, raws: list[bytes], *, first: int = 1) -> list[RawMessage]:
    seen = [Seen(raw, NOON, Place("INBOX", 1, uid)) for uid, raw in enumerate(raws, start=first)]
    return list(keep_together(account=account, seen=seen).values())


@pytest.mark.django_db
@pytest.mark.both_engines
def test_mails_read_ahead_are_filed_in_their_order_whoever_is_filed_first(account: Account) -> None:
    first = Reading(kept(account, [mail(1), mail(2)]))
    second = Reading(kept(account, [mail(3), mail(4)], first=3))

    process.process_together(first, nothing)
    process.process_together(second, nothing)

    rows = RawMessage.objects.order_by("id")
    assert [row.state for row in rows] == [State.FILED] * 4
    assert sorted(row.ticket_id or 0 for row in rows) == [row.ticket_id for row in rows]


@pytest.mark.django_db
def test_a_mail_whose_bytes_are_gone_is_put_aside_and_its_neighbour_is_filed(
    account: Account,
) -> None:
    rows = kept(account, [mail(1) + LARGE * 1000, mail(2)])
    assert rows[0].file is not None
    path_of(rows[0].file.sha256).unlink()

    process.process_together(Reading(rows), nothing)

    gone, whole = RawMessage.objects.order_by("id")
    assert (gone.state, gone.reason) == (State.QUARANTINED, Quarantine.BYTES_MISSING)
    assert whole.state == State.FILED


@pytest.mark.django_db
@pytest.mark.both_engines
def test_mails_that_waited_long_for_others_are_held_on_to_and_not_taken_from_another(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading = Reading(kept(account, [mail(1), mail(2), mail(3)]))
    RawMessage.objects.update(lease_until=Now() - timedelta(seconds=1))
    taken = RawMessage.objects.get(message_id="<2@example.org>").pk
    assert outcome.claim(taken)
    monkeypatch.setattr("channels_in.reading.PROLONG_AFTER", 0.0)

    reading.hold()
    of_nobody_else = outcome.waiting().count()
    process.process_together(reading, nothing)

    assert of_nobody_else == 0
    states = RawMessage.objects.order_by("id").values_list("state", "attempts")
    assert list(states) == [(State.FILED, 0), (State.STORED, 1), (State.FILED, 0)]
    assert outcome.waiting().count() == 0


@pytest.mark.django_db
def test_give_back_frees_what_was_read_ahead_and_is_harmless_twice(account: Account) -> None:
    reading = Reading(kept(account, [mail(1), mail(2)]))

    reading.give_back()
    reading.give_back()

    waiting = RawMessage.objects.filter(state=State.STORED, lease_until=None)
    assert waiting.count() == 2
    assert reading.left == {}


def test_parse_ahead_works_on_both_sides_of_a_fork() -> None:
    assert parse_ahead(mail(1)).result().error is None
    child = os.fork()
    if child == 0:
        os._exit(0 if parse_ahead(mail(1)).result().error is None else 1)

    assert os.waitpid(child, 0)[1] == 0
    assert parse_ahead(mail(1)).result().error is None


def test_a_program_that_parsed_ahead_ends_by_itself() -> None:
    program = (
        "from channels_in.mail.parser_process import parse_ahead\n"
        "parse_ahead(b'From: a@example.org\\n\\nhi').result()\n"
        "parse_ahead(b'From: b@example.org\\n\\nhi')\n"
    )

    done = subprocess.run([sys.executable, "-c", program], timeout=60, check=False)

    assert done.returncode == 0
