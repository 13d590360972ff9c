"""What is read of raw mail before any parser: its identity, cheaply and without failing."""

import hashlib
import re

# Headers that hops add on the way: two copies of one mail differ in them alone (mail.md 3).
TRACE_HEADERS = frozenset(
    {
        b"received",
        b"received-spf",
        b"return-path",
        b"delivered-to",
        b"x-delivered-to",
        b"x-original-to",
        b"envelope-to",
        b"x-envelope-to",
        b"x-envelope-from",
        b"authentication-results",
        b"arc-authentication-results",
        b"arc-message-signature",
        b"arc-seal",
        b"delivery-date",
        b"x-received",
        b"x-spam-checker-version",
        b"x-spam-flag",
        b"x-spam-level",
        b"x-spam-score",
        b"x-spam-status",
        b"x-spamd-result",
        b"x-uid",
        b"x-uidl",
        b"status",
        b"x-status",
        b"x-mozilla-status",
        b"x-mozilla-status2",
        b"content-length",
    }
)
MAX_HEADER_BYTES = 1024 * 1024
MAX_ID_LENGTH = 500
DERIVED_DOMAIN = "derived.invalid"
_END_OF_HEADER = re.compile(rb"\r?\n\r?\n")
_FIELD = re.compile(rb"[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*(?:\r?\n|\Z)")
_NAME = re.compile(rb"\s*([!-9;-~]{1,80})[ \t]*:")
# What a mail server writes before a mail that it gives to a pipe: sender and time of this try.
_MBOX = re.compile(rb">?From [^\r\n]*(?:\r?\n|\Z)")
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"@]{1,64}@[A-Za-z0-9.-]{1,253}")
_ID = re.compile(rb"<([^<>\r\n]{1,400})>")


def content_hash(raw: bytes) -> str:
    """Return the SHA-256 of a mail without its trace headers, line ends made equal.

    Nor does the "From " line count: the same mail that is given to a pipe once more bears
    another time in it.
    """
    header, body = _split(raw)
    header = header[mbox.end() :] if (mbox := _MBOX.match(header)) else header
    digest = hashlib.sha256()
    for name, field in _fields(header):
        if name not in TRACE_HEADERS:
            digest.update(field.rstrip(b"\r\n").replace(b"\r\n", b"\n") + b"\n")
    digest.update(body.replace(b"\r\n", b"\n"))
    return digest.hexdigest()


def find_message_id(raw: bytes) -> str | None:
    """Return the first Message-ID as written, in angle brackets, or None."""
    header, _body = _split(raw)
    for name, field in _fields(header):
        if name == b"message-id":
            value = re.sub(rb"\s+", b" ", field.partition(b":")[2]).strip()
            found = _ID.search(value)
            return _printable(found.group(0) if found else value) or None
    return None


def identify(raw: bytes) -> tuple[str, str]:
    """Return Message-ID and content hash; a mail without an ID gets one from its content.

    The derived one is stable, so that a second fetch is recognised (mail.md 4).
    """
    hashed = content_hash(raw)
    return find_message_id(raw) or f"<{hashed}@{DERIVED_DOMAIN}>", hashed


def find_field(raw: bytes, wanted: str) -> str:
    """Return a header's raw value on one line, or ""; for mails that no parser could read."""
    name_wanted = wanted.lower().encode()
    header, _body = _split(raw)
    for name, field in _fields(header):
        if name == name_wanted:
            return _printable(re.sub(rb"\s+", b" ", field.partition(b":")[2]).strip())
    return ""


def find_ids(raw: bytes, wanted: str) -> tuple[str, ...]:
    """Return the Message-IDs of a header, in order."""
    return tuple(re.findall(r"<[^<>\s]{1,400}>", find_field(raw, wanted)))


def find_sender(raw: bytes) -> str:
    """Return the first address that From names, or ""."""
    found = _ADDRESS.search(find_field(raw, "From"))
    return found.group(0) if found else ""


def is_automatic(raw: bytes) -> bool:
    """Tell whether the plainest signs of a machine are there (RFC 3834 5), without parsing."""
    submitted = find_field(raw, "Auto-Submitted").lower()
    return bool(
        submitted not in {"", "no"}
        or find_field(raw, "List-Id")
        or find_field(raw, "Precedence").lower() in {"bulk", "list", "junk", "auto_reply"}
        or find_field(raw, "Return-Path").replace(" ", "") == "<>"
    )


def fields_of(raw: bytes) -> list[tuple[str, bytes]]:
    """Return all header fields from top to bottom: lower-case name and unfolded raw value."""
    header, _body = _split(raw)
    return [
        (name.decode("ascii"), re.sub(rb"\r?\n[ \t]+", b" ", field.partition(b":")[2]).strip())
        for name, field in _fields(header)
        if name
    ]


def count_received(raw: bytes) -> int:
    """Count the hops a mail has come over (RFC 5321 6.3)."""
    header, _body = _split(raw)
    return sum(name == b"received" for name, _field in _fields(header))


def _split(raw: bytes) -> tuple[bytes, bytes]:
    found = _END_OF_HEADER.search(raw, 0, MAX_HEADER_BYTES)
    if found:
        return raw[: found.start()], raw[found.end() :]
    return raw[:MAX_HEADER_BYTES], raw[MAX_HEADER_BYTES:]


def _fields(header: bytes) -> list[tuple[bytes, bytes]]:
    """Return (lower-case name, whole field) in order; a line without a name has name b""."""
    found: list[tuple[bytes, bytes]] = []
    position = 0
    while position < len(header):
        match = _FIELD.match(header, position)
        if match is None or match.end() == position:
            break
        name = _NAME.match(match.group(0))
        found.append((name.group(1).lower() if name else b"", match.group(0)))
        position = match.end()
    return found


def _printable(value: bytes) -> str:
    text = value.decode("utf-8", "replace")
    return "".join(char for char in text if char.isprintable())[:MAX_ID_LENGTH]
