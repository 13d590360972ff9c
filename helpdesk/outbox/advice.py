"""What a failed step of a connection test means, in plain sentences; for both ways of mail.

Looked up from the particular to the general: this cause at this step, this cause
anywhere, this step whatever the cause. What a server or the system said is quoted
beside the sentence, never in place of it.
"""

import errno
import socket
import ssl
from collections.abc import Mapping
from enum import StrEnum

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise


class Cause(StrEnum):
    """Why a step failed, as far as the error tells."""

    ANSWER = "answer"  # the server said no
    UNKNOWN_NAME = "unknown_name"
    TIMEOUT = "timeout"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    HUNG_UP = "hung_up"
    EXPIRED = "expired"
    NOT_YET = "not_yet"
    SELF_SIGNED = "self_signed"
    UNKNOWN_ISSUER = "unknown_issuer"
    OTHER_NAME = "other_name"
    UNTRUSTED = "untrusted"
    NO_TLS = "no_tls"
    OWN = "own"  # we gave up ourselves, before or without a word of the server


# OpenSSL's codes of verification (x509_vfy.h).
VERIFICATION = {
    9: Cause.NOT_YET,
    10: Cause.EXPIRED,
    18: Cause.SELF_SIGNED,
    19: Cause.UNKNOWN_ISSUER,
    20: Cause.UNKNOWN_ISSUER,
    21: Cause.UNKNOWN_ISSUER,
    62: Cause.OTHER_NAME,
    64: Cause.OTHER_NAME,
}
# The first kind that fits counts, so the particular stand before the general.
KINDS: tuple[tuple[type[OSError], Cause], ...] = (
    (ssl.SSLEOFError, Cause.HUNG_UP),
    (ssl.SSLError, Cause.NO_TLS),
    (socket.gaierror, Cause.UNKNOWN_NAME),
    (TimeoutError, Cause.TIMEOUT),
    (ConnectionRefusedError, Cause.REFUSED),
    (ConnectionError, Cause.HUNG_UP),
)
ERRNOS = {
    errno.ENETUNREACH: Cause.UNREACHABLE,
    errno.EHOSTUNREACH: Cause.UNREACHABLE,
    errno.ENETDOWN: Cause.UNREACHABLE,
}

ANYWHERE: Mapping[Cause, StrOrPromise] = {
    Cause.TIMEOUT: _(
        "The server stopped answering. Try again in a few minutes. If that does not help, ask "
        "those who run the server."
    ),
    Cause.REFUSED: _("Nobody answers at this port. Check host and port."),
    Cause.UNREACHABLE: _(
        "There is no way to this server from here. Check the network and the firewall."
    ),
    Cause.HUNG_UP: _(
        "The server closed the connection. Check port and encryption. If both are right, try "
        "again in a few minutes."
    ),
    Cause.EXPIRED: _(
        "The certificate of the server has expired. Those who run the server have to renew it."
    ),
    Cause.NOT_YET: _(
        "The certificate of the server is not valid yet. Check the clock of this machine. If it "
        "is right, those who run the server have to replace the certificate."
    ),
    Cause.SELF_SIGNED: _(
        "The server made its certificate itself, so it could be anybody's. Have a trusted "
        "certificate installed there, or let your operators trust this one (SSL_CERT_FILE)."
    ),
    Cause.UNKNOWN_ISSUER: _(
        "The certificate of the server comes from an authority that is not known here. Let your "
        "operators trust it (SSL_CERT_FILE), or have a known one used."
    ),
    Cause.OTHER_NAME: _(
        "The certificate of the server is made out for another name. Enter the host as it is "
        "named in the certificate."
    ),
    Cause.UNTRUSTED: _(
        "The certificate of the server can't be trusted. Those who run the server have to "
        "replace it."
    ),
    Cause.NO_TLS: _(
        "At this port the server does not speak the encryption that is set. Try the other kind "
        "(TLS or STARTTLS), or another port."
    ),
}
AT_STEP: Mapping[tuple[str, Cause], StrOrPromise] = {
    ("tcp", Cause.TIMEOUT): _(
        "The server did not answer in time. Check host and port, and whether a firewall is in "
        "the way."
    ),
    ("tls", Cause.OWN): _(
        "The server offers no encryption at this port. Choose TLS and the port for it. Nothing "
        "is sent without encryption."
    ),
    ("login", Cause.OWN): _(
        "The server offers no way of logging in that works here. Ask those who run the server "
        "to allow PLAIN or LOGIN."
    ),
}
STEPS: Mapping[str, StrOrPromise] = {
    "settings": _(
        "These settings can't be used. Enter the name of a mail server; without encryption only "
        "a server on this machine is allowed."
    ),
    "dns": _("No server of this name was found. Check the spelling of the host."),
    "tcp": _("The server answers, but not as a mailbox does. Check the port."),
    "banner": _("The server answers, but not as a mail server does. Check the port."),
    "ehlo": _(
        "The server does not want to talk to this machine. Ask those who run it to let it in."
    ),
    "tls": _("The server refuses encryption. Choose TLS and the port for it."),
    "login": _("The server refuses the login. Check user name and password."),
    "folder": _("The folder is not there or may not be opened. Check its name and the rights."),
    "permission": _(
        "The folder may be read but not changed: mail there could not be marked, moved or deleted. "
        "Have this user given the right to change it."
    ),
    "arrival": _(
        "The test mail was sent, but the mailbox could not be read afterwards. Try again."
    ),
    "mail": _(
        "The server does not let this user send from this address. Check the address, or have "
        "it allowed there."
    ),
    "recipient": _("The server does not take mail for this address. Check the address."),
    "done": _("The server did not take the test mail. What it says tells why."),
}
# Steps of sending that share their sentences with those of receiving.
SAME = {"connect": "tcp", "data": "done", "content": "done", "reply": "done"}


def sentence(step: str, cause: Cause) -> str:
    """Return what failed at ``step`` and what to do, in the reader's language."""
    step = SAME.get(step, step)
    return str(AT_STEP.get((step, cause)) or ANYWHERE.get(cause) or STEPS[step])


def cause_of(error: BaseException | None) -> Cause:
    """Tell why something failed; anything but a failure of network or TLS is an answer."""
    root = root_of(error)
    if root is None:
        return Cause.OWN
    if isinstance(root, ssl.SSLCertVerificationError):
        return VERIFICATION.get(root.verify_code, Cause.UNTRUSTED)
    known = next((cause for kind, cause in KINDS if isinstance(root, kind)), None)
    if known is None and isinstance(root, OSError):
        known = ERRNOS.get(root.errno or 0, Cause.UNREACHABLE)
    return known or Cause.ANSWER


def system_words(error: BaseException | None) -> str:
    """Return what TLS or the system said, to be quoted; empty where it says no more than we do."""
    root = root_of(error)
    if isinstance(root, ssl.SSLCertVerificationError):
        return root.verify_message
    if isinstance(root, ssl.SSLError):
        return root.reason or ""
    return (root.strerror or "") if isinstance(root, OSError) else ""


def root_of(error: BaseException | None) -> BaseException | None:
    """Return the error from which the others were raised."""
    while error is not None and error.__cause__ is not None:
        error = error.__cause__
    return error
