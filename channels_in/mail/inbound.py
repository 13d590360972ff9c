"""Turns a parsed mail into the one form that tickets understand; no database."""

from dataclasses import dataclass
from datetime import datetime

from channels_in.mail.authentication import has_failed, trusted_results
from channels_in.mail.forwarded import find_original_sender
from channels_in.mail.parsed import Mailbox, ParsedMail
from helpdesk.lib.addresses import is_valid, normalise
from helpdesk.outbox.identity import is_own_loop_mark
from helpdesk.outbox.subaddress import read_bounced_message, without_tag
from helpdesk.tickets.inbound import Inbound, InboundFile, Person, Threading

CHANNEL = "mail"
MAX_PEOPLE = 200
# Codes of Article.warnings that come from here; the desk has words for them.
NAME_IS_ADDRESS = "name_is_another_address"
SEVERAL_SENDERS = "several_senders"
REPLY_TO_DIFFERS = "reply_to_differs"
AUTHENTICATION_FAILED = "authentication_failed"
OVERSIZE = "oversize"
SENT_BY = "sent_by"
MAX_WATCHERS = 50
METHODS = ("dmarc", "dkim", "spf")
TOO_MANY_FILES = "too_many_files"


@dataclass(frozen=True, slots=True)
class Arrival:
    """What is known of a mail beside its bytes: account, envelope, time, stored files.

    ``own_addresses`` are the addresses of all our mailboxes and senders,
    normalised. ``preface`` is a sentence of ours that goes before the text.
    """

    authority_id: int
    team_id: int
    sender_id: int
    authserv_id: str
    raw_message_id: int
    received_at: datetime
    own_addresses: frozenset[str] = frozenset()
    envelope_from: str | None = None
    envelope_to: tuple[str, ...] = ()
    files: tuple[InboundFile, ...] = ()
    warnings: tuple[str, ...] = ()
    preface: str = ""
    cc_watch: bool = False
    leaves_out_copies: bool = False
    is_old: bool = False


def to_inbound(mail: ParsedMail, arrival: Arrival) -> Inbound:
    """Map a mail to an Inbound. It grants nothing: who may do what is decided by the tickets."""
    person = find_person(mail, arrival.envelope_from)
    threading = find_threading(mail, arrival.envelope_to)
    results = trusted_results(mail.authentication_results, arrival.authserv_id)
    return Inbound(
        authority_id=arrival.authority_id,
        team_id=arrival.team_id,
        channel=CHANNEL,
        person=person,
        subject=mail.subject or "",
        text=arrival.preface + mail.visible_text,
        full_text=arrival.preface + mail.text,
        html=mail.html or "",
        language=mail.language or "",
        received_at=arrival.received_at,
        sender_id=arrival.sender_id,
        raw_message_id=arrival.raw_message_id,
        threading=threading,
        reply_to=find_reply_to(mail, person),
        to=_people(mail.to),
        cc=_people(mail.cc),
        files=arrival.files,
        is_automatic=mail.is_auto or arrival.envelope_from == "" or is_to_bounces(threading),
        is_old=arrival.is_old,
        leaves_out_copies=arrival.leaves_out_copies,
        is_own_loop=is_own(mail, person, arrival.own_addresses),
        authentication_failed=has_failed(results),
        authentication=say_results(results),
        watchers=find_watchers(mail, arrival, person) if arrival.cc_watch else (),
        forwarded_from=find_forwarded(mail),
        crypto=mail.crypto or "",
        warnings=find_warnings(mail, arrival, results),
    )


def find_person(mail: ParsedMail, envelope_from: str | None) -> Person:
    """Return From's first mailbox; only if that has no address, the envelope's (mail.md 52)."""
    sender = mail.sender
    if sender and sender.email:
        return Person(name=sender.name, email=sender.email)
    return Person(name=sender.name if sender else "", email=envelope_from or "")


def find_reply_to(mail: ParsedMail, person: Person) -> Person | None:
    """Return the first Reply-To if it differs from the sender: where answers are wanted."""
    for mailbox in mail.reply_to:
        if mailbox.email and normalise(mailbox.email) != normalise(person.email):
            return Person(name=mailbox.name, email=mailbox.email)
    return None


def find_watchers(mail: ParsedMail, arrival: Arrival, person: Person) -> tuple[Person, ...]:
    """Return those in copy, each once and at most fifty; never a mailbox of ours (mail.md 59)."""
    left = {
        normalise(box.email): Person(name=box.name, email=box.email)
        for box in mail.cc
        if is_valid(box.email)
    }
    ours = {each for each in left if without_tag(each) in arrival.own_addresses}
    for address in (*ours, *arrival.own_addresses, normalise(person.email)):
        left.pop(address, None)
    return tuple(left.values())[:MAX_WATCHERS]


def find_forwarded(mail: ParsedMail) -> Person | None:
    """Return who wrote what was passed on, if the mail says so."""
    found = find_original_sender(mail)
    return Person(name=found.name, email=found.email) if found else None


def say_results(results: dict[str, str]) -> str:
    """Return what our server found, on one line: "dmarc=pass dkim=pass spf=fail"."""
    return " ".join(f"{name}={results[name]}" for name in METHODS if name in results)[:80]


def find_threading(mail: ParsedMail, envelope_to: tuple[str, ...]) -> Threading:
    """Return what the mail says about its conversation, and every address it was written to."""
    written = [mailbox.email for mailbox in (*mail.to, *mail.cc)[:MAX_PEOPLE]]
    recipients = filter(None, [*written, *mail.delivered_to, *envelope_to])
    return Threading(
        message_id=mail.message_id or "",
        in_reply_to=mail.in_reply_to or "",
        references=mail.references,
        recipients=tuple(dict.fromkeys(recipients)),
    )


def is_to_bounces(threading: Threading) -> bool:
    """Tell whether it came to a return address of ours, to which machines alone write."""
    return read_bounced_message(threading.recipients) is not None


def is_own(mail: ParsedMail, person: Person, own_addresses: frozenset[str]) -> bool:
    """Tell whether it bears our loop header or comes from one of our mailboxes (mail.md 81)."""
    written = normalise(person.email)
    return is_own_loop_mark(mail.loop_mark or "") or (
        bool(written) and not own_addresses.isdisjoint({written, without_tag(written)})
    )


def find_warnings(mail: ParsedMail, arrival: Arrival, results: dict[str, str]) -> tuple[str, ...]:
    """Return codes of what an agent should look at twice, each once."""
    found = [*mail.warnings, *arrival.warnings]
    if mail.sender and names_another_address(mail.sender):
        found.append(NAME_IS_ADDRESS)
    if len({normalise(each.email) for each in mail.senders if each.email}) > 1:
        found.append(SEVERAL_SENDERS)
    if has_failed(results):
        found.append(AUTHENTICATION_FAILED)
    if mail.sent_by:
        found.append(f"{SENT_BY}:{mail.sent_by}")
    if find_reply_to(mail, find_person(mail, arrival.envelope_from)):
        found.append(REPLY_TO_DIFFERS)
    return tuple(dict.fromkeys(found))


def names_another_address(mailbox: Mailbox) -> bool:
    """Tell whether the display name is itself an address, but not this one (mail.md 54)."""
    words = mailbox.name.replace("<", " ").replace(">", " ").strip("\"' ").split()
    addresses = {normalise(word.strip("()[],;\"'")) for word in words if "@" in word.strip("@")}
    return bool(addresses - {normalise(mailbox.email)})


def _people(mailboxes: tuple[Mailbox, ...]) -> tuple[Person, ...]:
    return tuple(Person(name=each.name, email=each.email) for each in mailboxes[:MAX_PEOPLE])
