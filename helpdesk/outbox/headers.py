"""What may stand in the head of a mail; nothing foreign gets past here unclean (mail.md 104)."""

import re
import unicodedata
from collections.abc import Iterable, Mapping

import idna

MAXIMUM_LINE = 900
MAXIMUM_REFERENCES = 3000
NEWEST_REFERENCES = 20
MAXIMUM_LOCAL = 64
MAXIMUM_ADDRESS = 254
MAXIMUM_NAME = 160

# Headers that a caller may set; everything else is written by compose.py alone.
ALLOWED_HEADERS = frozenset(
    {
        "Auto-Submitted",
        "Content-Language",
        "List-Id",
        "List-Unsubscribe",
        "List-Unsubscribe-Post",
        "Precedence",
        "Reply-To",
        "Thread-Index",
        "Thread-Topic",
    }
)
# Marks that change the direction of what follows can disguise a name.
_DIRECTION = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C))
_DOT_ATOM = re.compile(r"[^\x00-\x20\x7f-\xa0\"(),:;<>@\[\\\]]+")
_QUOTED = re.compile(r"\"[A-Za-z0-9 .!#$%&'*+/=?^_`{|}~-]+\"")
_HOST = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*")
_CID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,80}(?:@[A-Za-z0-9.-]{1,60})?")
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,250}>")


class InvalidAddressError(ValueError):
    """Not an address to which a mail can be sent; the message says why."""


class HeaderNotAllowedError(ValueError):
    """A header that only the outbox itself may write."""


def one_line(value: str) -> str:
    """Return ``value`` without control characters, runs of white space and direction marks."""
    if value.isascii() and value.isprintable():
        return " ".join(value.split())
    spaced = "".join(
        " " if char.isspace() or unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} else char
        for char in value.translate(_DIRECTION)
    )
    return " ".join(spaced.split())


def clean_text(text: str) -> str:
    """Return a body with plain line ends and without what neither a mail nor a row may hold."""
    unix = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    return unix.encode("utf-8", "replace").decode()


def clean_name(name: str) -> str:
    """Return a display name for one line of a header, of at most 160 characters."""
    return one_line(name)[:MAXIMUM_NAME].strip()


def ascii_domain(domain: str) -> str:
    """Return ``domain`` in its A-label form (RFC 5891); raise InvalidAddressError.

    What is ASCII already only needs the shape of a host name, underscores included;
    whether it exists is for the server to say.
    """
    bare = domain.rstrip(".")
    try:
        encoded = bare if bare.isascii() else idna.encode(bare, uts46=True).decode()
    except (idna.IDNAError, UnicodeError) as error:
        raise InvalidAddressError(f"{domain[:80]!r} is not the name of a mail domain.") from error
    if not _HOST.fullmatch(encoded):
        raise InvalidAddressError(f"{domain[:80]!r} is not the name of a mail domain.")
    return encoded.lower()


def clean_address(address: str) -> str:
    """Return ``address`` as written, checked; raise InvalidAddressError when it is none.

    White space around it and control characters inside are dropped first, so
    that nothing may begin a second header or name a second recipient.
    """
    bare = one_line(address)
    local, at, domain = bare.rpartition("@")
    if not at or not local or not domain:
        raise InvalidAddressError(f"{bare[:80]!r} is not an address: it needs one @.")
    if not (_DOT_ATOM.fullmatch(local) or _QUOTED.fullmatch(local)):
        raise InvalidAddressError(f"{bare[:80]!r} is not an address: a sign is not allowed in it.")
    if len(local.encode()) > MAXIMUM_LOCAL or len(bare.encode()) > MAXIMUM_ADDRESS:
        raise InvalidAddressError(f"{bare[:80]!r} is too long for an address.")
    ascii_domain(domain)
    return f"{local}@{domain}"


def wire_address(address: str) -> str:
    """Return ``address`` with its domain in A-labels; the local part stays as it is."""
    local, _, domain = address.rpartition("@")
    return f"{local}@{ascii_domain(domain)}"


def clean_message_id(value: str) -> str:
    """Return the first Message-ID in ``value`` with its brackets, or nothing."""
    found = _MESSAGE_ID.search(value)
    return found.group() if found else ""


def clean_cid(value: str) -> str:
    """Return a content id that needs no quoting anywhere, or nothing."""
    return value[:100] if _CID.fullmatch(value[:100]) else ""


def trim_references(references: Iterable[str], in_reply_to: str = "") -> str:
    """Return a References value: the first and the last 20, at most 3,000 bytes (mail.md 99).

    ``in_reply_to`` ends the list, as RFC 5322 3.6.4 demands. What is no
    Message-ID or stands there twice is left out; the newest mention stays.
    """
    wanted = [clean_message_id(value) for value in (*references, in_reply_to)]
    unique = list(dict.fromkeys(reversed([value for value in wanted if value])))[::-1]
    kept = unique if len(unique) <= NEWEST_REFERENCES + 1 else unique[-NEWEST_REFERENCES:]
    if kept is not unique:
        kept = [unique[0], *kept]
    while len(" ".join(kept)) > MAXIMUM_REFERENCES:
        del kept[1]
    return " ".join(kept)


def clean_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Return further headers on one line each; raise HeaderNotAllowedError for any of ours."""
    cleaned = {}
    for name, value in headers.items():
        if name not in ALLOWED_HEADERS:
            raise HeaderNotAllowedError(f"{name[:60]!r} may not be set from outside.")
        if line := one_line(value):
            cleaned[name] = line
    return cleaned
