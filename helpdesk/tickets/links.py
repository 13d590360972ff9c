"""The secret link by which a citizen follows a ticket, without an account.

The token is a 128-bit MAC over the ticket and its nonce, so that every mail
can carry it although nothing in the database gives it away with the key apart.
A GET never consumes it; a new nonce makes it void at once. The access code is
the same proof in signs that can be read aloud, and void with the link.
"""

import base64
import hmac
import re
from datetime import timedelta
from functools import cache

from django.conf import settings
from django.utils import timezone

from helpdesk.lib.keys import derive_key
from helpdesk.lib.tokens import mac, matches
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.references import format_code

VALID_AFTER_END = timedelta(days=90)
_TOKEN = re.compile(r"([0-9a-z]{1,13})-([a-z2-7]{26})", re.IGNORECASE)
# What a link is written in without a break, also within brackets and marks of HTML.
_WORD = re.compile(r"[^\s<>\"'\[\]()]+")
# Mail servers that check links lay ours into one of theirs: percent-encoded, or by Proofpoint's
# "_" for "/" and "-2D" for "-".
_SLASH, _DASH = r"(?:/|_|%(?:25){0,3}2F)", r"(?:-(?:2D)?|%(?:25){0,3}2D)"
_SECRET = re.compile(rf"{_SLASH}s{_SLASH}[0-9a-z]{{1,13}}{_DASH}[a-z2-7]{{26}}", re.IGNORECASE)
# What base32 of 16 bytes lacks in our way of writing it.
PADDING = "=" * 6
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def to_base36(number: int) -> str:
    """Write a positive number with digits and letters."""
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = _DIGITS[rest] + digits
    return digits or "0"


@cache
def _key() -> bytes:
    return derive_key(settings.MASTER_KEY, "status-link")


def _mac(ticket: Ticket) -> str:
    return mac(_key(), "status-link", str(ticket.pk), ticket.link_nonce)


def status_token(ticket: Ticket) -> str:
    """Return the token that opens this one ticket's status page."""
    return f"{to_base36(ticket.pk)}-{_mac(ticket)}"


def status_url(ticket: Ticket) -> str:
    """Return the absolute address of the status page, always under BASE_URL."""
    base = ticket.authority.base_url or settings.BASE_URL
    return f"{base.rstrip('/')}/s/{status_token(ticket)}/"


def access_code(ticket: Ticket) -> str:
    """Return the speakable code that opens the page together with the reference, 74 bits."""
    key = derive_key(settings.MASTER_KEY, "access-code")
    proof = mac(key, "access-code", str(ticket.pk), ticket.link_nonce)
    return format_code(int.from_bytes(base64.b32decode(proof.upper() + PADDING)))


def proves(ticket: Ticket, code: str) -> bool:
    """Tell in constant time whether ``code``, as it was given out, is the ticket's."""
    return hmac.compare_digest(access_code(ticket).encode(), code.encode())


def without_secrets(ticket: Ticket, text: str, instead: str) -> str:
    """Return a text for somebody who must not open the page: without its links and its code.

    Links of other requests go as well, and those that are void: nobody can tell them by sight.
    Each word is looked at once, from each of its signs at most some fifty ahead, so that no
    text made for it takes long.
    """
    text = _WORD.sub(lambda word: instead if _SECRET.search(word[0]) else word[0], text)
    # Typed by hand or broken by a mail program, the code still opens the page.
    signs = [sign for sign in access_code(ticket) if sign.isalnum()]
    return re.sub(r"[\s-]{0,3}".join(signs), instead, text, flags=re.IGNORECASE)


def find_by_token(token: str) -> Ticket | None:
    """Return the ticket a token opens; None if it is wrong, void or 90 days past the end."""
    found = _TOKEN.fullmatch(token.strip())
    if not found:
        return None
    ticket = (
        Ticket.objects.select_related("authority", "team", "category", "merged_into")
        .filter(pk=int(found.group(1), 36))
        .first()
    )
    if ticket is None or not matches(_mac(ticket), found.group(2)):
        return None
    if has_ended(ticket):
        return None
    return ticket


def has_ended(ticket: Ticket) -> bool:
    """Tell whether the ticket ended so long ago that its links and its code open nothing."""
    return bool(ticket.resolved_at and timezone.now() > ticket.resolved_at + VALID_AFTER_END)
