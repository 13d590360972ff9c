from datetime import timedelta

import pytest
from django.db.models.functions import Now

from helpdesk.agents.models import Authority
from helpdesk.outbox.models import MessageState, OutgoingMessage, Sender
from helpdesk.outbox.queries import (
    delivery_state,
    failed_messages,
    failing_senders,
    oldest_waiting,
    sendings,
)
from helpdesk.outbox.queue import Address
from tests.helpdesk.outbox.making import make_sender, queue

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "state,attempts,level,can_retry",
    [
        (MessageState.QUEUED, 0, "waiting", False),
        (MessageState.QUEUED, 2, "delayed", False),
        (MessageState.SENDING, 1, "waiting", False),
        (MessageState.SENT, 1, "good", False),
        (MessageState.FAILED, 1, "bad", True),
        (MessageState.UNSURE, 1, "unsure", True),
        (MessageState.CANCELLED, 0, "waiting", False),
    ],
)
def test_delivery_state_says_where_a_message_stands(
    state: str,
    attempts: int,
    level: str,
    can_retry: bool,  # noqa: FBT001 - pytest passes it by name
) -> None:
    message = queue(make_sender())
    message.state, message.attempts_made = state, attempts

    delivery = delivery_state(message)

    assert (delivery.state, delivery.level, delivery.can_retry) == (state, level, can_retry)
    assert delivery.words


def test_delivery_state_counts_who_has_not_got_it() -> None:
    message = queue(make_sender(), recipients=(Address("a@b.example"), Address("c@d.example")))
    message.state = MessageState.FAILED
    message.recipients.filter(address="a@b.example").update(state="accepted")
    message.recipients.filter(address="c@d.example").update(state="refused")

    assert "1" in delivery_state(message).words


def test_delivery_state_names_the_address_that_came_back() -> None:
    message = queue(make_sender())
    message.state = MessageState.SENT
    message.recipients.update(state="bounced", reply="550 unknown")

    delivery = delivery_state(message)

    assert delivery.level == "bad"
    assert "erika1@example.org" in delivery.words
    assert delivery.reason == "550 unknown"


def test_failed_messages_are_those_of_one_authority_only() -> None:
    sender = make_sender()
    other = Authority.objects.create(
        name="Andere", short_name="A", calendar=sender.authority.calendar
    )
    mine, unsure = queue(sender, 1), queue(sender, 2)
    queue(sender, 3)
    foreign = queue(make_sender(authority=other), 4)
    OutgoingMessage.objects.filter(pk__in=(mine.pk, foreign.pk)).update(state="failed")
    OutgoingMessage.objects.filter(pk=unsure.pk).update(state="unsure")

    assert list(failed_messages(sender.authority)) == [unsure, mine]


def test_oldest_waiting_counts_from_when_it_was_due() -> None:
    sender = make_sender()
    assert oldest_waiting() is None
    queue(sender, 1)
    OutgoingMessage.objects.update(not_before=Now() - timedelta(minutes=5))
    queue(sender, 2)

    age = oldest_waiting(sender.authority)

    assert age is not None
    assert timedelta(minutes=5) <= age < timedelta(minutes=6)


def test_failing_senders_lists_active_ones_that_fail() -> None:
    failing = make_sender()
    make_sender(email="good@stadt.example")
    make_sender(email="off@stadt.example", is_active=False)
    Sender.objects.filter(email__in=("amt@stadt.example", "off@stadt.example")).update(
        failing_since=Now()
    )

    assert list(failing_senders()) == [failing]


def test_sendings_finds_a_recipient_whatever_the_case_and_no_other_town() -> None:
    wanted = queue(make_sender(), recipients=(Address("Erika@Example.org"),))
    receipt = queue(wanted.sender, 2, recipients=(Address("erika@example.org"),))
    queue(wanted.sender, 3, recipients=(Address("max@example.org"),))
    authority = wanted.authority

    assert list(sendings(authority, "Erika@Example.org")) == [receipt, wanted]
    assert list(sendings(authority, wanted.message_id)) == [wanted]
    assert list(sendings(authority, "nobody@example.org")) == []
    other = Authority.objects.create(name="B", short_name="B", calendar=authority.calendar)
    assert list(sendings(other)) == []


def test_sendings_reach_back_90_days() -> None:
    old, young = queue(make_sender()), queue(Sender.objects.get(), 2)
    OutgoingMessage.objects.filter(pk=old.pk).update(created_at=Now() - timedelta(days=91))
    OutgoingMessage.objects.filter(pk=young.pk).update(created_at=Now() - timedelta(days=89))

    assert list(sendings(young.authority)) == [young]


def test_delivery_state_names_who_was_left_out_and_why() -> None:
    people = (
        Address("erika@example.org"),
        Address("amt@stadt.example", field="cc", left_out="one of our own mailboxes"),
    )
    message = queue(make_sender(), recipients=people)
    message.state = MessageState.SENT

    found = delivery_state(message)

    assert found.level == "good"
    assert found.left_out == ("amt@stadt.example (one of our own mailboxes)",)
