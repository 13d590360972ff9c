"""What came back: which message it was, and what is noted at whom."""

import pytest
from django.db import transaction

from helpdesk.events.models import Event, EventPayload
from helpdesk.outbox.models import MessageState, OutgoingMessage
from helpdesk.outbox.queue import Address
from helpdesk.outbox.returns import (
    Failure,
    Returned,
    find_returned,
    is_given_up,
    note_return,
)
from helpdesk.outbox.subaddress import bounce_address, reply_address
from tests.helpdesk.outbox.making import make_sender, queue

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]

HARD = Returned("erika1@example.org", Failure.HARD, "5.1.1", "550 5.1.1 no such\r\nuser")
SOFT = Returned("erika1@example.org", Failure.SOFT, "4.2.2", "452 mailbox full")
DELAYED = Returned("", Failure.DELAYED, "4.4.1", "connect to mx: Connection timed out")
AMT = "amt@stadt.example"


def found(*, written_to: str = "", message_id: str = "") -> OutgoingMessage | None:
    with transaction.atomic():
        return find_returned(written_to=[written_to], message_ids=[message_id])


def test_message_is_found_by_its_return_address_or_its_id() -> None:
    sender = make_sender()
    message, other = queue(sender), queue(sender, 2)

    assert found(written_to=bounce_address(AMT, message.pk)) == message
    assert found(message_id=other.message_id) == other
    assert found(written_to=bounce_address(AMT, message.pk), message_id=other.message_id) == message


def test_what_proves_nothing_finds_nothing() -> None:
    message = queue(make_sender())
    forged = bounce_address(AMT, message.pk)[:-20] + "aaaa@stadt.example"

    assert found(written_to=AMT, message_id="<x@y.example>") is None
    assert found(written_to=forged) is None
    assert found(written_to=reply_address(AMT, str(message.pk))) is None
    assert found(message_id=message.message_id.replace("an.t1.", "an.t2.")) is None


def test_a_hard_return_marks_the_address_and_is_told_once() -> None:
    message = queue(make_sender())

    news = note_return(message=message, returned=[HARD])
    again = note_return(message=message, returned=[HARD])

    recipient = message.recipients.get()
    assert news == [Returned("erika1@example.org", Failure.HARD, "5.1.1", "550 5.1.1 no such user")]
    assert again == []
    assert (recipient.state, recipient.reply) == ("bounced", "550 5.1.1 no such user")
    assert (recipient.status, recipient.returned_at is not None) == ("5.1.1", True)
    event = Event.objects.get(kind="message.bounced")
    assert (event.subject_id, event.data["failure"]) == (message.pk, "hard")
    assert EventPayload.objects.get(event=event).data == {
        "addresses": ["erika1@example.org"],
        "replies": ["550 5.1.1 no such user"],
    }


def test_each_recipient_gets_their_own_result() -> None:
    message = queue(
        make_sender(),
        recipients=(Address("a@b.example"), Address("c@d.example"), Address("e@f.example")),
    )

    note_return(
        message=message,
        returned=[
            Returned("C@D.example", Failure.HARD, "5.1.1", "550"),
            Returned("a@b.example", Failure.DELAYED, "4.4.1", "later"),
            Returned("stranger@x.example", Failure.HARD, "5.1.1", "550"),
        ],
    )

    assert dict(message.recipients.values_list("address", "state")) == {
        "a@b.example": "pending",
        "c@d.example": "bounced",
        "e@f.example": "pending",
    }
    told = Event.objects.filter(kind="message.bounced").order_by("id")
    assert [event.data["failure"] for event in told] == ["hard", "delayed"]


def test_a_message_to_one_person_takes_the_report_whatever_address_it_names() -> None:
    message = queue(make_sender())

    note_return(message=message, returned=[Returned("postfach7@intern.example", Failure.HARD)])

    assert message.recipients.get().state == "bounced"


def test_a_return_settles_what_was_unsure() -> None:
    message = queue(make_sender())
    OutgoingMessage.objects.update(state=MessageState.UNSURE)
    message.refresh_from_db()

    note_return(message=message, returned=[HARD])

    message.refresh_from_db()
    assert message.state == MessageState.SENT
    assert message.recipients.get().state == "bounced"


def test_a_delay_changes_no_state_and_is_told_once_in_the_same_words() -> None:
    message = queue(make_sender())

    note_return(message=message, returned=[DELAYED])
    note_return(message=message, returned=[DELAYED])

    assert message.recipients.get().state == "pending"
    assert Event.objects.get(kind="message.bounced").data["failure"] == "delayed"


def test_a_final_report_is_believed_in_the_words_of_an_earlier_delay() -> None:
    message = queue(make_sender())
    note_return(message=message, returned=[DELAYED])

    note_return(message=message, returned=[Returned("", Failure.SOFT, "4.4.7", DELAYED.diagnostic)])

    assert message.recipients.get().state == "bounced"
    told = Event.objects.filter(kind="message.bounced").order_by("id")
    assert [event.data["failure"] for event in told] == ["delayed", "soft"]


def test_an_address_is_given_up_by_the_third_soft_return_in_a_week() -> None:
    sender = make_sender()
    to = (Address("Erika@Example.org"),)
    messages = [queue(sender, number, recipients=to) for number in range(3)]

    states = []
    for message in messages:
        note_return(message=message, returned=[SOFT])
        states.append(is_given_up(sender.authority_id, "Erika@Example.org"))

    assert states == [False, False, True]
    assert not is_given_up(sender.authority_id + 1, "Erika@Example.org")


def test_delays_and_old_returns_give_nobody_up() -> None:
    sender = make_sender()
    address = "erika@example.org"
    to = (Address(address),)
    messages = [queue(sender, number, recipients=to) for number in range(4)]
    for message in messages[:3]:
        note_return(message=message, returned=[SOFT])
    for message in messages[:2]:
        message.recipients.update(returned_at="2026-01-01T00:00:00Z")
    note_return(message=messages[3], returned=[DELAYED])

    assert not is_given_up(sender.authority_id, address)
