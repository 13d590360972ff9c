"""Web Push: a short message sealed for one browser, and the proof of who sends it.

RFC 8291 (encryption), RFC 8188 (its one record), RFC 8292 (VAPID). Nothing is sent here: what a
push service is posted is made of keys alone.
"""

import base64
import binascii
import json
import os
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

POINT, SECRET = 65, 16
RECORD = 4096
# RFC 8292 2: at most a day; short, so that one that leaks is soon worth nothing.
LIFETIME = 12 * 3600
_CURVE = ec.SECP256R1()


class BadKeyError(ValueError):
    """A browser's key is none."""


@dataclass(frozen=True, slots=True)
class Browser:
    """Where a browser is pushed to, with its keys as it wrote them (base64url)."""

    endpoint: str
    p256dh: str
    auth: str


def encode(raw: bytes) -> str:
    """Return bytes as base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """Return the bytes of base64url, padded or not; raises BadKeyError."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadKeyError from error


def new_identity() -> tuple[str, str]:
    """Return a new pair of keys by which this installation proves itself: private, public."""
    private = ec.generate_private_key(_CURVE)
    number = private.private_numbers().private_value.to_bytes(32, "big")
    return encode(number), encode(_point(private.public_key()))


def check_browser(browser: Browser) -> None:
    """Raise BadKeyError unless both keys of a browser are such."""
    _public(browser.p256dh)
    if len(decode(browser.auth)) != SECRET:
        raise BadKeyError


def seal(message: bytes, browser: Browser) -> bytes:
    """Return a message that only this browser can read (RFC 8291 3.4)."""
    theirs = _public(browser.p256dh)
    own = ec.generate_private_key(_CURVE)
    salt = os.urandom(16)
    info = b"WebPush: info\0" + _point(theirs) + _point(own.public_key())
    secret = _derived(own.exchange(ec.ECDH(), theirs), decode(browser.auth), info, 32)
    key = _derived(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derived(secret, salt, b"Content-Encoding: nonce\0", 12)
    # RFC 8188 2: one record, the last, without padding.
    sealed = AESGCM(key).encrypt(nonce, message + b"\x02", None)
    head = salt + RECORD.to_bytes(4, "big") + bytes([POINT]) + _point(own.public_key())
    return head + sealed


def proof(browser: Browser, *, private: str, public: str, contact: str) -> str:
    """Return the Authorization header by which a push service knows us (RFC 8292 3)."""
    parts = urlsplit(browser.endpoint)
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": int(time.time()) + LIFETIME,
        "sub": contact,
    }
    signed = ".".join(encode(json.dumps(part).encode()) for part in (_HEADER, claims))
    key = ec.derive_private_key(int.from_bytes(decode(private), "big"), _CURVE)
    pair = decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
    signature = encode(b"".join(number.to_bytes(32, "big") for number in pair))
    return f"vapid t={signed}.{signature}, k={public}"


_HEADER = {"typ": "JWT", "alg": "ES256"}


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )


def _public(text: str) -> ec.EllipticCurvePublicKey:
    raw = decode(text)
    if len(raw) != POINT:
        raise BadKeyError
    try:
        # A point that does not lie on the curve is refused here.
        return ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, raw)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise BadKeyError from error


def _derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length=length, salt=salt, info=info).derive(secret)
