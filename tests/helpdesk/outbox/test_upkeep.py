from datetime import timedelta

import pytest
from django.db.models.functions import Now

from helpdesk.events.models import Event
from helpdesk.outbox.claims import (
    LeaseLostError,
    claim_next,
    due_senders,
    mark_content,
    release,
    renew,
    void_leases,
)
from helpdesk.outbox.deliver import deliver_waiting
from helpdesk.outbox.models import MessageState, OutgoingMessage, Sender
from helpdesk.outbox.results import record
from helpdesk.outbox.transports.base import Result, Stage, TargetResult, Verdict
from helpdesk.outbox.upkeep import give_up_old, look_after, recover_interrupted, report_delays
from tests.fakes.smtp import SmtpSink
from tests.helpdesk.outbox.making import make_sender, queue

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]


def expire() -> None:
    OutgoingMessage.objects.update(lease_until=Now() - timedelta(seconds=1))


def state_of(message: OutgoingMessage) -> str:
    return OutgoingMessage.objects.get(pk=message.pk).state


def kinds() -> list[str]:
    return list(Event.objects.order_by("id").values_list("kind", flat=True))


def test_claim_takes_each_message_once_and_at_most_two_of_a_sender() -> None:
    sender = make_sender()
    messages = [queue(sender, number) for number in (1, 2, 3)]

    claims = [claim_next(sender.pk) for _ in range(3)]

    assert [claim and claim.message for claim in claims] == [messages[0], messages[1], None]


def test_claim_sends_one_at_a_time_while_the_server_fails() -> None:
    sender = make_sender()
    Sender.objects.update(failing_since=Now())
    queue(sender, 1)
    queue(sender, 2)

    assert claim_next(sender.pk) is not None
    assert claim_next(sender.pk) is None


def test_claim_of_one_sender_is_not_held_up_by_another() -> None:
    hanging, healthy = make_sender(), make_sender(email="other@stadt.example")
    for number in (1, 2, 3):
        queue(hanging, number)
    message = queue(healthy, 4)
    claim_next(hanging.pk)
    claim_next(hanging.pk)

    claim = claim_next(healthy.pk)

    assert claim is not None
    assert claim.message == message


def test_interrupted_before_the_content_is_tried_again() -> None:
    message = queue(make_sender())
    claim = claim_next(message.sender_id)
    assert claim is not None

    early = recover_interrupted()
    expire()
    late = recover_interrupted()

    assert (early, late) == (0, 1)
    assert state_of(message) == MessageState.QUEUED
    assert list(message.attempts.values_list("outcome", flat=True)) == ["delayed"]
    assert kinds() == []


def test_interrupted_with_the_content_on_its_way_asks_a_human() -> None:
    message = queue(make_sender())
    claim = claim_next(message.sender_id)
    assert claim is not None
    mark_content(claim)
    void_leases()

    recover_interrupted()
    recover_interrupted()

    assert state_of(message) == MessageState.UNSURE
    assert kinds() == ["message.unsure"]


def test_a_message_that_ends_its_process_again_and_again_waits_longer() -> None:
    message = queue(make_sender())
    for _ in range(3):
        assert claim_next(message.sender_id) is not None
        expire()
        recover_interrupted()

    assert claim_next(message.sender_id) is None
    assert state_of(message) == MessageState.QUEUED


def test_mark_content_refuses_when_the_lease_ran_out() -> None:
    message = queue(make_sender())
    claim = claim_next(message.sender_id)
    assert claim is not None
    expire()

    with pytest.raises(LeaseLostError):
        mark_content(claim)


def test_mark_content_refuses_when_another_process_has_the_message() -> None:
    message = queue(make_sender())
    claim = claim_next(message.sender_id)
    assert claim is not None
    expire()
    recover_interrupted()
    assert claim_next(message.sender_id) is not None

    with pytest.raises(LeaseLostError):
        mark_content(claim)


def test_renew_keeps_a_message_in_hand() -> None:
    message = queue(make_sender())
    assert claim_next(message.sender_id) is not None
    expire()
    renew([message.pk])

    assert recover_interrupted() == 0


def test_release_gives_a_message_back_at_once() -> None:
    message = queue(make_sender())
    claim = claim_next(message.sender_id)
    assert claim is not None

    release(claim, "stopped before sending")

    assert state_of(message) == MessageState.QUEUED
    assert claim_next(message.sender_id) is not None


def test_record_after_all_clears_up_what_seemed_unsure() -> None:
    message = queue(make_sender())
    claim = claim_next(message.sender_id)
    assert claim is not None
    mark_content(claim)
    expire()
    recover_interrupted()
    recipient = message.recipients.get()

    accepted = TargetResult(recipient.pk, Verdict.ACCEPTED, "250 ok")
    record(claim, Result((accepted,), Stage.DONE, "250 ok", "mail:25"))

    assert state_of(message) == MessageState.SENT
    assert kinds() == ["message.unsure", "message.sent"]


def test_record_of_a_message_taken_over_writes_only_who_has_it() -> None:
    message = queue(make_sender())
    claim = claim_next(message.sender_id)
    assert claim is not None
    expire()
    recover_interrupted()
    recipient = message.recipients.get()

    accepted = TargetResult(recipient.pk, Verdict.ACCEPTED, "250 ok")
    record(claim, Result((accepted,), Stage.DONE, "250 ok", "mail:25"))

    recipient.refresh_from_db()
    assert recipient.state == "accepted"
    assert state_of(message) == MessageState.QUEUED
    assert kinds() == []


def test_report_delays_tells_the_first_hour_once() -> None:
    message = queue(make_sender())
    OutgoingMessage.objects.update(not_before=Now() - timedelta(minutes=61), attempts_made=3)

    assert (report_delays(), report_delays()) == (1, 0)
    event = Event.objects.get()
    assert (event.kind, event.subject_id, event.data["state"]) == (
        "message.delayed",
        message.pk,
        "queued",
    )


def test_report_delays_says_nothing_about_what_was_never_tried() -> None:
    queue(make_sender())
    OutgoingMessage.objects.update(not_before=Now() - timedelta(days=3))

    assert (report_delays(), give_up_old()) == (0, 0)


def test_give_up_old_fails_what_waits_behind_a_paused_sender() -> None:
    message = queue(make_sender())
    OutgoingMessage.objects.update(not_before=Now() - timedelta(hours=48))
    soon = Now() + timedelta(minutes=15)
    two_days_ago = Now() - timedelta(hours=48)
    Sender.objects.update(failing_since=two_days_ago, paused_until=soon, last_error="535 no")

    assert give_up_old() == 1

    row = OutgoingMessage.objects.get(pk=message.pk)
    assert (row.state, row.last_error) == (MessageState.FAILED, "535 no")
    assert kinds() == ["message.failed"]


def test_give_up_old_lets_what_waited_while_nothing_ran_be_tried_first() -> None:
    message = queue(make_sender())
    friday = Now() - timedelta(days=3)
    OutgoingMessage.objects.update(not_before=friday, next_attempt_at=friday, attempts_made=1)

    assert give_up_old() == 0

    assert claim_next(message.sender_id) is not None


def test_give_up_old_takes_no_pause_that_a_wrong_clock_set_for_one() -> None:
    sender = make_sender()
    queue(sender)
    friday = Now() - timedelta(days=3)
    OutgoingMessage.objects.update(not_before=friday, next_attempt_at=friday, attempts_made=1)
    Sender.objects.update(paused_until=Now() + timedelta(days=3650))

    assert due_senders() == [sender.pk]
    assert give_up_old() == 0


def test_look_after_does_not_give_up_what_it_has_just_taken_back() -> None:
    message = queue(make_sender())
    claim_next(message.sender_id)
    long_ago = Now() - timedelta(days=3650)
    OutgoingMessage.objects.update(not_before=long_ago, created_at=long_ago)
    expire()

    look_after()

    assert state_of(message) == MessageState.QUEUED


@pytest.mark.parametrize("stage", ["RCPT", "BANNER"])
def test_what_waited_while_nothing_ran_is_not_given_up_at_its_first_try(
    sender: Sender, smtp_server: SmtpSink, stage: str
) -> None:
    message = queue(sender)
    three_days_ago = Now() - timedelta(days=3)
    OutgoingMessage.objects.update(not_before=three_days_ago, next_attempt_at=three_days_ago)
    smtp_server.script(stage, "450 later", close=stage == "BANNER")

    deliver_waiting()
    gave_up = give_up_old()

    assert (state_of(message), gave_up) == (MessageState.QUEUED, 0)
    assert kinds() == []


def test_what_waited_behind_many_others_is_given_up_all_the_same(
    sender: Sender, smtp_server: SmtpSink
) -> None:
    message = queue(sender)
    OutgoingMessage.objects.update(
        not_before=Now() - timedelta(hours=49), next_attempt_at=Now() - timedelta(hours=2)
    )
    smtp_server.script("RCPT", "450 later")

    deliver_waiting()

    assert state_of(message) == MessageState.FAILED
