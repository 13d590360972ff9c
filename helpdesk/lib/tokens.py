"""Signed tokens that nobody who knows only public things can forge (mail.md 62).

A MAC is HMAC-SHA-256 cut to 128 bits, written in lower-case base32 so that it
survives mail programs that change case. Comparison takes constant time.
"""

import base64
import hashlib
import hmac
import re
import secrets

MAC_BYTES = 16
_MESSAGE_ID = re.compile(
    r"<?\s*an\.([a-z0-9]{1,24})\.([a-z2-7]{8,32})\.([a-z2-7]{26})@", re.IGNORECASE
)


def _base32(data: bytes) -> str:
    return base64.b32encode(data).decode().rstrip("=").lower()


def mac(key: bytes, *parts: str) -> str:
    """Return the 128-bit MAC of ``parts``, which are length-prefixed against mix-ups."""
    digest = hmac.new(key, digestmod=hashlib.sha256)
    for part in parts:
        encoded = part.encode()
        digest.update(len(encoded).to_bytes(4, "big") + encoded)
    return _base32(digest.digest()[:MAC_BYTES])


def matches(expected: str, given: str) -> bool:
    """Compare two MACs in constant time, whatever the case of letters."""
    return hmac.compare_digest(expected.encode(), given.lower().encode())


def new_nonce(size: int = 10) -> str:
    """Return ``size`` random bytes in lower-case base32."""
    return _base32(secrets.token_bytes(size))


def digest(secret: str) -> str:
    """Return what may be stored of a secret link: its SHA-256."""
    return hashlib.sha256(secret.encode()).hexdigest()


def mint_message_id(key: bytes, *, scope: str, domain: str) -> str:
    """Return a new Message-ID ``<an.scope.nonce.mac@domain>`` that proves its scope."""
    nonce = new_nonce()
    return f"<an.{scope}.{nonce}.{mac(key, 'message-id', scope, nonce)}@{domain}>"


def read_message_id(key: bytes, message_id: str) -> str | None:
    """Return the scope that a Message-ID of ours proves, or None for any other."""
    found = _MESSAGE_ID.match(message_id.strip())
    if not found:
        return None
    scope, nonce, given = (part.lower() for part in found.groups())
    return scope if matches(mac(key, "message-id", scope, nonce), given) else None
