"""Spam: held where nobody answers it, released as of the time it came, purged in its time."""

import os
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from channels_in import outcome, quarantine, reconcile, spam
from channels_in.limits import ROW_BYTES
from channels_in.mail.settle import SETTLED_STATES
from channels_in.models import Account, HeldMail, RawMessage
from channels_in.process import drain, process_raw
from channels_in.reasons import Ignored, Notice, Quarantine
from channels_in.store import keep
from helpdesk.events.models import Event
from helpdesk.files.models import StoredFile, WaitingFile
from helpdesk.files.store import path_of, sweep_waiting
from helpdesk.lib.tokens import new_nonce
from helpdesk.outbox.models import OutgoingMessage
from helpdesk.reactions.dispatch import due, react, seal_committed
from helpdesk.sla.models import Clock
from helpdesk.tickets.models import Ticket
from tests.channels_in.filters.making import make_filter, processed
from tests.channels_in.making import NOON, kept, mail, make_account
from tests.factories.house import House

pytestmark = pytest.mark.django_db
State = RawMessage.State
FLAG = "X-Spam-Flag: YES\r\n"


@pytest.fixture
def account(house: House) -> Account:
    return make_account(house, spam_marks="all", rules_mark=new_nonce())


def held(account: Account, number: int = 1, **values: Any) -> RawMessage:
    row = processed(account, mail(number, headers=FLAG), **values)
    assert row.state == State.SPAM
    return row


def react_to_all() -> None:
    seal_committed()
    for reaction in due(limit=100):
        react(reaction)


def test_marked_mail_is_held_and_nobody_is_written_to(account: Account, house: House) -> None:
    row = held(account)
    react_to_all()

    shown = HeldMail.objects.get()
    assert (shown.raw_message, shown.team, shown.subject) == (row, house.roads, "Schlagloch 1")
    assert (shown.sender_name, shown.sender_address) == ("Clara Citizen", "clara@example.org")
    assert shown.cause == "X-Spam-Flag: yes"
    assert shown.received_at == row.received_at
    assert not Ticket.objects.exists()
    assert not OutgoingMessage.objects.exists()


def test_held_mail_stores_none_of_its_files(account: Account) -> None:
    raw = mail(headers=FLAG).replace(b"text/plain; charset=utf-8", b"application/zip; name=a.zip")

    processed(account, raw)

    assert not StoredFile.objects.exists()


def test_unmarked_mail_and_mail_of_an_account_that_trusts_nobody_is_filed(
    account: Account, house: House
) -> None:
    other = make_account(house, address="abfall@musterstadt.example")

    assert processed(account, mail()).state == State.FILED
    assert processed(other, mail(2, headers=FLAG)).state == State.FILED


def test_filter_says_what_is_spam_and_what_never_is(account: Account, house: House) -> None:
    make_filter(house, "Bekannt", verdict="wanted")
    assert processed(account, mail(1, headers=FLAG)).state == State.FILED
    make_filter(house, "Casino", verdict="spam")

    row = processed(account, mail(2))

    assert row.state == State.SPAM
    assert HeldMail.objects.get().cause == "Casino"


def test_held_mail_counts_as_dealt_with_and_the_balance_is_even(account: Account) -> None:
    held(account)
    processed(account, mail(2))

    (balance,) = reconcile.balances()

    assert State.SPAM in SETTLED_STATES
    assert (balance.seen, balance.articles, balance.spam) == (2, 1, 1)
    assert balance.is_even
    assert all(finding.is_clean for finding in reconcile.findings())


def test_released_mail_becomes_a_ticket_as_of_its_receipt_with_the_receipt_sent_now(
    account: Account, house: House
) -> None:
    came = timezone.now() - timedelta(hours=3)
    row, _new = keep(account=account, raw=mail(headers=FLAG), received_at=came)
    process_raw(row.pk)

    count = spam.release(raw_ids=[row.pk], user=house.anna)
    process_raw(row.pk)
    react_to_all()

    ticket = Ticket.objects.get()
    row.refresh_from_db()
    assert count == 1
    assert (row.state, row.reason, row.ticket_id) == (State.FILED, Notice.NOT_SPAM, ticket.pk)
    assert ticket.received_at == came
    assert all(clock.running_since == came for clock in Clock.objects.all())
    assert Clock.objects.count() == 2
    assert OutgoingMessage.objects.get().kind == "receipt"
    assert not HeldMail.objects.exists()
    event = Event.objects.get(kind=spam.RELEASED)
    assert (event.actor_kind, event.actor_id) == ("user", house.anna.pk)


def test_mail_that_was_released_by_hand_stays_so_through_the_quarantine(
    account: Account, house: House
) -> None:
    row = held(account)
    spam.release(raw_ids=[row.pk], user=house.anna)
    outcome.put_aside(row.pk, Quarantine.NOT_FILED, "the disk was broken")

    quarantine.retry(raw_id=row.pk, user=house.anna)
    process_raw(row.pk)

    row.refresh_from_db()
    assert (row.state, row.reason) == (State.FILED, Notice.NOT_SPAM)


def test_release_by_somebody_of_another_team_or_twice_does_nothing(
    account: Account, house: House
) -> None:
    row = held(account)

    assert spam.release(raw_ids=[row.pk], user=house.bert) == 0
    assert spam.release(raw_ids=[row.pk], user=house.anna) == 1
    assert spam.release(raw_ids=[row.pk], user=house.anna) == 0
    drain()
    assert Ticket.objects.count() == 1


def test_held_mail_of_another_team_is_not_there(account: Account, house: House) -> None:
    held(account)

    assert spam.held_visible_to(house.anna).count() == 1
    assert spam.held_visible_to(house.bert).count() == 0


def age(row: RawMessage, **ago: int) -> None:
    HeldMail.objects.filter(raw_message=row).update(held_at=timezone.now() - timedelta(**ago))


def test_purge_deletes_the_bytes_after_its_days_and_never_before(account: Account) -> None:
    Account.objects.update(spam_keep_days=10)
    early, late = held(account, 1), held(account, 2)
    age(early, days=9, hours=23)
    age(late, days=10, minutes=1)

    assert spam.purge_spam() == 1

    early.refresh_from_db()
    late.refresh_from_db()
    assert (early.state, early.body is not None) == (State.SPAM, True)
    assert (late.state, late.reason) == (State.DISCARDED, Ignored.SPAM_PURGED)
    assert (late.body, late.envelope_to) == (None, [])
    event = Event.objects.get(kind=spam.PURGED)
    assert event.data == {"count": 1, "days": 10, "ids": [late.pk]}
    assert reconcile.balances()[0].is_even
    assert all(finding.is_clean for finding in reconcile.findings())


def test_purge_touches_nothing_that_is_not_held(account: Account) -> None:
    filed = processed(account, mail(1))
    released = held(account, 2)
    age(released, days=99)
    HeldMail.objects.filter(raw_message=released).delete()
    RawMessage.objects.filter(pk=released.pk).update(state=State.STORED)

    assert spam.purge_spam() == 0

    assert RawMessage.objects.filter(body__isnull=False).count() == 2
    assert filed.state == State.FILED


def test_purged_mail_that_the_server_gives_again_is_known(account: Account) -> None:
    row = held(account)
    age(row, days=99)
    spam.purge_spam()

    again = processed(account, mail(headers=FLAG))

    assert again.pk == row.pk
    assert again.state == State.DISCARDED


@pytest.mark.django_db(transaction=True)
def test_purge_takes_the_file_of_a_large_mail_along(account: Account) -> None:
    raw = mail(headers=FLAG, body="x" * (ROW_BYTES + 1))
    row, _new = keep(account=account, raw=raw, received_at=NOON)
    process_raw(row.pk)
    row.refresh_from_db()
    assert row.state == State.SPAM
    age(row, days=99)
    _age_files()

    spam.purge_spam()

    assert not StoredFile.objects.exists()
    assert kept(account, raw).pk == row.pk


@pytest.mark.django_db(transaction=True)
def test_purge_takes_a_file_that_was_touched_a_moment_ago_a_little_later(
    account: Account,
) -> None:
    raw = mail(headers=FLAG, body="x" * (ROW_BYTES + 1))
    row, _new = keep(account=account, raw=raw, received_at=NOON)
    process_raw(row.pk)
    age(row, days=99)

    spam.purge_spam()
    waits = StoredFile.objects.count()
    _age_files()
    WaitingFile.objects.update(expires_at=timezone.now())
    sweep_waiting()

    assert (waits, StoredFile.objects.count()) == (1, 0)


def _age_files() -> None:
    for stored in StoredFile.objects.all():
        os.utime(path_of(stored.sha256), (0, 0))
