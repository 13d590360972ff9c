"""Builds a mail from its rows: only ASCII on the wire, no line too long, nothing injected."""

import re
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import EmailMessage, Message
from email.utils import format_datetime

from helpdesk.outbox.headers import MAXIMUM_LINE, one_line, wire_address
from helpdesk.outbox.identity import LOOP_HEADER, loop_mark
from helpdesk.outbox.models import OutgoingMessage, Recipient

WIDTH = 76
WORD = "=?utf-8?b?{}?="
BODY = policy.SMTP.clone(cte_type="7bit", max_line_length=WIDTH)
_TYPE = re.compile(r"(?:application|audio|font|image|model|text|video)/[A-Za-z0-9][\w.+-]{0,100}")
_PLAIN_PHRASE = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")
SHOWN_FIELDS = ((Recipient.Field.TO, "To"), (Recipient.Field.CC, "Cc"))


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes along, read into memory; one with a ``cid`` is part of the HTML."""

    name: str
    content_type: str
    content: bytes
    cid: str = ""


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything a mail is made of; ``html`` is the whole page, nothing for text alone."""

    message: OutgoingMessage
    from_address: str
    recipients: Sequence[Recipient]
    attachments: Sequence[Attachment]
    date: datetime
    html: str = ""


def render(parts: Parts, *, utf8: bool) -> bytes:
    """Return the whole mail with CRLF line ends.

    Without ``utf8`` it is pure ASCII, and an address whose local part is not
    stands in no header. Bcc never does.
    """
    head = "".join(f"{line}\r\n" for line in _head(parts, utf8=utf8))
    return head.encode("utf-8" if utf8 else "ascii") + _body(parts)


def _head(parts: Parts, *, utf8: bool) -> list[str]:
    message = parts.message
    lines = [
        f"Date: {format_datetime(parts.date)}",
        "From: " + mailbox(message.from_name, parts.from_address),
    ]
    for kind, name in SHOWN_FIELDS:
        shown = [
            mailbox(each.name, each.address)
            for each in parts.recipients
            if each.field == kind
            and each.state != Recipient.State.LEFT_OUT
            and (utf8 or each.address.rpartition("@")[0].isascii())
        ]
        if shown:
            lines.append(f"{name}: " + ",\r\n ".join(shown))
    if len(lines) == 2:
        lines.append("To: undisclosed-recipients:;")
    lines.append("Subject: " + encoded(message.subject, len("Subject: ")))
    lines.append(f"Message-ID: {message.message_id}")
    extra = {**message.headers, **_automatic(message)}
    lines.extend(f"{name}: {_folded(name, value)}" for name, value in extra.items())
    lines.append(f"{LOOP_HEADER}: {loop_mark(message.authority_id)}")
    lines.append("MIME-Version: 1.0")
    return lines


def _automatic(message: OutgoingMessage) -> dict[str, str]:
    """Return what keeps other machines from answering (RFC 3834; mail.md 80)."""
    if not message.is_automatic:
        return {}
    kind = "auto-replied" if "In-Reply-To" in message.headers else "auto-generated"
    ours = {"Auto-Submitted": kind, "X-Auto-Response-Suppress": "All", "Precedence": "bulk"}
    return {name: value for name, value in ours.items() if name not in message.headers}


def mailbox(name: str, address: str) -> str:
    """Return ``name <address>`` for a header, the name quoted or encoded as it needs."""
    plain = one_line(name)
    if not plain:
        return wire_address(address)
    if not plain.isascii() or "=?" in plain:
        phrase = encoded(plain, len("From: "))
    elif _PLAIN_PHRASE.fullmatch(plain):
        phrase = plain
    else:
        phrase = '"' + re.sub(r'(["\\])', r"\\\1", plain) + '"'
    return f"{phrase}\r\n <{wire_address(address)}>"


def encoded(text: str, used: int = 0) -> str:
    """Return ``text`` as it may stand in a header, as encoded words (RFC 2047) if need be.

    ``used`` is how much of the first line is taken already.
    """
    line = one_line(text)
    if line.isascii() and "=?" not in line and max(map(len, line.split()), default=0) < WIDTH:
        return _wrapped(line, WIDTH - used)
    return "\r\n ".join(_encoded_words(line, used))


def _encoded_words(text: str, used: int) -> list[str]:
    """Return ``text`` as encoded words of at most 76 characters, none splitting a letter."""
    words, chunk = [], b""
    room = (WIDTH - used - len(WORD.format(""))) // 4 * 3
    for letter in text:
        data = letter.encode()
        if len(chunk) + len(data) > room:
            words.append(chunk)
            chunk, room = b"", (WIDTH - 1 - len(WORD.format(""))) // 4 * 3
        chunk += data
    return [WORD.format(b64encode(each).decode()) for each in (*words, chunk)]


def _wrapped(line: str, room: int) -> str:
    """Fold at blanks, so that a line has at most ``room`` and then 76 characters."""
    lines, current = [], ""
    for word in line.split(" "):
        if current and len(current) + 1 + len(word) > room:
            lines.append(current)
            current, room = word, WIDTH - 1
        else:
            current = f"{current} {word}" if current else word
    return "\r\n ".join([*lines, current])


def _folded(name: str, value: str) -> str:
    """Return the value of a further header: identifiers a line each block, text encoded."""
    if value.isascii():
        folded = _wrapped(one_line(value), MAXIMUM_LINE - len(name) - 2)
        if max(map(len, folded.split("\r\n"))) <= MAXIMUM_LINE:
            return folded
    return encoded(value, len(name) + 2)


def _body(parts: Parts) -> bytes:
    body = EmailMessage(policy=BODY)
    body.set_content(parts.message.text, cte="quoted-printable")
    shown = [each for each in parts.attachments if each.cid and parts.html]
    if parts.html:
        body.add_alternative(parts.html, subtype="html", cte="quoted-printable")
    if shown:
        _show(list(body.iter_parts())[-1], shown)
    for each in parts.attachments:
        if each not in shown:
            _attach(body, each)
    del body["MIME-Version"]
    return body.as_bytes(policy=BODY)


def _show(page: Message, pictures: Sequence[Attachment]) -> None:
    """Put pictures beside the HTML that shows them (RFC 2387)."""
    for picture in pictures:
        maintype, subtype, name = _described(picture)
        page.add_related(  # type: ignore[attr-defined] # an EmailMessage, as its policy makes them
            picture.content,
            maintype,
            subtype,
            filename=name,
            cte="base64",
            cid=f"<{picture.cid}>",
            disposition="inline",
        )


def _attach(body: EmailMessage, attachment: Attachment) -> None:
    """Attach a file as base64; a mail or a multipart inside would not survive that."""
    maintype, subtype, name = _described(attachment)
    body.add_attachment(attachment.content, maintype, subtype, filename=name, cte="base64")


def _described(attachment: Attachment) -> tuple[str, str, str]:
    """Return type and name of a file as a header may hold them."""
    kind = attachment.content_type
    maintype, _, subtype = (
        kind if _TYPE.fullmatch(kind) else "application/octet-stream"
    ).partition("/")
    return maintype, subtype, one_line(attachment.name) or "file"
