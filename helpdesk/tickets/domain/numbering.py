"""Draws numbers for the staff and speakable references for citizens."""

import secrets
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import connection

from helpdesk.agents.models import Authority
from helpdesk.lib.statements import Lookup
from helpdesk.tickets.models import NumberSeries, Ticket
from helpdesk.tickets.references import ALPHABET, RANDOM_SIGNS, format_reference

_TAKEN = Lookup(
    lambda authority_id, reference: Ticket.objects.filter(
        authority_id=authority_id, reference=reference
    ).values_list("pk"),
    "authority_id",
    "reference",
)


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
