"""Numbers for the staff and speakable references for citizens."""

import secrets
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import connection

from helpdesk.agents.models import Authority
from helpdesk.lib.statements import Lookup
from helpdesk.tickets.models import NumberSeries, Ticket

# 31 signs, a prime: with weights 1 to 5 every single wrong sign and every
# swap of two signs changes the check sign. No 0/O, 1/I; no U beside V.
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTVWXYZ"
RANDOM_SIGNS = 5
_TAKEN = Lookup(
    lambda authority_id, reference: Ticket.objects.filter(
        authority_id=authority_id, reference=reference
    ).values_list("pk"),
    authority_id=int,
    reference=str,
)
_LOOKALIKES = str.maketrans({"0": "Q", "O": "Q", "1": "J", "I": "J", "U": "V"})


def check_sign(signs: str) -> str:
    """Return the sign that makes ``signs`` a reference."""
    total = sum(weight * ALPHABET.index(sign) for weight, sign in enumerate(signs, start=1))
    return ALPHABET[total % len(ALPHABET)]


def format_reference(prefix: str, signs: str) -> str:
    """Write ``signs`` with their check sign in groups: MU-7K4P-2Q."""
    whole = signs + check_sign(signs)
    return f"{prefix}-{whole[:4]}-{whole[4:]}"


def read_reference(text: str) -> str | None:
    """Return a reference as stored, however it was typed; None if a sign is wrong."""
    plain = "".join(sign for sign in text.upper() if sign.isalnum())
    prefix, signs = plain[: -(RANDOM_SIGNS + 1)], plain[-(RANDOM_SIGNS + 1) :]
    signs = signs.translate(_LOOKALIKES)
    if len(signs) != RANDOM_SIGNS + 1 or any(sign not in ALPHABET for sign in signs):
        return None
    if check_sign(signs[:-1]) != signs[-1]:
        return None
    return format_reference(prefix, signs[:-1])


def next_number(authority: Authority, at: datetime) -> str:
    """Draw the next number of the authority's year; its row stays locked until commit."""
    year = at.astimezone(ZoneInfo(authority.time_zone)).year
    last = _draw(authority, year)
    if last is None:
        NumberSeries.objects.get_or_create(authority=authority, year=year)
        last = _draw(authority, year)
    return f"{year}-{last:06d}"


def _draw(authority: Authority, year: int) -> int | None:
    # One statement instead of two for every ticket; the ORM knows no RETURNING for an update.
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE tickets_numberseries SET last = last + 1"
            " WHERE authority_id = %s AND year = %s RETURNING last",
            [authority.pk, year],
        )
        row: tuple[int] | None = cursor.fetchone()
    return row[0] if row else None


def new_reference(authority: Authority) -> str:
    """Draw a reference that no ticket of the authority has yet."""
    while True:
        signs = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_SIGNS))
        reference = format_reference(authority.reference_prefix, signs)
        if not _TAKEN.first(authority_id=authority.pk, reference=reference):
            return reference
