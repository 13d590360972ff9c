"""Whose certificate or key came along with a mail; read to be shown, nothing is verified."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import NameOID

from channels_in.mail.openpgp import read_openpgp

SMIME = frozenset(
    {
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
        "application/pkcs7-mime",
        "application/x-pkcs7-mime",
    }
)
PGP = frozenset({"application/pgp-signature", "application/pgp-keys"})
OPENPGP = "OpenPGP"
# An opaque signature holds the whole mail.
LONGEST = 2_000_000
_MOST = 20
_WORD = 200


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a certificate (RFC 5280) or an OpenPGP key (RFC 9580) says of itself.

    ``holder`` and ``issuer`` are empty, the days None, where it says nothing.
    """

    kind: str
    fingerprint: str
    holder: str = ""
    issuer: str = ""
    since: date | None = None
    until: date | None = None


def read_certificate(content_type: str, payload: bytes) -> Certificate | None:
    """Return the certificate of whoever signed, or the key that signed or came along.

    None where there is none or it can't be read: such a mail is signed all the same.
    """
    if content_type in SMIME:
        return _of_cms(payload)
    found = read_openpgp(payload) if content_type in PGP else None
    return Certificate(OPENPGP, found.fingerprint, found.user_id) if found else None


def _of_cms(payload: bytes) -> Certificate | None:
    try:
        found = pkcs7.load_der_pkcs7_certificates(payload)[:_MOST]
        own = next(filter(_is_of_somebody, found), None)
        return _told_by(own) if own else None
    except Exception:  # noqa: BLE001 - strangers' bytes break rules in ways nobody has listed
        return None


def _is_of_somebody(found: x509.Certificate) -> bool:
    """Tell whether this is no certificate of an authority, which come along as well."""
    try:
        constraints = found.extensions.get_extension_for_class(x509.BasicConstraints)
    except x509.ExtensionNotFound:
        return True
    return not constraints.value.ca


def _told_by(found: x509.Certificate) -> Certificate:
    digest = found.fingerprint(hashes.SHA256()).hex().upper()
    return Certificate(
        kind="S/MIME",
        fingerprint=digest,
        holder=_joined(_words(found.subject), ", ".join(_addresses(found))),
        issuer=_words(found.issuer),
        since=found.not_valid_before_utc.date(),
        until=found.not_valid_after_utc.date(),
    )


def _words(name: x509.Name) -> str:
    """Return the name of a person or else of an organisation."""
    for attribute in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME):
        for each in name.get_attributes_for_oid(attribute):
            return str(each.value)[:_WORD]
    return ""


def _addresses(found: x509.Certificate) -> Iterator[str]:
    try:
        names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return
    yield from [each[:_WORD] for each in names.value.get_values_for_type(x509.RFC822Name)[:3]]


def _joined(name: str, addresses: str) -> str:
    if not addresses or addresses == name:
        return name
    return f"{name} <{addresses}>" if name else addresses
