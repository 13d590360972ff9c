"""What the header fields of a mail say: finders, one field each, none of which raises."""

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz

from channels_in.mail.charset import decode_header_bytes
from channels_in.mail.encoded_words import decode_words
from channels_in.mail.headers import Headers, clean_line
from channels_in.mail.parsed import Mailbox
from helpdesk.lib.addresses import MAX_RECIPIENTS, parse_list

MAX_REFERENCES = 500
_LONGEST_ID = 900
_LONGEST_DATE = 200
_LONGEST_NAME = 500
_MAX_RESULTS = 50
# Room for the results of a hundred signatures, which stand before that of DMARC.
_LONGEST_RESULT = 64 * 1024
_LISTS = frozenset({"to", "cc"})
_LONGEST_LIST = 1_500_000
_LONGEST_PERSON = 64 * 1024
_ID = re.compile(rb"<([^<>]*)>|\([^()]*\)|([^\s<>,;()\"]+)")
_BLANKS = re.compile(r"\s+")
_DELIVERED = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-delivered-to")
_FIRST_YEAR, _LAST_YEAR = 1970, 2200


def find_subject(headers: Headers, fallback: str | None) -> str | None:
    """Return the subject as one clean line, None if there is none or it is blank."""
    return headers.text("subject", fallback) or None


def find_mailboxes(headers: Headers, name: str, fallback: str | None = None) -> tuple[Mailbox, ...]:
    """Return the mailboxes of all fields of one name; at most 20,000.

    Display names are decoded, addresses never are: an encoded word in an
    address stays as it is written (RFC 2047 5 (3), mail.md 31).
    """
    found: list[Mailbox] = []
    room = _LONGEST_LIST if name in _LISTS else _LONGEST_PERSON
    for raw in headers.every(name):
        text = _undecoded(raw[:room])
        room -= min(len(raw), room)
        for display, address in parse_list(text, limit=MAX_RECIPIENTS - len(found)):
            email = _spelled(address, fallback)
            found.append(Mailbox(name=_display(display, fallback), email=email))
        if len(found) >= MAX_RECIPIENTS:
            break
    return tuple(found)


def find_message_id(headers: Headers) -> str | None:
    """Return the Message-ID in angle brackets, None if there is none worth the name."""
    ids = _ids(headers.first("message-id") or b"")
    bracketed = [found for found, in_brackets in ids if in_brackets]
    return next(iter([*bracketed, *(found for found, _ in ids)]), None)


def find_in_reply_to(headers: Headers) -> str | None:
    """Return the first id of In-Reply-To, whatever prose surrounds it."""
    for raw in headers.every("in-reply-to"):
        ids = _ids(raw)
        bracketed = [found for found, in_brackets in ids if in_brackets]
        loose = [found for found, _ in ids if "@" in found or len(ids) == 1]
        if bracketed or loose:
            return [*bracketed, *loose][0]
    return None


def find_references(headers: Headers) -> tuple[str, ...]:
    """Return the ids of all References fields, oldest first, each once (mail.md 67)."""
    found: dict[str, None] = {}
    for raw in headers.every("references"):
        found.update((id_, None) for id_, bracketed in _ids(raw) if bracketed or "@" in id_)
    ids = list(found)
    if len(ids) > MAX_REFERENCES:
        ids = [ids[0], *ids[-MAX_REFERENCES + 1 :]]
    return tuple(ids)


def find_date(headers: Headers) -> datetime | None:
    """Return the Date as aware time, None if it is missing or impossible."""
    raw = headers.first("date")
    if raw is None:
        return None
    try:
        parsed = parsedate_tz(raw[:_LONGEST_DATE].decode("latin-1"))
        if parsed is None:
            return None
        zone = timezone(timedelta(seconds=parsed[9] or 0))
        moment = datetime(*parsed[:6], tzinfo=zone)
        in_bounds = _FIRST_YEAR <= moment.year <= _LAST_YEAR
        return moment.astimezone(UTC) if in_bounds else None
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def find_delivered_to(headers: Headers) -> tuple[str, ...]:
    """Return the addresses that mail servers noted as recipients, each once."""
    found: dict[str, None] = {}
    for name in _DELIVERED:
        for mailbox in find_mailboxes(headers, name)[:_MAX_RESULTS]:
            if mailbox.email:
                found[mailbox.email] = None
    return tuple(found)


def find_authentication_results(headers: Headers) -> tuple[str, ...]:
    """Return the Authentication-Results fields, topmost first; nothing here is trusted yet.

    Not decoded: an encoded word in them is what a sender wrote into an address, and might
    hold the semicolon before a result of its own (RFC 2047 5).
    """
    values = headers.every("authentication-results")[:_MAX_RESULTS]
    return tuple(" ".join(_undecoded(value[:_LONGEST_RESULT]).split()) for value in values)


def _undecoded(raw: bytes) -> str:
    """Raw field as text that gives its bytes back: encoded words and 8-bit bytes untouched."""
    return raw.decode("utf-8", "surrogateescape")


def _spelled(address: str, fallback: str | None) -> str:
    if address.isascii():
        return clean_line(address)
    return clean_line(decode_header_bytes(address.encode("utf-8", "surrogateescape"), fallback))


def _display(name: str, fallback: str | None) -> str:
    if name.isascii() and "=?" not in name:
        return clean_line(_BLANKS.sub(" ", name))[:_LONGEST_NAME]
    text = decode_words(name.encode("utf-8", "surrogateescape"), fallback)
    return _BLANKS.sub(" ", clean_line(text)).strip('" ')[:_LONGEST_NAME].strip()


def _ids(raw: bytes) -> list[tuple[str, bool]]:
    """Return all ids in normal form, and whether each stood in brackets; comments are skipped."""
    found = []
    for bracketed, token in _ID.findall(raw[:_LONGEST_LIST]):
        # Folding inside an id leaves blanks that do not belong to it.
        bare = clean_line(b"".join((bracketed or token).split()).decode("utf-8", "replace"))
        if 0 < len(bare) <= _LONGEST_ID:
            found.append((f"<{bare}>", bool(bracketed)))
    return found
