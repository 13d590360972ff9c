"""The one form in which every channel hands a request to the tickets, without Django."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Person:
    """Who writes, as far as the channel can tell; either field may be empty."""

    name: str = ""
    email: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class InboundFile:
    """A file that came along and is already stored durably."""

    file_id: int
    name: str
    content_type: str
    size: int
    is_inline: bool = False
    cid: str = ""


@dataclass(frozen=True, slots=True)
class Threading:
    """What a mail says about the conversation it belongs to."""

    message_id: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Inbound:
    """One contribution from outside, validated by its channel and frozen.

    ``received_at`` is our own clock's time (mail.md 45). ``from_staff`` means
    that the sender claims the address of a user or of one of our mailboxes;
    it grants nothing. ``category_id`` and ``answers`` come from forms only.
    """

    authority_id: int
    team_id: int
    channel: str
    person: Person
    subject: str
    text: str
    received_at: datetime
    full_text: str = ""
    html: str = ""
    language: str = ""
    sender_id: int | None = None
    raw_message_id: int | None = None
    threading: Threading = Threading()
    reply_to: Person | None = None
    to: tuple[Person, ...] = ()
    cc: tuple[Person, ...] = ()
    files: tuple[InboundFile, ...] = ()
    is_automatic: bool = False
    is_own_loop: bool = False
    authentication_failed: bool = False
    crypto: str = ""
    warnings: tuple[str, ...] = ()
    category_id: int | None = None
    place: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """Where an Inbound ended up; ``is_new_ticket`` and ``is_duplicate`` exclude each other."""

    ticket_id: int
    article_id: int
    number: str
    reference: str
    is_new_ticket: bool
    is_duplicate: bool = False
