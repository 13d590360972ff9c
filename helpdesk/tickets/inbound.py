"""The one form in which every channel hands a request to the tickets, without Django."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from helpdesk.lib.addresses import looks_like_address


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks, as far as the channel can tell; every field may be empty."""

    name: str = ""
    email: str = ""
    phone: str = ""
    address: str = ""

    @property
    def called(self) -> str:
        """Return the name, unless it pretends to be a mail address (mail.md 54)."""
        return "" if looks_like_address(self.name) else self.name


@dataclass(frozen=True, slots=True)
class InboundFile:
    """A file that came along and is already stored durably.

    ``public_file_id`` is a copy without hidden data, for what may become public.
    """

    file_id: int
    name: str
    content_type: str
    size: int
    is_inline: bool = False
    cid: str = ""
    public_file_id: int | None = None


@dataclass(frozen=True, slots=True)
class Threading:
    """What a mail says about the conversation it belongs to."""

    message_id: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Applied:
    """One rule of a way in that was applied: its id and name, and by word what it did."""

    rule_id: int
    name: str
    did: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sorting:
    """What the rules of a way in decided for a new ticket; None leaves it as it would be.

    ``applied`` goes into the ticket's history, whether it is new or not.
    """

    team_id: int | None = None
    category_id: int | None = None
    priority: int | None = None
    tags: tuple[str, ...] = ()
    withholds_receipt: bool = False
    applied: tuple[Applied, ...] = ()


@dataclass(frozen=True, slots=True)
class Inbound:
    """One contribution from outside, validated by its channel and frozen.

    ``received_at`` is our own clock's time (mail.md 45). ``from_staff`` means
    that the sender claims the address of a user or of one of our mailboxes;
    it grants nothing. ``is_old`` is said of what came long before it was read: a
    receipt would puzzle. ``leaves_out_copies`` says that the very same mail, filed from another
    mailbox before, is enough. ``category_id`` and ``answers`` come from forms only.

    ``authentication`` is what our own mail server found ("dmarc=pass spf=fail");
    ``watchers`` are those in copy whom the mailbox is set up to let take part;
    ``forwarded_from`` is who wrote what was passed on, as the mail says.

    Some fields are proved or chosen by the channel, never read from foreign
    text: ``ticket_id`` is the ticket that a secret link or a right opened, which
    the contribution then joins and wakes; ``citizen_id`` is the person an agent
    chose; ``by_user_id`` is the agent who took a call; ``handed_in_by`` is kind and
    id of the actor that speaks for the citizen, such as a program. ``request_key`` names one
    submission: the same key again changes nothing and returns the same receipt.
    ``callback_phone`` is the number at which somebody asked to be called.
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
    is_old: bool = False
    leaves_out_copies: bool = False
    authentication_failed: bool = False
    authentication: str = ""
    watchers: tuple[Person, ...] = ()
    forwarded_from: Person | None = None
    crypto: str = ""
    warnings: tuple[str, ...] = ()
    category_id: int | None = None
    place: str = ""
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    form_version_id: int | None = None
    answers: Mapping[str, object] = field(default_factory=dict)
    kind: str = "message"
    ticket_id: int | None = None
    citizen_id: int | None = None
    by_user_id: int | None = None
    handed_in_by: tuple[str, int | None] | None = None
    request_key: str = ""
    callback_phone: str = ""
    sorting: Sorting | None = None

    @property
    def is_authenticated(self) -> bool:
        """Tell whether the domain of From vouches for the mail: DMARC, nothing weaker."""
        return "dmarc=pass" in self.authentication.split()


@dataclass(frozen=True, slots=True)
class Receipt:
    """Where an Inbound ended up; ``is_new_ticket`` and ``is_duplicate`` exclude each other."""

    ticket_id: int
    article_id: int
    number: str
    reference: str
    is_new_ticket: bool
    is_duplicate: bool = False
