"""What is inside a CMS envelope (RFC 5652): the kind, and the content of an opaque signature."""

from dataclasses import dataclass

# DER of the object identifiers that say what a ContentInfo holds.
_SIGNED = bytes.fromhex("06092a864886f70d010702")
_ENVELOPED = bytes.fromhex("06092a864886f70d010703")
_AUTH_ENVELOPED = bytes.fromhex("060b2a864886f70d0109100117")
_DATA = bytes.fromhex("06092a864886f70d010701")
_OCTETS = 0x04
_CONSTRUCTED_OCTETS = 0x24
_END_OF_CONTENT = b"\x00\x00"
_MAX_PIECES = 200_000


@dataclass(frozen=True, slots=True)
class _Element:
    """One BER element: tag, where its content starts, where it ends (None: not told)."""

    tag: int
    start: int
    end: int | None


def cms_kind(payload: bytes) -> str | None:
    """Return "signed" or "encrypted" by the envelope's own identifier, None if it is no CMS."""
    head = payload[:64]
    if _ENVELOPED in head or _AUTH_ENVELOPED in head:
        return "encrypted"
    return "signed" if _SIGNED in head else None


def signed_content(payload: bytes) -> bytes | None:
    """Return the mail inside an opaque-signed envelope; None if it can't be found.

    Nothing is verified: mail.md 39 shows such a mail as "not checked".
    """
    if cms_kind(payload) != "signed":
        return None
    at = payload.find(_DATA, 0, 400)
    if at < 0:
        return None
    explicit = _element(payload, at + len(_DATA))
    if explicit is None or explicit.tag != 0xA0:
        return None
    octets = _element(payload, explicit.start)
    if octets is None:
        return None
    return _octets(payload, octets)


def _octets(payload: bytes, element: _Element) -> bytes | None:
    if element.tag == _OCTETS and element.end is not None:
        return payload[element.start : element.end]
    if element.tag != _CONSTRUCTED_OCTETS:
        return None
    pieces: list[bytes] = []
    at = element.start
    limit = element.end if element.end is not None else len(payload)
    while at < limit and len(pieces) < _MAX_PIECES:
        piece = _element(payload, at)
        if piece is None or piece.end is None or piece.tag != _OCTETS:
            break
        pieces.append(payload[piece.start : piece.end])
        at = piece.end
    return b"".join(pieces) or None


def _element(payload: bytes, at: int) -> _Element | None:
    """Read tag and length at a position (X.690 8.1); None beyond the end."""
    if at < 0 or at + 2 > len(payload) or payload[at : at + 2] == _END_OF_CONTENT:
        return None
    tag, first = payload[at], payload[at + 1]
    if first < 0x80:
        return _Element(tag, at + 2, min(at + 2 + first, len(payload)))
    if first == 0x80:
        return _Element(tag, at + 2, None)
    count = first & 0x7F
    length = int.from_bytes(payload[at + 2 : at + 2 + count], "big")
    start = at + 2 + count
    return _Element(tag, start, min(start + length, len(payload)))
