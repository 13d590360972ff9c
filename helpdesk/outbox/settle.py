"""What becomes of a message that did not arrive: it goes elsewhere, or somebody says it is settled.

The row stays as it ended; ``settled_as`` says that nobody has to look at it any more.
"""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from helpdesk.outbox.identity import new_message_id
from helpdesk.outbox.models import (
    MessageState,
    OutgoingFile,
    OutgoingMessage,
    Recipient,
    SettledAs,
)
from helpdesk.outbox.queue import Address

# What a message that goes elsewhere has in common with the one that did not arrive.
SAME = (
    *("authority_id", "sender_id", "kind", "link_kind", "link_id", "envelope_from", "from_name"),
    *("subject", "text", "html", "headers", "is_automatic", "language"),
)


def is_troubled() -> Q:
    """Return the condition that a message did not arrive, or nobody knows whether it did."""
    returned = Recipient.objects.filter(message=OuterRef("pk"), state=Recipient.State.BOUNCED)
    return Q(state__in=(MessageState.FAILED, MessageState.UNSURE)) | Q(Exists(returned))


def settle_message(*, message_id: int, how: SettledAs) -> bool:
    """Note what was done about a message that did not arrive; False where it did, or is settled."""
    open_ones = OutgoingMessage.objects.filter(is_troubled(), pk=message_id, settled_as="")
    return bool(open_ones.update(settled_as=how))


def unsettle_message(*, message_id: int) -> None:
    """Let somebody look at a message again."""
    OutgoingMessage.objects.filter(pk=message_id).update(settled_as="")


def send_elsewhere(
    *, message: OutgoingMessage, to: Address, key: str, scope: str, not_before: datetime
) -> OutgoingMessage:
    """Queue the words and files of a message to one other address, as a mail of its own.

    The caller has checked the address. Runs in the caller's transaction.
    """
    new = OutgoingMessage(
        idempotency_key=key,
        message_id=new_message_id(scope=scope, address=message.sender.email),
        not_before=not_before,
        next_attempt_at=not_before,
        **{name: getattr(message, name) for name in SAME},
    )
    new.save(force_insert=True)
    Recipient.objects.create(message=new, address=to.address, name=to.name)
    OutgoingFile.objects.bulk_create(
        OutgoingFile(
            message=new,
            file_id=file.file_id,
            name=file.name,
            cid=file.cid,
            position=file.position,
        )
        for file in message.files.all()
    )
    return new
