"""Copies of sent mail in a real mailbox, and that nothing of them can send again (mail.md 98)."""

from datetime import datetime, timedelta
from email import message_from_bytes

import pytest
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from channels_in.mail.connect import open_mailbox
from channels_in.mail.fetchers import server_of
from channels_in.mail.mailbox import Mailbox, MailboxError
from channels_in.models import Account, SentCopy
from channels_in.queries import late_copies
from channels_in.sent_copies import copy_due, note_sent
from helpdesk.events.sequencer import seal_batch
from helpdesk.files.models import ScanState
from helpdesk.files.scan import set_state
from helpdesk.files.store import put
from helpdesk.outbox.deliver import deliver_waiting
from helpdesk.outbox.models import Attempt, OutgoingMessage, Sender
from helpdesk.outbox.queue import Address, Enclosure, Letter, queue_message
from tests.channels_in.making import make_account
from tests.factories.house import House
from tests.fakes.smtp import SmtpSink
from tests.helpdesk.outbox.making import make_sender
from tests.servers.dovecot import Dovecot

pytestmark = [pytest.mark.django_db, pytest.mark.dovecot]
USER = "copies@example.org"
FOLDER = "Sent"


@pytest.fixture
def account(house: House, dovecot_server: Dovecot, smtp_server: SmtpSink) -> Account:
    house.sender.port = smtp_server.port
    house.sender.save()
    with dovecot_server.client(USER) as client:
        if client.folder_exists(FOLDER):
            client.delete_folder(FOLDER)
        client.create_folder(FOLDER)
    made = make_account(house, port=dovecot_server.port, username=USER, sent_folder=FOLDER)
    # From here on copies are wanted.
    assert note_sent() == 0
    return made


def send(
    house: House,
    number: int = 1,
    files: tuple[Enclosure, ...] = (),
    sender: Sender | None = None,
    forget_at: datetime | None = None,
) -> OutgoingMessage:
    letter = Letter(
        sender=sender or house.sender,
        kind="answer",
        idempotency_key=f"answer:{number}",
        subject=f"Antwort {number}",
        text="Wir kommen.",
        recipients=(Address("clara@example.org"), Address("chef@example.org", field="bcc")),
        scope="t1",
        files=files,
        forget_at=forget_at,
    )
    with transaction.atomic():
        message = queue_message(letter=letter)
    deliver_waiting()
    seal_batch()
    return message


def copies(server: Dovecot) -> list[str]:
    mails = server.mails(USER, folder=FOLDER)
    return [str(message_from_bytes(mail.content)["Message-ID"]) for mail in mails]


def test_what_was_sent_lies_in_the_folder_read_and_whole(
    house: House, account: Account, dovecot_server: Dovecot, smtp_server: SmtpSink
) -> None:
    message = send(house)

    note_sent()
    assert copy_due() == 1

    (mail,) = dovecot_server.mails(USER, folder=FOLDER)
    assert mail.flags == {"\\Seen"}
    assert str(message_from_bytes(mail.content)["Message-ID"]) == message.message_id
    # Dovecot keeps lines as Unix does.
    sent = smtp_server.mails[0].content.replace(b"\r\n", b"\n")
    assert mail.content.partition(b"\n\n")[2] == sent.partition(b"\n\n")[2]
    assert SentCopy.objects.get().state == SentCopy.State.DONE
    assert account.sent_copies.count() == 1


def test_a_copy_is_made_once_however_often_it_is_begun(
    house: House, account: Account, dovecot_server: Dovecot
) -> None:
    message = send(house)
    note_sent()
    copy_due()

    # As after a crash between the server and the row.
    SentCopy.objects.update(state=SentCopy.State.WAITING, lease_until=None)
    note_sent()
    copy_due()

    assert copies(dovecot_server) == [message.message_id]
    assert account.sent_copies.get().attempts == 2


def test_a_mailbox_that_fails_sends_nothing_again_and_is_shown(
    house: House, account: Account, smtp_server: SmtpSink, dovecot_server: Dovecot
) -> None:
    message = send(house)
    note_sent()

    def fail(_account: Account) -> Mailbox:
        raise MailboxError("login", "quota exceeded")

    for _ in range(3):
        copy_due(fail)
        SentCopy.objects.update(next_attempt_at=Now())
        deliver_waiting()

    message.refresh_from_db()
    assert message.state == "sent"
    assert (len(smtp_server.mails), Attempt.objects.count()) == (1, 1)
    assert copies(dovecot_server) == []
    late = late_copies(account.authority_id).get()
    assert (late.attempts, late.error) == (3, "login: quota exceeded")

    assert copy_due() == 1
    assert late_copies(account.authority_id).count() == 0


def test_a_mailbox_that_fails_as_nobody_foresaw_stops_no_other(
    house: House, account: Account, dovecot_server: Dovecot
) -> None:
    other = make_sender(
        authority=house.authority, email="zweites@musterstadt.example", port=house.sender.port
    )
    second = make_account(
        house,
        address=other.email,
        sender=other,
        port=dovecot_server.port,
        username=USER,
        sent_folder=FOLDER,
    )
    note_sent()
    send(house)
    message = send(house, 2, sender=other)
    note_sent()

    def open_second(wanted: Account) -> Mailbox:
        if wanted.pk == account.pk:
            raise ValueError("nobody thought of this")
        return open_mailbox(server_of(wanted))

    assert copy_due(open_second) == 1
    assert copies(dovecot_server) == [message.message_id]
    assert account.sent_copies.get().error == "nobody thought of this"
    assert second.sent_copies.get().state == SentCopy.State.DONE


def test_a_missing_folder_is_named_and_the_copy_waits(house: House, account: Account) -> None:
    send(house)
    Account.objects.update(sent_folder="Nirgends")
    note_sent()

    assert copy_due() == 0

    copy = account.sent_copies.get()
    assert copy.state == SentCopy.State.WAITING
    assert copy.error.startswith("folder: ")
    assert not SentCopy.objects.filter(next_attempt_at__lte=Now()).exists()


def test_a_copy_with_a_file_that_is_held_since_stops_no_other(
    house: House, account: Account, dovecot_server: Dovecot
) -> None:
    file = put(b"EICAR", "text/plain")
    send(house, 1, files=(Enclosure(file.pk, "antrag.txt"),))
    after = send(house, 2)
    set_state(stored_id=file.pk, state=ScanState.HELD)
    note_sent()

    copy_due()

    assert copies(dovecot_server) == [after.message_id]
    assert account.sent_copies.get(state=SentCopy.State.WAITING).error.startswith("held back")


def test_no_copy_is_made_of_what_was_sent_before_they_were_wanted(
    house: House, account: Account, dovecot_server: Dovecot
) -> None:
    Account.objects.update(sent_seq=None)
    send(house, 1)
    note_sent()
    after = send(house, 2)

    note_sent()
    copy_due()

    assert copies(dovecot_server) == [after.message_id]
    assert account.sent_copies.count() == 1


def test_a_link_that_opens_something_for_a_time_is_laid_into_no_folder_others_read(
    house: House, account: Account, dovecot_server: Dovecot
) -> None:
    send(house, 1, forget_at=timezone.now() + timedelta(hours=1))
    answer = send(house, 2)

    note_sent()
    copy_due()

    assert copies(dovecot_server) == [answer.message_id]
    assert account.sent_copies.count() == 1


def test_a_mailbox_without_a_folder_gets_none(house: House, account: Account) -> None:
    Account.objects.update(sent_folder="")

    send(house)

    assert note_sent() == 0
    assert not account.sent_copies.exists()


def test_a_copy_in_hand_is_left_to_its_holder(house: House, account: Account) -> None:
    send(house)
    note_sent()
    SentCopy.objects.update(lease_until=Now() + timedelta(minutes=1))

    assert copy_due() == 0
    assert account.sent_copies.get().attempts == 0
