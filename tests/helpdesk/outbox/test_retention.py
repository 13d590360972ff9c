"""Mails whose link is over: their words go, then they go, and nothing else does."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from helpdesk.events.models import Event, EventPayload
from helpdesk.outbox.deliver import deliver_waiting
from helpdesk.outbox.models import MessageState, OutgoingMessage, Recipient
from helpdesk.outbox.queries import LOG_KEPT, delivery_state, failed_messages
from helpdesk.outbox.queue import retry_message
from helpdesk.outbox.results import LINK_OVER, finish
from helpdesk.outbox.retention import forget_expired
from helpdesk.outbox.tasks import tidy
from tests.fakes.smtp import SmtpSink
from tests.helpdesk.outbox.making import make_sender, queue
from tests.locks import locked

pytestmark = pytest.mark.django_db
NOW = timezone.now()
MINUTE = timedelta(minutes=1)


def test_words_are_forgotten_when_their_link_is_over_and_the_mail_is_on_its_way_no_more() -> None:
    sender = make_sender()
    over = queue(sender, 1, html="<p>Link</p>", forget_at=NOW - MINUTE)
    queue(sender, 2, forget_at=NOW + timedelta(days=1))
    queue(sender, 3)
    leaving = queue(sender, 4, forget_at=NOW - MINUTE)
    OutgoingMessage.objects.update(state=MessageState.SENT)
    OutgoingMessage.objects.filter(pk=leaving.pk).update(state=MessageState.SENDING)

    tidy()

    kept = dict(OutgoingMessage.objects.exclude(text="").values_list("pk", "text"))
    assert sorted(kept) == [over.pk + 1, over.pk + 2, leaving.pk]
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


def test_what_was_not_sent_before_its_link_was_over_is_given_up_and_shown() -> None:
    sender = make_sender()
    late = queue(sender, 1, forget_at=NOW - MINUTE)
    in_time = queue(sender, 2, forget_at=NOW + timedelta(days=1))

    tidy()

    late.refresh_from_db()
    assert (late.state, late.text, late.last_error) == (MessageState.FAILED, "", LINK_OVER)
    assert late.recipients.get().state == Recipient.State.REFUSED
    assert list(failed_messages(sender.authority)) == [late]
    assert delivery_state(late).plain.startswith("Der Link in dieser E-Mail war abgelaufen")
    in_time.refresh_from_db()
    assert in_time.state == MessageState.QUEUED


def test_a_mail_whose_link_is_over_when_its_turn_comes_reaches_no_server(
    smtp_server: SmtpSink,
) -> None:
    sender = make_sender(port=smtp_server.port)
    late = queue(sender, 1, forget_at=NOW - MINUTE)
    in_time = queue(sender, 2, forget_at=NOW + timedelta(days=1))

    deliver_waiting()

    states = dict(OutgoingMessage.objects.values_list("pk", "state"))
    assert states == {late.pk: MessageState.FAILED, in_time.pk: MessageState.SENT}
    assert [mail.recipients for mail in smtp_server.wait_for(1)] == [("erika2@example.org",)]
    assert late.attempts.get().reply == LINK_OVER


def test_a_mail_with_a_link_is_deleted_when_the_delivery_log_ends() -> None:
    old = queue(make_sender(), 1, forget_at=NOW - LOG_KEPT - MINUTE)
    newer = queue(old.sender, 2, forget_at=NOW - LOG_KEPT + timedelta(days=1))
    for message in (old, newer):
        finish(message, MessageState.FAILED, "550 nobody of this name")

    tidy()

    assert list(OutgoingMessage.objects.values_list("pk", flat=True)) == [newer.pk]
    about = EventPayload.objects.filter(event__subject_kind="message", event__subject_id=old.pk)
    assert not about.exists()
    # That something was sent is a fact, and stays.
    assert Event.objects.filter(subject_kind="message", subject_id=old.pk).exists()


@pytest.mark.both_engines
def test_old_mails_are_locked_before_what_is_known_of_them_goes() -> None:
    old = queue(make_sender(), forget_at=NOW - LOG_KEPT - MINUTE)
    finish(old, MessageState.FAILED, "550 nobody of this name")

    with CaptureQueriesContext(connection) as asked:
        forget_expired()

    assert not OutgoingMessage.objects.exists()
    mails = ["outbox_outgoingmessage"] if connection.vendor == "postgresql" else []
    assert locked(asked) == mails
    said = [one["sql"] for one in asked]
    first_deleted = next(at for at, sql in enumerate(said) if sql.startswith("DELETE"))
    locks = [at for at, sql in enumerate(said) if " FOR UPDATE" in sql]
    assert all(at < first_deleted for at in locks)
