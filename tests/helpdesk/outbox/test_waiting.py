"""Who has something to send: told at once, however much waits for a server that is away."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import Subquery
from django.utils import timezone

from helpdesk.outbox import claims, upkeep
from helpdesk.outbox.claims import due_senders
from helpdesk.outbox.models import MessageState, OutgoingMessage, Sender
from tests.helpdesk.outbox.making import make_sender, queue

# How each engine tells that it goes straight to the rows it wants.
WALKS = {
    "sqlite": (
        r"outgoing_of_sender \(sender_id=\? AND next_attempt_at<\?\)",
        r"outgoing_waiting \(not_before<\?\)",
    ),
    "postgresql": (
        r"outgoing_of_sender .*\n.*Index Cond: .*sender_id = .*next_attempt_at <",
        r"outgoing_waiting .*\n.*Index Cond: .*not_before <",
    ),
}
pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]


def waiting_since(sender: Sender, number: int, minutes: int) -> OutgoingMessage:
    message = queue(sender, number)
    message.next_attempt_at = timezone.now() - timedelta(minutes=minutes)
    message.save()
    return message


def copy_often(message: OutgoingMessage, **values: object) -> None:
    """Make a thousand messages that are like this one but for some values."""
    fields = [each for each in OutgoingMessage._meta.concrete_fields if not each.primary_key]
    same = {field.attname: getattr(message, field.attname) for field in fields} | values
    OutgoingMessage.objects.bulk_create(
        OutgoingMessage(
            **same | {"idempotency_key": f"copy {at}", "message_id": f"<{at}@stadt.example>"}
        )
        for at in range(1000)
    )


def test_senders_are_told_by_how_long_their_first_message_waits() -> None:
    first, second, idle = (make_sender(email=f"{name}@stadt.example") for name in "abc")
    waiting_since(second, 1, minutes=1)
    waiting_since(first, 2, minutes=2)
    waiting_since(second, 3, minutes=3)

    assert due_senders() == [second.pk, first.pk]
    assert not idle.messages.exists()


def test_a_paused_sender_and_what_is_not_yet_due_are_left_alone() -> None:
    paused = make_sender(paused_until=timezone.now() + timedelta(minutes=5))
    early = make_sender(email="b@stadt.example")
    waiting_since(paused, 1, minutes=1)
    waiting_since(early, 2, minutes=-1)

    assert due_senders() == []


def test_a_sender_is_not_held_up_by_a_thousand_messages_of_another() -> None:
    crowded, quick = make_sender(), make_sender(email="b@stadt.example")
    copy_often(waiting_since(crowded, 0, minutes=60))
    waiting_since(quick, 1, minutes=1)

    assert due_senders() == [crowded.pk, quick.pk]


def test_what_is_asked_each_second_walks_an_index() -> None:
    copy_often(waiting_since(make_sender(), 1, minutes=1), state=MessageState.SENT)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")

    first_of_each = Subquery(claims._first_of_sender())
    of_senders = Sender.objects.annotate(since=first_of_each).explain()
    plans = [each.explain() for each in (upkeep._late(), upkeep._old())]

    first, rest = WALKS[connection.vendor]
    assert re.search(first, of_senders), of_senders
    assert all(re.search(rest, plan) for plan in plans), plans
