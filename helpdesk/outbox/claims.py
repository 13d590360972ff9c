"""Taking a message in hand: compare-and-set under a lease in the database's own time."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Now
from django.utils import timezone

from helpdesk.files.models import ScanState
from helpdesk.lib.faults import fault
from helpdesk.lib.leases import is_over
from helpdesk.lib.statements import Lookup
from helpdesk.outbox.backoff import LONGEST_PAUSE
from helpdesk.outbox.models import Attempt, MessageState, OutgoingMessage, Sender

LEASE = timedelta(seconds=60)
PER_SENDER = 2
# How long a message waits for the virus scanner before it is looked at again: a tenth of the
# time it has waited already, within these bounds.
SCAN_WAIT, LONGEST_SCAN_WAIT = timedelta(seconds=5), timedelta(minutes=10)
MAX_ERROR = 300


class LeaseLostError(Exception):
    """Somebody else took the message over; nothing of it may be sent any more."""


@dataclass(slots=True)
class Claim:
    """A message in our hands, with the attempt that was noted for it.

    ``content_is_out`` is set once the content may have reached the server.
    """

    message: OutgoingMessage
    attempt: Attempt
    content_is_out: bool = False


def due() -> QuerySet[OutgoingMessage]:
    """Return the messages that may be sent now."""
    return OutgoingMessage.objects.filter(
        is_over("sender__paused_until", LONGEST_PAUSE),
        state=MessageState.QUEUED,
        next_attempt_at__lte=Now(),
    )


def due_senders() -> list[int]:
    """Return the keys of senders for which there is something to do, the longest waiting first.

    Asks for each sender's first message alone: asked each second, it must not walk through
    all that waits for a server that is away.
    """
    return [sender_id for sender_id, _since in _WAITING.values()]


def _first_of_sender() -> QuerySet[OutgoingMessage, Any]:
    waiting = OutgoingMessage.objects.filter(
        sender=OuterRef("pk"), state=MessageState.QUEUED, next_attempt_at__lte=Now()
    )
    return waiting.order_by("next_attempt_at", "id").values("next_attempt_at")[:1]


_WAITING = Lookup(
    lambda: (
        Sender.objects.filter(is_over("paused_until", LONGEST_PAUSE))
        .annotate(since=Subquery(_first_of_sender()))
        .filter(since__isnull=False)
        .order_by("since", "pk")
        .values_list("pk", "since")
    )
)


def claim_next(sender_id: int) -> Claim | None:
    """Take the sender's next due message and note an attempt; None if there is none for us.

    At most two messages of one sender are on their way at once, over all
    processes, and only one while its server is failing. A message with a file that the
    virus scanner has not looked at yet is put off, and says so.
    """
    while True:
        with transaction.atomic():
            message = _next_of(sender_id)
            if message is None:
                return None
            unscanned = _unscanned(message)
            if not unscanned:
                claim = _take(message)
                break
            _put_off(message, unscanned)
    if claim is not None:
        fault("outbox.after_claim")
    return claim


def _next_of(sender_id: int) -> OutgoingMessage | None:
    """Return the sender's next due message under the sender's lock, None if it has enough to do."""
    sender = Sender.objects.select_for_update(no_key=True).get(pk=sender_id)
    busy = OutgoingMessage.objects.filter(
        sender=sender, state=MessageState.SENDING, lease_until__gt=Now()
    ).count()
    if busy >= (1 if sender.failing_since else PER_SENDER):
        return None
    message = due().filter(sender=sender).order_by("next_attempt_at", "id").first()
    if message is not None:
        message.sender = sender
    return message


def _take(message: OutgoingMessage) -> Claim | None:
    taken = OutgoingMessage.objects.filter(pk=message.pk, state=MessageState.QUEUED).update(
        state=MessageState.SENDING,
        lease_until=Now() + LEASE,
        attempts_made=F("attempts_made") + 1,
    )
    return Claim(message, Attempt.objects.create(message=message)) if taken else None


def _unscanned(message: OutgoingMessage) -> str:
    """Return the name of a file that waits for the virus scanner, "" if there is none."""
    if settings.SCANNER is None:
        return ""
    waiting = message.files.filter(file__scan_state=ScanState.NOT_SCANNED)
    return waiting.values_list("name", flat=True).first() or ""


def _put_off(message: OutgoingMessage, name: str) -> None:
    waited = (timezone.now() - message.not_before) / 10
    OutgoingMessage.objects.filter(pk=message.pk, state=MessageState.QUEUED).update(
        next_attempt_at=Now() + min(max(waited, SCAN_WAIT), LONGEST_SCAN_WAIT),
        last_error=f"waits for the virus scanner: {name}"[:MAX_ERROR],
    )


def mark_content(claim: Claim) -> None:
    """Note that the content goes out now; from here on only the server knows.

    Raises LeaseLostError when the message is no longer ours.
    """
    fault("outbox.before_data")
    with transaction.atomic():
        ours = OutgoingMessage.objects.filter(
            pk=claim.message.pk, state=MessageState.SENDING, lease_until__gt=Now()
        ).update(lease_until=Now() + LEASE)
        noted = Attempt.objects.filter(pk=claim.attempt.pk, outcome=Attempt.Outcome.STARTED).update(
            outcome=Attempt.Outcome.DATA
        )
        if not (ours and noted):
            raise LeaseLostError
    claim.content_is_out = True
    fault("outbox.content_marked")


def release(claim: Claim, reason: str) -> None:
    """Give a message back of which nothing was sent; it is due at once."""
    with transaction.atomic():
        noted = Attempt.objects.filter(pk=claim.attempt.pk, outcome=Attempt.Outcome.STARTED).update(
            outcome=Attempt.Outcome.DELAYED, reply=reason, finished_at=Now()
        )
        if noted:
            OutgoingMessage.objects.filter(pk=claim.message.pk, state=MessageState.SENDING).update(
                state=MessageState.QUEUED, lease_until=None
            )


def renew(message_ids: list[int]) -> None:
    """Prolong the leases of messages that this process still has in hand."""
    OutgoingMessage.objects.filter(pk__in=message_ids, state=MessageState.SENDING).update(
        lease_until=Now() + LEASE
    )


def void_leases() -> int:
    """End all leases; only for the start of an installation's one and only process."""
    return OutgoingMessage.objects.filter(state=MessageState.SENDING).update(lease_until=Now())
