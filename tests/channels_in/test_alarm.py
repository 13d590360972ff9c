"""A mailbox that falls silent is told of by mail: once, then once a day, by another route."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone, translation

from channels_in import alarm
from channels_in.failures import code_of, words_of
from channels_in.mail import lease
from channels_in.mail.mailbox import LostConnectionError, MailboxError
from channels_in.models import Account, RawMessage
from channels_in.queries import silent
from channels_in.store import DiskFullError, Place, keep
from helpdesk.lib.secretbox import SecretUnreadableError
from helpdesk.outbox.models import OutgoingMessage, Sender
from helpdesk.outbox.oauth import GrantError
from tests.factories.house import House, make_administrator

pytestmark = pytest.mark.django_db


def received_now(account: Account, raw: bytes, place: Place) -> RawMessage:
    row, _is_new = keep(account=account, raw=raw, received_at=timezone.now(), place=place)
    return row


@pytest.fixture(autouse=True)
def _administrator(house: House) -> None:
    make_administrator(house.authority)


def fail(account: Account, minutes: float) -> None:
    Account.objects.filter(pk=account.pk).update(
        failing_since=timezone.now() - timedelta(minutes=minutes),
        last_error="login: [AUTHENTICATIONFAILED] No",
        failure="login/answer",
    )


def alarms() -> list[OutgoingMessage]:
    return list(OutgoingMessage.objects.filter(kind="mailbox_alarm").order_by("pk"))


def let_pass(account: Account, **span: float) -> None:
    found = Account.objects.get(pk=account.pk)
    assert found.alarmed_at is not None
    Account.objects.filter(pk=account.pk).update(
        alarmed_at=found.alarmed_at - timedelta(**span),
        failing_since=found.failing_since and found.failing_since - timedelta(**span),
    )


def test_alarm_comes_after_a_quarter_of_an_hour_and_once(account: Account) -> None:
    counts = []

    for minutes in (14, 16, 60):
        fail(account, minutes)
        counts.append(alarm.raise_alarms())

    assert counts == [0, 1, 0]
    assert account.name in alarms()[0].subject
    assert "[AUTHENTICATIONFAILED] No" in alarms()[0].text
    assert alarms()[0].is_automatic


def test_alarm_is_repeated_as_a_digest_a_day_later(account: Account) -> None:
    fail(account, 16)
    alarm.raise_alarms()
    let_pass(account, hours=23)
    early = alarm.raise_alarms()
    let_pass(account, hours=2)

    assert (early, alarm.raise_alarms()) == (0, 1)


def test_alarm_of_a_mailbox_that_goes_on_and_off_is_no_flood(account: Account) -> None:
    fail(account, 16)
    alarm.raise_alarms()
    for _round in range(3):
        lease.note_success(account.pk, has_mail=False, complaint="")
        let_pass(account, minutes=30)
        fail(account, 16)
        alarm.raise_alarms()
    few = len(alarms())
    let_pass(account, hours=4)
    fail(account, 16)
    alarm.raise_alarms()

    assert (few, len(alarms())) == (1, 2)


def test_alarm_goes_by_another_sender_where_there_is_one(house: House, account: Account) -> None:
    other = Sender.objects.create(
        authority=house.authority, name="Amt", email="amt@musterstadt.example", host="127.0.0.1"
    )
    fail(account, 16)

    alarm.raise_alarms()

    assert alarms()[0].sender == other
    assert account.sender != other


def test_alarm_goes_by_the_mailbox_itself_rather_than_not_at_all(account: Account) -> None:
    fail(account, 16)

    alarm.raise_alarms()

    assert alarms()[0].sender == account.sender


def test_alarm_tells_of_a_mailbox_that_nobody_asks_any_more(account: Account) -> None:
    Account.objects.update(last_success_at=timezone.now() - timedelta(minutes=16))

    assert [health.account for health in silent(account.authority_id)] == [account]
    assert alarm.raise_alarms() == 1


def test_alarm_does_not_tell_of_a_mailbox_whose_many_mails_are_being_fetched(
    account: Account,
) -> None:
    began = timezone.now() - timedelta(minutes=50)
    Account.objects.update(last_success_at=began, lease_until=timezone.now())
    meanwhile = silent(account.authority_id)

    Account.objects.update(lease_until=timezone.now() - timedelta(minutes=16))

    assert meanwhile == []
    assert [health.account for health in silent(account.authority_id)] == [account]


@pytest.mark.usefixtures("account")
def test_alarm_tells_of_a_mailbox_that_began_to_fail_under_a_clock_years_ahead() -> None:
    ahead = timezone.now() + timedelta(days=3650)
    Account.objects.update(failing_since=ahead, alarmed_at=ahead)

    assert alarm.raise_alarms() == 1


def test_alarm_leaves_a_mailbox_alone_that_is_switched_off(account: Account) -> None:
    fail(account, 60)
    Account.objects.update(is_active=False)

    assert alarm.raise_alarms() == 0


def test_a_failure_is_explained_in_words_of_its_own() -> None:
    failed = MailboxError("tcp", "refused")
    failed.__cause__ = ConnectionRefusedError(111, "refused")
    token = MailboxError("login", "no token")
    token.__cause__ = GrantError("no token")

    codes = [
        code_of(error)
        for error in (
            failed,
            token,
            MailboxError("login", "no"),
            LostConnectionError("connection", "cut"),
            DiskFullError("full"),
            SecretUnreadableError(),
            ValueError("x"),
        )
    ]

    assert codes == ["tcp/refused", "token", "login/answer", "line", "disk", "secret", "inner"]
    with translation.override("en"):
        words = [words_of(code) for code in codes]
    assert len(set(words)) == len(codes)
    assert words[0].startswith("Nobody answers at this port.")
    assert words[3].startswith("The connection broke off.")


def test_note_failure_keeps_the_code_and_success_forgets_it(account: Account) -> None:
    with transaction.atomic():
        lease.note_failure(account.pk, MailboxError("login", "no"))
    account.refresh_from_db()
    failed = account.failure
    lease.note_success(account.pk, has_mail=False, complaint="the folder is full")
    account.refresh_from_db()
    complained = account.failure
    lease.note_success(account.pk, has_mail=False, complaint="")
    account.refresh_from_db()

    assert (failed, complained, account.failure) == ("login/answer", "settle", "")
