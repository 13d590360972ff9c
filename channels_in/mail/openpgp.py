"""The fingerprint and owner of an OpenPGP key or signature (RFC 9580); nothing is verified."""

import hashlib
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass

_SIGNATURE, _PUBLIC_KEY, _USER_ID = 2, 6, 13
_ISSUER_KEY_ID, _ISSUER_FINGERPRINT = 16, 33
_ARMOUR = b"-----BEGIN PGP "
_END = b"-----END PGP "
_MOST_PACKETS = 50
_LONGEST_USER_ID = 200


@dataclass(frozen=True, slots=True)
class OpenPgp:
    """A key, by its fingerprint or, in old signatures, the last 16 digits of it."""

    fingerprint: str
    user_id: str = ""


def read_openpgp(payload: bytes) -> OpenPgp | None:
    """Return the first key, or the one that made the first signature; None if none is told."""
    fingerprint = user_id = ""
    for tag, body in _packets(_binary(payload)):
        if not fingerprint and tag == _PUBLIC_KEY:
            fingerprint = _fingerprint(body)
        elif not fingerprint and tag == _SIGNATURE:
            fingerprint = _issuer(body)
        elif not user_id and tag == _USER_ID:
            user_id = body[:_LONGEST_USER_ID].decode("utf-8", "replace")
    return OpenPgp(fingerprint, user_id) if fingerprint else None


def _binary(payload: bytes) -> bytes:
    """Return the packets themselves, out of their armour if they wear one (RFC 9580 6.2)."""
    start = payload.find(_ARMOUR)
    if start < 0:
        return payload
    lines = payload[start : payload.find(_END, start)].splitlines()[1:]
    blank = next((place for place, line in enumerate(lines) if not line.strip()), -1)
    data = b"".join(line.strip() for line in lines[blank + 1 :] if not line.startswith(b"="))
    try:
        return b64decode(data + b"=" * (-len(data) % 4))
    except ValueError:
        return b""


def _packets(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield tag and body of each packet, as far as they have a length (RFC 9580 4.2)."""
    at = 0
    for _ in range(_MOST_PACKETS):
        if at >= len(data) or not data[at] & 0x80:
            return
        head = data[at]
        if head & 0x40:
            tag, (length, used) = head & 0x3F, _length(data, at + 1)
        else:
            size = (1, 2, 4, 0)[head & 3]
            tag, used = head >> 2 & 0x0F, size
            length = int.from_bytes(data[at + 1 : at + 1 + size], "big") if size else len(data)
        if length is None:
            return
        start = at + 1 + used
        yield tag, data[start : start + length]
        at = start + length


def _length(data: bytes, at: int) -> tuple[int | None, int]:
    """Return a length and how many bytes tell it; None for one that is told in pieces."""
    first = data[at] if at < len(data) else 0
    if first < 192:
        return first, 1
    if first < 224:
        return (first - 192 << 8) + int.from_bytes(data[at + 1 : at + 2], "big") + 192, 2
    if first == 255:
        return int.from_bytes(data[at + 1 : at + 5], "big"), 5
    return None, 1


def _fingerprint(body: bytes) -> str:
    """Return the fingerprint of a public key (RFC 9580 5.5.4)."""
    version = body[0] if body else 0
    # The length is told in two bytes here: what is longer is no key, whatever it says.
    if version == 4 and len(body) < 1 << 16:
        told = b"\x99" + len(body).to_bytes(2, "big") + body
        return hashlib.sha1(told, usedforsecurity=False).hexdigest().upper()
    if version == 6:
        return hashlib.sha256(b"\x9b" + len(body).to_bytes(4, "big") + body).hexdigest().upper()
    return ""


def _issuer(body: bytes) -> str:
    """Return the key that a signature says made it (RFC 9580 5.2.3)."""
    version = body[0] if body else 0
    size = {4: 2, 6: 4}.get(version)
    if size is None:
        return ""
    hashed_end = 4 + size + int.from_bytes(body[4 : 4 + size], "big")
    rest = hashed_end + size
    rest_end = rest + int.from_bytes(body[hashed_end:rest], "big")
    found = dict(_subpackets(body[rest:rest_end])) | dict(_subpackets(body[4 + size : hashed_end]))
    issuer = found.get(_ISSUER_FINGERPRINT, b"")[1:] or found.get(_ISSUER_KEY_ID, b"")
    return issuer.hex().upper()


def _subpackets(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    for _ in range(_MOST_PACKETS):
        # Up to 254 begin a length of two bytes here (5.2.3.7); none that is wanted is that long.
        length, used = _length(data, at)
        if not length or at >= len(data):
            return
        start = at + used
        yield data[start] & 0x7F if start < len(data) else 0, data[start + 1 : start + length]
        at = start + length
