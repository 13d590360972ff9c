"""Keeping raw mail: once, whole, and before anything else."""

import hashlib
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from channels_in import limits, outcome, store
from channels_in.models import Account, RawMessage, Sighting
from channels_in.store import Place, Seen, keep_together
from helpdesk.files import store as files
from tests.channels_in.making import NOON, kept, mail, make_account
from tests.factories.house import House

pytestmark = pytest.mark.django_db


def test_keep_stores_the_bytes_as_they_came(account: Account) -> None:
    raw = b"\xff\x00 not even a mail \r\n\n"

    row, is_new = store.keep(account=account, raw=raw, received_at=NOON)

    assert is_new
    row.refresh_from_db()
    assert store.read_raw(row) == raw
    assert (row.sha256, row.size) == (hashlib.sha256(raw).hexdigest(), len(raw))
    assert (row.state, row.received_at, row.attempts) == (RawMessage.State.STORED, NOON, 0)


def test_keep_lays_a_large_mail_into_a_file(account: Account) -> None:
    raw = mail(body="x" * limits.ROW_BYTES)

    row, _is_new = store.keep(account=account, raw=raw, received_at=NOON)

    row.refresh_from_db()
    assert row.body is None
    assert row.file is not None
    assert store.read_raw(row) == raw


def test_keep_of_the_same_mail_by_another_route_is_no_new_one(account: Account) -> None:
    first, _is_new = store.keep(account=account, raw=mail(), received_at=NOON)

    second, is_new = store.keep(
        account=account, raw=mail(headers="Received: from elsewhere\r\n"), received_at=NOON
    )

    assert (second, is_new) == (first, False)
    assert RawMessage.objects.count() == 1


def test_keep_of_other_words_under_a_used_message_id_is_a_new_mail(account: Account) -> None:
    store.keep(account=account, raw=mail(), received_at=NOON)

    _row, is_new = store.keep(account=account, raw=mail(body="Noch eins."), received_at=NOON)

    assert is_new
    assert RawMessage.objects.count() == 2


def test_keep_of_one_mail_in_two_mailboxes_is_two(account: Account, house: House) -> None:
    other = make_account(house, address="abfall@musterstadt.example")

    for each in (account, other):
        store.keep(account=each, raw=mail(), received_at=NOON)

    assert RawMessage.objects.count() == 2


def test_keep_remembers_the_place_and_leases_the_row_to_the_caller(account: Account) -> None:
    place = store.Place("INBOX", 7, 42)

    row, _is_new = store.keep(account=account, raw=mail(), received_at=NOON, place=place)

    row.refresh_from_db()
    assert row.lease_until is not None
    assert timedelta(seconds=50) < row.lease_until - timezone.now() <= limits.PROCESS_LEASE
    sighting = Sighting.objects.get()
    assert (sighting.folder, sighting.uidvalidity, sighting.uid) == ("INBOX", 7, 42)
    assert (sighting.raw_message, sighting.settled_at) == (row, None)


def test_keep_remembers_each_place_of_one_mail(account: Account) -> None:
    for uid in (1, 2, 2):
        store.keep(
            account=account, raw=mail(), received_at=NOON, place=store.Place("INBOX", 7, uid)
        )

    assert list(Sighting.objects.order_by("uid").values_list("uid", flat=True)) == [1, 2]
    assert RawMessage.objects.count() == 1


def test_keep_tells_the_null_sender_from_no_envelope(account: Account) -> None:
    bounce, _new = store.keep(account=account, raw=mail(1), received_at=NOON, envelope_from="")
    other, _new = store.keep(account=account, raw=mail(2), received_at=NOON)

    assert (bounce.envelope_from, other.envelope_from) == ("", None)


def test_keep_refuses_while_the_disk_is_nearly_full(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "free_bytes", lambda: limits.MIN_FREE_BYTES - 1)

    with pytest.raises(store.DiskFullError, match=r"52 MB are needed"):
        store.keep(account=account, raw=mail(), received_at=NOON)

    assert RawMessage.objects.count() == 0


def test_keep_stores_no_character_that_a_database_refuses(account: Account) -> None:
    row, _new = store.keep(
        account=account,
        raw=b"Message-ID: <a\x00b@c>\r\n\r\n\x00",
        received_at=NOON,
        envelope_from="a\0@b.example",
        envelope_to=["c\ud800\n@d.example"],
    )

    row.refresh_from_db()
    assert (row.message_id, row.envelope_from, row.envelope_to) == (
        "<ab@c>",
        "a@b.example",
        ["c@d.example"],
    )


def seen(number: int, uid: int, *, headers: str = "", oversize: int | None = None) -> Seen:
    return Seen(mail(number, headers=headers), NOON, Place("INBOX", 1, uid, oversize))


def test_keep_together_keeps_each_with_its_place_and_leases_it(account: Account) -> None:
    mails = [seen(1, 11), seen(2, 12, oversize=41 * 2**20)]

    rows = keep_together(account=account, seen=mails)

    assert [bytes(row.body or b"") for row in rows.values()] == [one.raw for one in mails]
    assert {place.uid: row.pk for place, row in rows.items()} == dict(
        Sighting.objects.values_list("uid", "raw_message_id")
    )
    assert outcome.waiting().count() == 0
    assert RawMessage.objects.get(pk=rows[mails[1].place].pk).size == 41 * 2**20


def test_keep_together_leaves_out_what_is_known_or_twice(account: Account) -> None:
    kept(account, mail(1))
    mails = [seen(1, 11), seen(2, 12), seen(2, 13, headers="Received: by another way\r\n")]

    rows = keep_together(account=account, seen=mails)

    assert [place.uid for place in rows] == [12]
    assert RawMessage.objects.count() == 2


def test_keep_together_reads_no_mail_of_the_mailbox_but_those_it_names(account: Account) -> None:
    with CaptureQueriesContext(connection) as asked:
        keep_together(account=account, seen=[seen(1, 11), seen(2, 12)])

    looks = [each["sql"] for each in asked if "WHERE" in each["sql"]]
    # Of the whole mailbox a batch would cost the more, the more mails it ever had; and of two
    # lists each of one would be looked up with each of the other.
    assert len(looks) == (1 if connection.vendor == "postgresql" else 2)
    for look in looks:
        assert "message_id" in look.split("WHERE")[1]
        assert "content_hash" in look.split("WHERE")[1]
        assert " IN " not in look.split("WHERE")[1]
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            (plan,) = cursor.execute(f"EXPLAIN QUERY PLAN {looks[0]}").fetchall()
        whole = "raw_message_unique (account_id=? AND message_id=? AND content_hash=?"
        assert whole in str(plan)


def test_keep_together_keeps_all_or_nothing(account: Account) -> None:
    keep_together(account=account, seen=[seen(1, 11)])

    with pytest.raises(IntegrityError):
        keep_together(account=account, seen=[seen(2, 12), seen(3, 11)])

    assert RawMessage.objects.count() == 1


def test_give_back_frees_what_was_not_begun(account: Account) -> None:
    rows = keep_together(account=account, seen=[seen(1, 11), seen(2, 12)])
    first, second = (row.pk for row in rows.values())

    outcome.give_back([second])

    assert list(outcome.waiting().values_list("pk", flat=True)) == [second]
    assert outcome.claim(first) is False
