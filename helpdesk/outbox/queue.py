"""The door of the outbox: queue a message, withdraw it, send it again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now

from helpdesk.events.wake import wake_on_commit
from helpdesk.lib.statements import Insert
from helpdesk.outbox.headers import (
    clean_address,
    clean_cid,
    clean_headers,
    clean_message_id,
    clean_name,
    clean_text,
    one_line,
    trim_references,
    wire_address,
)
from helpdesk.outbox.identity import new_message_id
from helpdesk.outbox.models import (
    MessageState,
    OutgoingFile,
    OutgoingMessage,
    Recipient,
    Sender,
)
from helpdesk.outbox.subaddress import reply_address

TASK = "outbox.deliver"
MAXIMUM_SUBJECT = 500
# The database's own time: ours may be a millisecond ahead of it, and then "now" is not yet due.
_DUE_NOW = Insert(OutgoingMessage, not_before=Now(), next_attempt_at=Now())
_DUE_LATER = Insert(OutgoingMessage)
_RECIPIENT = Insert(Recipient)
RETRYABLE = (MessageState.FAILED, MessageState.UNSURE)


@dataclass(frozen=True, slots=True)
class Address:
    """One recipient; ``field`` is "to", "cc" or "bcc".

    ``left_out`` says why this one is not written to at all: the row stays, to be seen.
    """

    address: str
    name: str = ""
    field: str = "to"
    left_out: str = ""


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A stored file that goes with a letter, under this name.

    One with a ``cid`` is a picture that the letter's HTML shows as ``cid:…``.
    """

    file_id: int
    name: str
    cid: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """All of what a message says, to whom, and what it belongs to.

    ``idempotency_key`` (80 characters) names the cause: the same key is the same
    message. ``scope`` goes into the Message-ID ("t17" for ticket 17), by which a
    reply finds back. ``link_kind``/``link_id`` come back in every fact about it.
    ``forget_at`` is when its link is over: then its words go, and nobody can send it again.
    """

    sender: Sender
    kind: str
    idempotency_key: str
    subject: str
    text: str
    recipients: tuple[Address, ...]
    html: str = ""
    scope: str = ""
    language: str = ""
    is_automatic: bool = False
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    files: tuple[Enclosure, ...] = ()
    from_name: str = ""
    not_before: datetime | None = None
    link_kind: str = ""
    link_id: int | None = None
    forget_at: datetime | None = None


class NoRecipientError(ValueError):
    """A letter to nobody."""


def queue_message(*, letter: Letter) -> OutgoingMessage:
    """Write ``letter`` into the outbox inside the caller's transaction and return its row.

    The same idempotency key returns the row that is already there, unchanged.
    Line breaks and controls never get into a header; InvalidAddressError,
    HeaderNotAllowedError and NoRecipientError say what can't be sent. Who must
    not get mail (our own mailboxes, undeliverable addresses) is for the caller,
    who marks them as left out.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("queue_message needs a transaction.")
    recipients = _clean_recipients(letter.recipients)
    message = _new_row(letter)
    insert = _DUE_NOW if letter.not_before is None else _DUE_LATER
    if not insert.write_if_new(message):
        return OutgoingMessage.objects.get(idempotency_key=letter.idempotency_key)
    _save_parts(message, recipients, letter.files)
    if letter.not_before is None:
        # What waits for the end of its undo window is found by the sweep.
        wake_on_commit(TASK)
    return message


def _new_row(letter: Letter) -> OutgoingMessage:
    sender = letter.sender
    row = OutgoingMessage(
        authority_id=sender.authority_id,
        sender=sender,
        idempotency_key=letter.idempotency_key,
        kind=letter.kind,
        link_kind=letter.link_kind,
        link_id=letter.link_id,
        message_id=new_message_id(scope=letter.scope, address=sender.email),
        envelope_from=clean_address(sender.email),
        from_name=clean_name(letter.from_name or sender.name),
        subject=one_line(letter.subject)[:MAXIMUM_SUBJECT],
        text=clean_text(letter.text),
        html=clean_text(letter.html),
        headers=_head(letter),
        is_automatic=letter.is_automatic,
        language=letter.language,
        forget_at=letter.forget_at,
    )
    if letter.not_before is not None:
        row.not_before = row.next_attempt_at = letter.not_before
    return row


def _head(letter: Letter) -> dict[str, str]:
    head = clean_headers(letter.headers)
    sender = letter.sender
    if sender.subaddresses and letter.scope:
        head.setdefault("Reply-To", reply_address(wire_address(sender.email), letter.scope))
    threading = {
        "In-Reply-To": clean_message_id(letter.in_reply_to),
        "References": trim_references(letter.references, letter.in_reply_to),
    }
    return head | {name: value for name, value in threading.items() if value}


def _clean_recipients(addresses: Iterable[Address]) -> list[Recipient]:
    """Return one row for each address, in order; who is named twice stays where named first."""
    rows: dict[str, Recipient] = {}
    for each in addresses:
        address = clean_address(each.address)
        row = Recipient(
            field=Recipient.Field(each.field), name=clean_name(each.name), address=address
        )
        if each.left_out:
            row.state, row.reply = Recipient.State.LEFT_OUT, one_line(each.left_out)[:300]
        rows.setdefault(address.casefold(), row)
    if all(row.state == Recipient.State.LEFT_OUT for row in rows.values()):
        raise NoRecipientError("A letter needs somebody to go to.")
    return list(rows.values())


def _save_parts(
    message: OutgoingMessage, recipients: list[Recipient], files: tuple[Enclosure, ...]
) -> None:
    for recipient in recipients:
        recipient.message = message
    _RECIPIENT.write(*recipients)
    OutgoingFile.objects.bulk_create(
        OutgoingFile(
            message=message,
            file_id=each.file_id,
            name=one_line(each.name)[:255],
            cid=clean_cid(each.cid),
            position=place,
        )
        for place, each in enumerate(files)
    )


def cancel_message(*, message_id: int) -> bool:
    """Withdraw a message that nothing has been sent of; False if it is too late for that."""
    accepted = Recipient.objects.filter(message=OuterRef("pk"), state=Recipient.State.ACCEPTED)
    changed = OutgoingMessage.objects.filter(
        ~Exists(accepted), pk=message_id, state=MessageState.QUEUED
    ).update(state=MessageState.CANCELLED, finished_at=Now())
    return changed == 1


@transaction.atomic
def retry_message(*, message_id: int) -> bool:
    """Send a failed or unsure message once more, to those who have not got it.

    It keeps its Message-ID, so that a mail program knows a second copy. The
    48 hours begin anew, and a paused sender is tried at once. False if the
    message is in another state, or what it opens is over.
    """
    retryable = OutgoingMessage.objects.filter(pk=message_id, state__in=RETRYABLE)
    changed = retryable.exclude(forget_at__lte=Now()).update(
        state=MessageState.QUEUED,
        not_before=Now(),
        next_attempt_at=Now(),
        attempts_made=0,
        last_error="",
        finished_at=None,
        delayed_at=None,
        settled_as="",
    )
    if not changed:
        return False
    Recipient.objects.filter(message_id=message_id, state=Recipient.State.REFUSED).update(
        state=Recipient.State.PENDING, decided_at=None
    )
    Sender.objects.filter(messages=message_id).update(paused_until=None)
    wake_on_commit(TASK)
    return True
