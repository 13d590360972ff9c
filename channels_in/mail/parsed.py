"""What the parser understood of one raw mail, as frozen values without Django."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Crypto = Literal["signed", "encrypted"]


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A name and an address as written; either may be empty."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Leaf:
    """One transfer-decoded leaf of the MIME tree; no container ever becomes one.

    ``parents`` are the content types of its containers, outermost first;
    ``position`` is its place in each of them, so that siblings of one
    alternative share all but the last number.
    """

    content_type: str
    payload: bytes
    charset: str | None = None
    disposition: str | None = None
    filename: str | None = None
    cid: str | None = None
    location: str | None = None
    params: tuple[tuple[str, str], ...] = ()
    parents: tuple[str, ...] = ()
    position: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """An attachment: name as it will be stored, sniffed type, bytes."""

    name: str
    content_type: str
    content: bytes
    inline: bool = False
    cid: str | None = None

    @property
    def size(self) -> int:
        """Length of the content in bytes."""
        return len(self.content)


@dataclass(frozen=True, slots=True)
class Body:
    """Whole text, the part an agent sees first, and sanitised HTML to show."""

    text: str
    visible_text: str
    html: str | None


@dataclass(frozen=True, slots=True)
class FailedRecipient:
    """What a delivery report says of one address: ``status`` as in RFC 3463, or empty.

    ``is_delayed`` means that it is still being tried; what is neither that nor
    ``permanent`` was given up this time, such as a full mailbox.
    """

    address: str
    permanent: bool
    status: str = ""
    diagnostic: str = ""
    is_delayed: bool = False


@dataclass(frozen=True, slots=True)
class Bounce:
    """A delivery report that says failed or delayed (RFC 3464).

    ``permanent`` is true if any recipient failed for good; ``reports`` tell
    them apart, where the report does.
    """

    recipients: tuple[str, ...]
    permanent: bool
    original_message_id: str | None = None
    diagnostic: str = ""
    reports: tuple[FailedRecipient, ...] = ()


@dataclass(frozen=True, slots=True)
class ParsedMail:
    """Everything intake needs to know of one mail.

    ``error`` is None or says why the mail has to go to quarantine; the other
    fields then hold whatever could still be read. All text is free of NUL,
    lone surrogates and, in headers, of line breaks and bidi overrides.
    Message ids stand in angle brackets, whether or not the mail has them so.
    ``sender`` is From's first mailbox with an address; without one it is
    Sender or Return-Path, and ``warnings`` says ``sender_not_from``. ``sent_by`` is
    the address of Sender where that is another one than From's (mail.md 52).
    """

    subject: str | None = None
    sender: Mailbox | None = None
    senders: tuple[Mailbox, ...] = ()
    to: tuple[Mailbox, ...] = ()
    cc: tuple[Mailbox, ...] = ()
    reply_to: tuple[Mailbox, ...] = ()
    delivered_to: tuple[str, ...] = ()
    message_id: str | None = None
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    date: datetime | None = None
    text: str = ""
    visible_text: str = ""
    html: str | None = None
    attachments: tuple[ParsedFile, ...] = ()
    is_auto: bool = False
    is_bounce: bool = False
    bounce: Bounce | None = None
    crypto: Crypto | None = None
    language: str | None = None
    loop_header: bool = False
    loop_mark: str | None = None
    sent_by: str | None = None
    thread_topic: str | None = None
    thread_index: str | None = None
    authentication_results: tuple[str, ...] = ()
    warnings: tuple[str, ...] = field(default=())
    error: str | None = None
