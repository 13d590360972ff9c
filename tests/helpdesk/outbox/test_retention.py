"""Mails whose link is over: their words go, then they go, and nothing else does."""

from datetime import timedelta

import pytest
from django.utils import timezone

from helpdesk.events.models import Event, EventPayload
from helpdesk.outbox.models import MessageState, OutgoingMessage
from helpdesk.outbox.queries import LOG_KEPT, delivery_state
from helpdesk.outbox.queue import retry_message
from helpdesk.outbox.results import finish
from helpdesk.outbox.retention import forget_expired
from helpdesk.outbox.tasks import tidy
from tests.helpdesk.outbox.making import make_sender, queue

pytestmark = pytest.mark.django_db
NOW = timezone.now()
MINUTE = timedelta(minutes=1)


def test_words_are_forgotten_when_their_link_is_over_and_the_mail_is_on_its_way_no_more() -> None:
    sender = make_sender()
    over = queue(sender, 1, html="<p>Link</p>", forget_at=NOW - MINUTE)
    queue(sender, 2, forget_at=NOW + timedelta(hours=1))
    queue(sender, 3)
    waiting = queue(sender, 4, forget_at=NOW - MINUTE)
    OutgoingMessage.objects.exclude(pk=waiting.pk).update(state=MessageState.SENT)

    tidy()

    kept = dict(OutgoingMessage.objects.exclude(text="").values_list("pk", "text"))
    assert sorted(kept) == [over.pk + 1, over.pk + 2, waiting.pk]
    over.refresh_from_db()
    assert (over.text, over.html) == ("", "")
    assert over.recipients.get().address == "erika1@example.org"
    assert forget_expired() == 0


def test_what_has_lost_its_words_is_offered_to_nobody_and_never_sent_again() -> None:
    message = queue(make_sender(), forget_at=NOW - MINUTE)
    finish(message, MessageState.UNSURE, "no reply")
    message.refresh_from_db()

    assert not delivery_state(message).can_retry
    assert not retry_message(message_id=message.pk)
    assert OutgoingMessage.objects.get().state == MessageState.UNSURE


def test_a_mail_with_a_link_is_deleted_when_the_delivery_log_ends() -> None:
    old = queue(make_sender(), 1, forget_at=NOW - LOG_KEPT - MINUTE)
    newer = queue(old.sender, 2, forget_at=NOW - LOG_KEPT + timedelta(hours=1))
    for message in (old, newer):
        finish(message, MessageState.FAILED, "550 nobody of this name")

    tidy()

    assert list(OutgoingMessage.objects.values_list("pk", flat=True)) == [newer.pk]
    about = EventPayload.objects.filter(event__subject_kind="message", event__subject_id=old.pk)
    assert not about.exists()
    # That something was sent is a fact, and stays.
    assert Event.objects.filter(subject_kind="message", subject_id=old.pk).exists()
