"""A ParsedMail in the words of mail.md 109: what administrators and tests get to see."""

from typing import Any

from channels_in.mail.parsed import Bounce, Mailbox, ParsedFile, ParsedMail


def as_json(mail: ParsedMail) -> dict[str, Any]:
    """Return the contract's keys, all of them, with plain values."""
    return {
        "subject": mail.subject,
        "from": _mailbox(mail.sender or Mailbox("", "")),
        "to": [_mailbox(each) for each in mail.to],
        "cc": [_mailbox(each) for each in mail.cc],
        "reply_to": [_mailbox(each) for each in mail.reply_to],
        "message_id": mail.message_id,
        "in_reply_to": mail.in_reply_to,
        "references": list(mail.references),
        "text": mail.text,
        "visible_text": mail.visible_text,
        "html": mail.html,
        "attachments": [_file(each) for each in mail.attachments],
        "is_auto": mail.is_auto,
        "is_bounce": mail.is_bounce,
        "bounce": _bounce(mail.bounce) if mail.bounce else None,
        "crypto": mail.crypto,
        "error": mail.error,
    }


def _mailbox(mailbox: Mailbox) -> dict[str, str]:
    return {"name": mailbox.name, "email": mailbox.email}


def _file(file: ParsedFile) -> dict[str, Any]:
    return {
        "name": file.name,
        "type": file.content_type,
        "size": file.size,
        "inline": file.inline,
        "cid": file.cid,
    }


def _bounce(bounce: Bounce) -> dict[str, Any]:
    return {"recipients": list(bounce.recipients), "permanent": bounce.permanent}
