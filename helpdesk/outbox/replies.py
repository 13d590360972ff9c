"""What a server's last line says: in plain words for people, and the name it gave the mail."""

import re

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

_STATUS = re.compile(
    r"\A(?P<code>[245]\d\d)(?:[ -]+(?P<class>[245])\.(?P<detail>\d{1,3}\.\d{1,3}))?"
)
UNKNOWN_ADDRESS = _(
    "This address does not exist there. Check the spelling, or ask for another one."
)
FULL = _("The mailbox of the recipient is full. Reach them by another way, or try again later.")
TOO_LARGE = _("The mail is too large for the recipient. Send it without files, or in parts.")
REFUSED_SENDER = _("The server does not let us send from this address. Tell those who run it.")
FORGERY = _(
    "The recipient's server takes our mail for forged. SPF, DKIM or DMARC of our domain have to "
    "be put right."
)
POLICY = _("The recipient's server refuses our mail by its rules, perhaps as spam.")
LOGIN = _("The server refuses our login. User name and password have to be checked.")
BUSY = _("The server is busy. It is tried again by itself.")
# Detail of the enhanced status (RFC 3463) → words; looked up before the plain code.
DETAILS: dict[str, StrOrPromise] = {
    **dict.fromkeys(("1.1", "1.2", "1.3", "1.6", "1.10", "4.4"), UNKNOWN_ADDRESS),
    "2.1": _("The mailbox of the recipient is closed. Ask for another address."),
    "2.2": FULL,
    "3.1": FULL,
    **dict.fromkeys(("2.3", "3.4", "7.17"), TOO_LARGE),
    **dict.fromkeys(("1.7", "1.8", "7.60"), REFUSED_SENDER),
    **dict.fromkeys(("7.20", "7.21", "7.22", "7.23", "7.24", "7.25", "7.26"), FORGERY),
    **dict.fromkeys(("7.8", "7.9"), LOGIN),
    "7.1": POLICY,
    "6.7": _("The server can't take addresses with letters beyond ASCII. Ask for another address."),
}
CODES: dict[str, StrOrPromise] = {
    **dict.fromkeys(("421", "450", "451"), BUSY),
    "452": FULL,
    "550": UNKNOWN_ADDRESS,
    "551": UNKNOWN_ADDRESS,
    "552": TOO_LARGE,
    "553": UNKNOWN_ADDRESS,
    "554": POLICY,
    **dict.fromkeys(("530", "534", "535", "538"), LOGIN),
}
# What we say ourselves when no server did: the beginning of the line → words.
OURS: dict[str, StrOrPromise] = {
    "no reply": _("The server stopped answering."),
    "nobody answers": _("Nobody answers at the port of our mail server."),
    "the server closed": _("The server broke off the connection."),
    "the name of the server": _("Our mail server was not found. Its name has to be checked."),
    "the certificate": _("The certificate of our mail server can't be trusted."),
    "no TLS": _("No encrypted connection to our mail server was possible."),
    "the server does not offer STARTTLS": _("Our mail server offers no encryption."),
    "the sending process ended": _("Our own service was ended while it was sending."),
    "the mail server can't take": DETAILS["6.7"],
    "waits for the virus scanner": _(
        "It goes out as soon as the virus scanner has looked at its files. If that takes long, "
        "tell those who run the scanner."
    ),
    "the link in it was over": _(
        "The link in this mail was over before it could be sent. Whoever needs one can ask for a "
        "new one."
    ),
    "held back": _("The virus scanner holds a file of this mail. Write again without it."),
}
# Postfix, Exim, Sendmail and OpenSMTPD, Exchange, qmail, Gmail: how each names what it took.
_QUEUE_IDS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\bqueued as ([\w.-]{4,60})",
        r"\bid=([\w.-]{4,60})",
        r"\bInternalId=(\d{4,40})",
        r"\bqp (\d{2,20})",
        r"\b([\w.-]{6,60}) message accepted",
        r"\bOK +\d{6,} +([\w.-]{6,60})",
    )
)


def in_plain_words(reply: str) -> str:
    """Return what ``reply`` means and what to do, in the reader's language; "" if unknown."""
    found = _STATUS.match(reply)
    if found is None:
        words = next((words for start, words in OURS.items() if reply.startswith(start)), "")
        return str(words)
    detail = found["detail"] or ""
    if found["class"] == "4" and found["code"][0] == "4" and detail not in {"2.2", "3.1"}:
        return str(BUSY)
    return str(DETAILS.get(detail) or CODES.get(found["code"]) or "")


def queue_id_of(reply: str) -> str:
    """Return the name under which a server queued the mail, as far as its reply tells."""
    if not reply.startswith("2"):
        return ""
    found = (pattern.search(reply) for pattern in _QUEUE_IDS)
    return next((match[1].rstrip(".") for match in found if match), "")
