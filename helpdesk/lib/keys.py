"""One master secret, one derived key per purpose."""

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def derive_key(master: bytes, label: str, length: int = 32) -> bytes:
    """Derive the key for one purpose from the installation's master secret (RFC 5869)."""
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=label.encode()).derive(master)
