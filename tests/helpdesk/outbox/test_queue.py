import pytest
from django.db import transaction

from helpdesk.outbox.headers import InvalidAddressError
from helpdesk.outbox.identity import scope_of
from helpdesk.outbox.models import MessageState, OutgoingMessage, Recipient
from helpdesk.outbox.queue import (
    Address,
    NoRecipientError,
    cancel_message,
    queue_message,
    retry_message,
)
from tests.helpdesk.outbox.making import make_letter, make_sender, queue

pytestmark = pytest.mark.django_db


def test_queue_message_writes_one_row_with_its_message_id() -> None:
    sender = make_sender()

    message = queue(sender)

    assert message.state == MessageState.QUEUED
    assert scope_of(message.message_id) == "t1"
    assert message.envelope_from == "amt@stadt.example"
    assert list(message.recipients.values_list("address", "name", "state")) == [
        ("erika1@example.org", "Erika Muster", "pending")
    ]


def test_queue_message_with_the_same_key_returns_the_row_that_is_there() -> None:
    sender = make_sender()
    first = queue(sender)

    second = queue(sender, text="another")

    assert second == first
    assert second.text == first.text
    assert OutgoingMessage.objects.count() == 1
    assert Recipient.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_queue_message_refuses_to_run_outside_a_transaction() -> None:
    sender = make_sender()

    with pytest.raises(transaction.TransactionManagementError):
        queue_message(letter=make_letter(sender))


def test_queue_message_strips_line_breaks_from_everything_in_the_head() -> None:
    sender = make_sender()

    message = queue(
        sender,
        subject="Hund\r\nBcc: x@evil.example",
        recipients=(Address("e@example.org", "Erika\nBcc: x@evil.example"),),
        from_name="Amt\r\nReply-To: x@evil.example",
        in_reply_to="<a@b>\r\nBcc: x@evil.example",
        headers={"Thread-Topic": "Hund\r\nBcc: x@evil.example"},
    )

    message.refresh_from_db()
    assert message.subject == "Hund Bcc: x@evil.example"
    assert message.from_name == "Amt Reply-To: x@evil.example"
    assert message.headers == {
        "In-Reply-To": "<a@b>",
        "References": "<a@b>",
        "Thread-Topic": "Hund Bcc: x@evil.example",
    }
    assert message.recipients.get().name == "Erika Bcc: x@evil.example"


def test_queue_message_refuses_an_address_that_is_two() -> None:
    sender = make_sender()

    with pytest.raises(InvalidAddressError, match="not an address"):
        queue(sender, recipients=(Address("a@b.example, c@d.example"),))

    assert not OutgoingMessage.objects.exists()


def test_queue_message_refuses_a_letter_to_nobody() -> None:
    with pytest.raises(NoRecipientError):
        queue(make_sender(), recipients=())


def test_queue_message_keeps_who_is_named_twice_where_named_first() -> None:
    message = queue(
        make_sender(),
        recipients=(Address("A@b.example"), Address("a@B.example", field="cc")),
    )

    assert list(message.recipients.values_list("address", "field")) == [("A@b.example", "to")]


def test_cancel_message_withdraws_only_what_is_still_queued() -> None:
    sender = make_sender()
    queued, sending = queue(sender, 1), queue(sender, 2)
    OutgoingMessage.objects.filter(pk=sending.pk).update(state=MessageState.SENDING)

    assert cancel_message(message_id=queued.pk) is True
    assert cancel_message(message_id=queued.pk) is False
    assert cancel_message(message_id=sending.pk) is False
    queued.refresh_from_db()
    assert queued.state == MessageState.CANCELLED


def test_cancel_message_is_too_late_when_one_recipient_has_it() -> None:
    message = queue(make_sender(), recipients=(Address("a@b.example"), Address("c@d.example")))
    message.recipients.filter(address="a@b.example").update(state="accepted")

    assert cancel_message(message_id=message.pk) is False


@pytest.mark.parametrize("state", [MessageState.FAILED, MessageState.UNSURE])
def test_retry_message_queues_again_under_the_same_message_id(state: str) -> None:
    message = queue(make_sender(), recipients=(Address("a@b.example"), Address("c@d.example")))
    OutgoingMessage.objects.filter(pk=message.pk).update(state=state, attempts_made=5)
    message.recipients.filter(address="a@b.example").update(state="accepted")
    message.recipients.filter(address="c@d.example").update(state="refused")

    assert retry_message(message_id=message.pk) is True

    again = OutgoingMessage.objects.get(pk=message.pk)
    assert again.state == MessageState.QUEUED
    assert again.message_id == message.message_id
    assert dict(again.recipients.values_list("address", "state")) == {
        "a@b.example": "accepted",
        "c@d.example": "pending",
    }


def test_retry_message_leaves_a_sent_message_alone() -> None:
    message = queue(make_sender())
    OutgoingMessage.objects.filter(pk=message.pk).update(state=MessageState.SENT)

    assert retry_message(message_id=message.pk) is False


def test_queue_message_refuses_a_letter_of_which_everybody_is_left_out() -> None:
    with pytest.raises(NoRecipientError):
        queue(make_sender(), recipients=(Address("a@example.org", left_out="came back"),))
