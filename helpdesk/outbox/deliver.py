"""Delivering one claimed message: row first, wire next, outcome always."""

import logging
import time
from datetime import datetime
from functools import partial

from django.db import DatabaseError, connection
from django.utils import timezone

from helpdesk.files.models import ScanState
from helpdesk.files.store import read_file
from helpdesk.lib.faults import fault
from helpdesk.lib.leaving import leave_database
from helpdesk.outbox import compose
from helpdesk.outbox.claims import (
    Claim,
    LeaseLostError,
    claim_next,
    due_senders,
    mark_content,
    release,
)
from helpdesk.outbox.frame import framed
from helpdesk.outbox.headers import wire_address
from helpdesk.outbox.models import OutgoingFile, OutgoingMessage, Recipient
from helpdesk.outbox.results import LINK_OVER, record
from helpdesk.outbox.subaddress import bounce_address
from helpdesk.outbox.transports.base import (
    PreparedMessage,
    Result,
    Stage,
    Target,
    Transport,
    Verdict,
    same_for_all,
)
from helpdesk.outbox.transports.choose import NoTransportError, transport_for

logger = logging.getLogger(__name__)

# A database that is away for a moment must not turn a sent mail into an unsure one.
RECORD_TRIES = 6


class StoppedError(Exception):
    """The process was asked to stop before the content went out."""


class StopFlag:
    """Set when this process is to send nothing further."""

    def __init__(self) -> None:
        """Begin unset."""
        self.is_set = False


stop = StopFlag()


def deliver_waiting() -> int:
    """Deliver all that is due, one after the other in this thread; return how many tries."""
    tries = 0
    for sender_id in due_senders():
        while not stop.is_set and (claim := claim_next(sender_id)):
            deliver(claim)
            tries += 1
    return tries


class NotToLeaveError(Exception):
    """A message must not leave, neither now nor later; it says why."""


class HeldFileError(NotToLeaveError):
    """A message would carry a file that must not leave; it says which."""


def deliver(claim: Claim) -> None:
    """Hand one claimed message to its transport and record what became of it."""
    message = claim.message
    try:
        _demand_in_time(message)
        prepared = prepare(message)
        transport = transport_for(message.sender)
    except NoTransportError as error:
        problem = _local_problem(_targets(message), str(error), is_sender_problem=True)
        record_surely(claim, problem)
        return
    except NotToLeaveError as error:
        # No later try would fare better: whoever wrote it has to know now.
        refused = _local_problem(_targets(message), str(error), verdict=Verdict.REFUSED)
        record_surely(claim, refused)
        return
    except Exception as error:
        logger.exception("message %s can't be built", message.pk)
        record_surely(claim, _local_problem(_targets(message), type(error).__name__))
        return
    try:
        _hand_over(claim, transport, prepared)
    finally:
        # A server may hang over the goodbye as well.
        leave_database()
        transport.close()


def _hand_over(claim: Claim, transport: Transport, prepared: PreparedMessage) -> None:
    try:
        leave_database()
        result = transport.deliver(prepared, gate=partial(_gate, claim))
    except LeaseLostError:
        logger.warning("message %s was taken over by another process", claim.message.pk)
        return
    except StoppedError:
        release(claim, "stopped before sending")
        return
    except Exception as error:
        logger.exception("message %s: the transport failed", claim.message.pk)
        verdict = Verdict.UNSURE if claim.content_is_out else Verdict.DELAYED
        reply = type(error).__name__
        result = Result(same_for_all(prepared, verdict, reply), Stage.CONTENT, reply)
    fault("outbox.after_data")
    record_surely(claim, result)


def _gate(claim: Claim) -> None:
    if stop.is_set:
        raise StoppedError
    mark_content(claim)
    leave_database()


def record_surely(claim: Claim, result: Result) -> None:
    """Record ``result``, with some patience for a database that is away for a moment.

    If it stays away, the lease runs out and the message is shown as unsure or
    tried again, as far as it had come.
    """
    for tries_left in reversed(range(RECORD_TRIES)):
        try:
            record(claim, result)
        except DatabaseError:
            if not tries_left or connection.in_atomic_block:
                raise
            logger.exception("the result of message %s can't be written yet", claim.message.pk)
            connection.close()
            time.sleep(2 ** (RECORD_TRIES - tries_left) / 8)
        else:
            return


def _demand_in_time(message: OutgoingMessage) -> None:
    """Raise NotToLeaveError where what the message opens is over: it would lead nowhere."""
    if message.forget_at is not None and message.forget_at <= timezone.now():
        raise NotToLeaveError(LINK_OVER)


def prepare(message: OutgoingMessage, *, at: datetime | None = None) -> PreparedMessage:
    """Return ``message`` as it goes over the wire, to those who have not got it yet.

    ``at`` dates it, for a copy of what was sent before.
    """
    parts = compose.Parts(
        message=message,
        from_address=message.sender.email,
        recipients=list(message.recipients.order_by("id")),
        attachments=[
            compose.Attachment(each.name, each.file.content_type, _content(each), each.cid)
            for each in message.files.select_related("file")
        ],
        date=timezone.localtime(at),
        html=framed(message),
    )
    return PreparedMessage(
        envelope_from=_envelope_from(message),
        targets=_targets(message),
        render=lambda utf8: compose.render(parts, utf8=utf8),
    )


def _envelope_from(message: OutgoingMessage) -> str:
    """Return where bounces go: to the mailbox, by a tag that names the message where one may be."""
    address = wire_address(message.envelope_from or message.sender.email)
    return bounce_address(address, message.pk) if message.sender.subaddresses else address


def _targets(message: OutgoingMessage) -> tuple[Target, ...]:
    pending = message.recipients.filter(state=Recipient.State.PENDING).order_by("id")
    return tuple(Target(each.pk, wire_address(each.address)) for each in pending)


def _content(enclosed: OutgoingFile) -> bytes:
    """Return the bytes of a file that goes along, unless the virus scanner holds them back."""
    if enclosed.file.scan_state == ScanState.HELD:
        raise HeldFileError(f"held back, it may be harmful: {enclosed.name}")
    return read_file(enclosed.file)


def _local_problem(
    targets: tuple[Target, ...],
    reply: str,
    *,
    verdict: Verdict = Verdict.DELAYED,
    is_sender_problem: bool = False,
) -> Result:
    nothing = PreparedMessage("", targets, lambda _utf8: b"")
    return Result(
        same_for_all(nothing, verdict, reply),
        Stage.SETTINGS,
        reply,
        is_sender_problem=is_sender_problem,
    )
