"""Writing down what became of a delivery, and telling it in the same transaction."""

from collections.abc import Mapping

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce, Now
from django.utils.translation import gettext_noop

from helpdesk.events.publish import SYSTEM, Fact, publish
from helpdesk.lib.faults import fault
from helpdesk.outbox import facts
from helpdesk.outbox.backoff import GIVE_UP_AFTER, STOOD_STILL, pause_after, wait_after
from helpdesk.outbox.claims import Claim
from helpdesk.outbox.models import Attempt, MessageState, OutgoingMessage, Recipient, Sender
from helpdesk.outbox.replies import queue_id_of
from helpdesk.outbox.transports.base import Result, Verdict

LENGTH = 300
# Why a mail is not sent any more that opens something for a time.
LINK_OVER = gettext_noop("the link in it was over before it could be sent")
KIND_OF_STATE = {
    MessageState.SENT: facts.SENT,
    MessageState.FAILED: facts.FAILED,
    MessageState.UNSURE: facts.UNSURE,
}
STATE_OF_VERDICT = {
    Verdict.ACCEPTED: Recipient.State.ACCEPTED,
    Verdict.REFUSED: Recipient.State.REFUSED,
}
# Of whom there is nothing to tell when a message ends.
SETTLED = (Recipient.State.ACCEPTED, Recipient.State.LEFT_OUT)
# The gravest verdict of a delivery is the outcome of its attempt.
OUTCOMES = (
    (Verdict.UNSURE, Attempt.Outcome.UNSURE),
    (Verdict.DELAYED, Attempt.Outcome.DELAYED),
    (Verdict.REFUSED, Attempt.Outcome.REFUSED),
    (Verdict.ACCEPTED, Attempt.Outcome.ACCEPTED),
)


def record(claim: Claim, result: Result) -> None:
    """Write the result of one delivery: recipients, attempt, message, sender, fact.

    If the message was taken over meanwhile, only what is certain is written:
    who has it, so that nobody gets it twice.
    """
    with transaction.atomic():
        message = OutgoingMessage.objects.select_for_update(of=("self",)).get(pk=claim.message.pk)
        _write_recipients(message, result)
        _write_attempt(claim, result)
        if _is_ours(message, claim):
            _move_on(message, result)
        _write_health(message.sender_id, result)
        fault("outbox.before_result_commit")
    fault("outbox.after_result_commit")


def _write_recipients(message: OutgoingMessage, result: Result) -> None:
    verdicts = {each.recipient_id: each for each in result.results}
    rows = list(message.recipients.filter(pk__in=verdicts, state=Recipient.State.PENDING))
    for row in rows:
        verdict = verdicts[row.pk]
        row.state = STATE_OF_VERDICT.get(verdict.verdict, Recipient.State.PENDING)
        row.reply = verdict.reply[:LENGTH]
    Recipient.objects.bulk_update(rows, ("state", "reply"))
    message.recipients.filter(decided_at=None).exclude(state=Recipient.State.PENDING).update(
        decided_at=Now()
    )


def _write_attempt(claim: Claim, result: Result) -> None:
    verdicts = {each.verdict for each in result.results}
    outcome = next(
        (outcome for verdict, outcome in OUTCOMES if verdict in verdicts), Attempt.Outcome.ACCEPTED
    )
    Attempt.objects.filter(pk=claim.attempt.pk).update(
        outcome=outcome,
        server=result.server[:255],
        reply=result.reply[:LENGTH],
        queue_id=queue_id_of(result.reply),
        finished_at=Now(),
    )


def _is_ours(message: OutgoingMessage, claim: Claim) -> bool:
    if message.state not in {MessageState.SENDING, MessageState.UNSURE}:
        return False
    newest = message.attempts.order_by("-id").values_list("pk", flat=True).first()
    return newest == claim.attempt.pk


def _move_on(message: OutgoingMessage, result: Result) -> None:
    states = set(message.recipients.values_list("state", flat=True))
    if any(each.verdict == Verdict.UNSURE for each in result.results):
        finish(message, MessageState.UNSURE, result.reply)
    elif Recipient.State.PENDING in states:
        _wait_or_give_up(message, result)
    elif Recipient.State.REFUSED in states:
        finish(message, MessageState.FAILED, _reason(result))
    else:
        finish(message, MessageState.SENT, "")


def _reason(result: Result) -> str:
    refused = [each.reply for each in result.results if each.verdict == Verdict.REFUSED]
    return refused[0] if refused else result.reply


def _wait_or_give_up(message: OutgoingMessage, result: Result) -> None:
    if _is_over(message, result):
        give_up(message, result.reply)
        return
    # A sender's pause holds all its messages; theirs need no wait of its own.
    wait = wait_after(message.attempts_made)
    OutgoingMessage.objects.filter(pk=message.pk).update(
        state=MessageState.QUEUED,
        lease_until=None,
        last_error=result.reply[:LENGTH],
        next_attempt_at=Now() if result.is_sender_problem else Now() + wait,
    )


def _is_over(message: OutgoingMessage, result: Result) -> bool:
    """Tell whether a message has been tried for 48 hours, or its server has failed for so long.

    Time in which nothing ran was no time of trying, as over a power cut of days or under a clock
    that was years behind: of a try that came long after it was due the 48 hours begin anew.
    """
    rows = OutgoingMessage.objects.filter(pk=message.pk)
    if result.is_sender_problem:
        rows = rows.filter(sender__failing_since__lte=Now() - GIVE_UP_AFTER)
    elif rows.filter(next_attempt_at__lte=Now() - STOOD_STILL).update(not_before=Now()):
        return False
    return rows.filter(not_before__lte=Now() - GIVE_UP_AFTER).exists()


def give_up(message: OutgoingMessage, reply: str) -> None:
    """End the tries of a message; those who have not got it count as refused."""
    message.recipients.filter(state=Recipient.State.PENDING).update(
        state=Recipient.State.REFUSED, reply=reply[:LENGTH], decided_at=Now()
    )
    finish(message, MessageState.FAILED, reply)


def finish(message: OutgoingMessage, state: MessageState, error: str) -> None:
    """Write a message's end and publish it, inside the caller's transaction."""
    OutgoingMessage.objects.filter(pk=message.pk).update(
        state=state, lease_until=None, last_error=error[:LENGTH], finished_at=Now()
    )
    message.state = state
    missing = message.recipients.exclude(state__in=SETTLED)
    personal = {"addresses": list(missing.values_list("address", flat=True)), "reply": error}
    tell(message, KIND_OF_STATE[state], personal if state != MessageState.SENT else None)


def tell(message: OutgoingMessage, kind: str, personal: Mapping[str, object] | None) -> None:
    """Publish a fact about ``message``."""
    publish(
        fact=Fact(
            kind,
            facts.SUBJECT_KIND,
            message.pk,
            message.authority_id,
            data=facts.fact_data(message),
            personal=personal,
        ),
        actor=SYSTEM,
    )


def _write_health(sender_id: int, result: Result) -> None:
    sender = Sender.objects.filter(pk=sender_id)
    if result.is_sender_problem:
        failures = sender.values_list("failures", flat=True).get()
        sender.update(
            failing_since=Coalesce("failing_since", Now()),
            last_error=result.reply[:LENGTH],
            failures=F("failures") + 1 if failures < 100 else 100,
            paused_until=Now() + pause_after(failures + 1),
        )
    elif any(each.verdict == Verdict.ACCEPTED for each in result.results):
        sender.update(
            last_success_at=Now(), failing_since=None, last_error="", failures=0, paused_until=None
        )
