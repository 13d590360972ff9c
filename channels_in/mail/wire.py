"""A ParsedMail as JSON plus raw attachment bytes, for the pipe between parser and parent."""

import json
from collections.abc import Callable, Iterator
from dataclasses import fields
from datetime import datetime
from typing import Any

from channels_in.mail.parsed import Bounce, FailedRecipient, Mailbox, ParsedFile, ParsedMail

_MAILBOXES = frozenset({"senders", "to", "cc", "reply_to"})
_PLAIN = frozenset(field.name for field in fields(ParsedMail)) - _MAILBOXES - {
    "sender", "date", "attachments", "bounce",
}  # fmt: skip


def pack(mail: ParsedMail) -> tuple[bytes, list[bytes]]:
    """Return the header of a frame and the raw blocks that follow it."""
    head: dict[str, Any] = {name: getattr(mail, name) for name in _PLAIN}
    head |= {name: [_box(box) for box in getattr(mail, name)] for name in _MAILBOXES}
    head["sender"] = _box(mail.sender) if mail.sender else None
    head["date"] = mail.date.isoformat() if mail.date else None
    head["bounce"] = _bounce(mail.bounce) if mail.bounce else None
    head["attachments"] = [
        [file.name, file.content_type, file.inline, file.cid, file.size]
        for file in mail.attachments
    ]
    # ASCII with escapes: nothing in a mail can make this fail.
    return json.dumps(head).encode("ascii"), [file.content for file in mail.attachments]


def unpack(head: bytes, blocks: bytes | memoryview) -> ParsedMail:
    """Rebuild what `pack` took apart; raises ValueError, KeyError or TypeError on other bytes."""
    values: dict[str, Any] = json.loads(head)
    values |= {name: tuple(Mailbox(*box) for box in values[name]) for name in _MAILBOXES}
    values["sender"] = Mailbox(*values["sender"]) if values["sender"] else None
    values["date"] = datetime.fromisoformat(values["date"]) if values["date"] else None
    values["bounce"] = _read_bounce(values["bounce"]) if values["bounce"] else None
    values["attachments"] = tuple(_files(values["attachments"], blocks))
    for name in ("references", "delivered_to", "warnings", "authentication_results"):
        values[name] = tuple(values[name])
    build: Callable[..., ParsedMail] = ParsedMail
    return build(**values)


def _box(box: Mailbox) -> list[str]:
    return [box.name, box.email]


def _bounce(bounce: Bounce) -> dict[str, Any]:
    return {
        "recipients": bounce.recipients,
        "permanent": bounce.permanent,
        "original_message_id": bounce.original_message_id,
        "diagnostic": bounce.diagnostic,
        "reports": [
            [each.address, each.permanent, each.status, each.diagnostic, each.is_delayed]
            for each in bounce.reports
        ],
    }


def _read_bounce(values: dict[str, Any]) -> Bounce:
    return Bounce(
        recipients=tuple(values["recipients"]),
        permanent=values["permanent"],
        original_message_id=values["original_message_id"],
        diagnostic=values["diagnostic"],
        reports=tuple(FailedRecipient(*each) for each in values["reports"]),
    )


def _files(entries: list[list[Any]], blocks: bytes | memoryview) -> Iterator[ParsedFile]:
    at = 0
    for name, content_type, inline, cid, size in entries:
        content = bytes(blocks[at : at + size])
        at += size
        yield ParsedFile(name, content_type, content, inline=inline, cid=cid)
