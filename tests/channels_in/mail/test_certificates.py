"""Certificates and keys that come along with mail are read to be shown, and harm nothing."""

from base64 import b64decode
from datetime import UTC, date, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509.oid import NameOID

from channels_in.mail.certificates import Certificate, read_certificate

KEY = ec.generate_private_key(ec.SECP256R1())
# The samples of RFC 9580, A.1 and A.2.
PUBLIC_KEY = b"""-----BEGIN PGP PUBLIC KEY BLOCK-----

xjMEU/NfCxYJKwYBBAHaRw8BAQdAPwmJlL3ZFu1AUxl5NOSofIBzOhKA1i+AEJku
Q+47JAY=
-----END PGP PUBLIC KEY BLOCK-----
"""
SIGNATURE = b"""-----BEGIN PGP SIGNATURE-----
Comment: nothing

iF4EABYIAAYFAlX5X5UACgkQjP3hIZeWWpr2IgD/VvkMypjiECY3vZg/2xbBMd/S
ftgr9N3lYG4NdWrtM2YBANCcT6EVJ/A44PV/IgHYLy6iyQMyZfps60iehUuuYbQE
-----END PGP SIGNATURE-----
"""
FINGERPRINT = "C959BDBAFA32A2F89A153B678CFDE12197965A9A"


def name(words: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, words)])


def issued(words: str, *, email: str = "", is_authority: bool = False) -> x509.Certificate:
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(words))
        .issuer_name(name("Amt für Schlüssel"))
        .public_key(KEY.public_key())
        .serial_number(7)
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2028, 12, 31, tzinfo=UTC))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
    )
    if email:
        names = x509.SubjectAlternativeName([x509.RFC822Name(email)])
        builder = builder.add_extension(names, critical=False)
    return builder.sign(KEY, hashes.SHA256())


def signature() -> bytes:
    """Return what a mail program attaches: the certificate of the authority comes first."""
    authority = issued("Amt für Schlüssel", is_authority=True)
    own = issued("Clara Citizen", email="clara@example.org")
    builder = pkcs7.PKCS7SignatureBuilder().set_data(b"Text").add_certificate(authority)
    signed = builder.add_signer(own, KEY, hashes.SHA256())
    return signed.sign(Encoding.DER, [pkcs7.PKCS7Options.DetachedSignature])


def test_certificate_of_a_signature_is_that_of_the_person_and_not_of_its_issuer() -> None:
    own = issued("Clara Citizen", email="clara@example.org")
    pair = pkcs7.serialize_certificates(
        [issued("Amt für Schlüssel", is_authority=True), own], Encoding.DER
    )

    found = read_certificate("application/pkcs7-signature", pair)
    signed = read_certificate("application/x-pkcs7-signature", signature())

    assert found == Certificate(
        kind="S/MIME",
        fingerprint=own.fingerprint(hashes.SHA256()).hex().upper(),
        holder="Clara Citizen <clara@example.org>",
        issuer="Amt für Schlüssel",
        since=date(2026, 1, 1),
        until=date(2028, 12, 31),
    )
    assert signed is not None
    assert signed.holder == "Clara Citizen <clara@example.org>"


def test_key_and_signature_of_openpgp_tell_the_fingerprint() -> None:
    owner = b"\xcd\x1cClara <clara@example.org>\xc3\xa4\xff"

    key = read_certificate("application/pgp-keys", PUBLIC_KEY)
    signed = read_certificate("application/pgp-signature", SIGNATURE)
    owned = read_certificate("application/pgp-keys", bare(PUBLIC_KEY) + owner)

    assert key == Certificate("OpenPGP", FINGERPRINT)
    # An old signature names the end of the fingerprint alone.
    assert signed == Certificate("OpenPGP", FINGERPRINT[-16:])
    assert owned is not None
    assert owned.holder.startswith("Clara <clara@example.org>ä")


def bare(armoured: bytes) -> bytes:
    """Return the packets of an armoured key."""
    return b64decode(b"".join(armoured.splitlines()[2:-1]))


@pytest.mark.parametrize("kind", ["application/pkcs7-signature", "application/pgp-signature"])
def test_what_can_not_be_read_shows_nothing_wherever_it_is_cut_or_changed(kind: str) -> None:
    whole = signature() if "pkcs7" in kind else bare(SIGNATURE)
    cut = [whole[:length] for length in range(0, len(whole) - 1, 7)]
    changed = [
        whole[:at] + bytes([value]) + whole[at + 1 :]
        for at in range(0, len(whole), 5)
        for value in (0, 0x80, 0xFF)
    ]

    for payload in (*cut, *changed, b"-----BEGIN PGP \n\n%%%%", b"\xff" * 100, b"\xc2" * 100):
        found = read_certificate(kind, payload)
        assert found is None or found.fingerprint


def test_a_key_longer_than_any_can_be_shows_nothing() -> None:
    too_long = b"\xc6\xff" + (70_000).to_bytes(4, "big") + b"\x04" * 70_000

    assert read_certificate("application/pgp-keys", too_long) is None
