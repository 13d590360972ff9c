"""Draws numbers for the staff and speakable references for citizens."""

import secrets
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import connection

from helpdesk.agents.models import Authority
from helpdesk.lib.statements import Change, Lookup
from helpdesk.lib.together import Together, current
from helpdesk.tickets.models import NumberSeries, Ticket
from helpdesk.tickets.references import ALPHABET, RANDOM_SIGNS, format_reference

_TAKEN = Lookup(
    lambda authority_id, reference: Ticket.objects.filter(
        authority_id=authority_id, reference=reference
    ).values_list("pk"),
    "authority_id",
    "reference",
)


_COUNTED = Change(
    lambda authority_id, year, last: (
        NumberSeries.objects.filter(authority_id=authority_id, year=year),
        {"last": last},
    ),
    "authority_id",
    "year",
    "last",
)


def next_number(authority: Authority, at: datetime) -> str:
    """Draw the next number of the authority's year; its row stays locked until commit."""
    year = at.astimezone(ZoneInfo(authority.time_zone)).year
    here = current()
    last = _draw(authority, year) if here is None else _count_on(here, authority, year)
    return f"{year}-{last:06d}"


def _count_on(here: Together, authority: Authority, year: int) -> int:
    """Count on from the number that was drawn first, and write the last one with all else."""
    counted = here.once((_draw, authority.pk, year), lambda: [_draw(authority, year) - 1])
    counted[0] += 1
    series = {"authority_id": authority.pk, "year": year, "last": counted[0]}
    here.add_last_change((_COUNTED, authority.pk, year), _COUNTED.apply_to_all, series)
    return counted[0]


def _draw(authority: Authority, year: int) -> int:
    last = _draw_known(authority, year)
    if last is None:
        NumberSeries.objects.get_or_create(authority=authority, year=year)
        last = _draw_known(authority, year)
    assert last is not None  # noqa: S101 - its row was just made
    return last


def _draw_known(authority: Authority, year: int) -> int | None:
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
    here = current()
    if here is not None:
        key = (_free_references, authority.pk)
        return str(here.take(key, lambda count: _free_references(authority, count)))
    while True:
        reference = _random_reference(authority)
        if not _TAKEN.first(authority_id=authority.pk, reference=reference):
            return reference


def _random_reference(authority: Authority) -> str:
    # One draw for all signs: each asks the system, and lets another thread go first.
    drawn, signs = secrets.randbelow(len(ALPHABET) ** RANDOM_SIGNS), ""
    for _ in range(RANDOM_SIGNS):
        drawn, sign = divmod(drawn, len(ALPHABET))
        signs += ALPHABET[sign]
    return format_reference(authority.reference_prefix, signs)


def _free_references(authority: Authority, count: int) -> list[str]:
    """Draw at least one and at most ``count`` references that are free, with one statement."""
    while True:
        drawn = {_random_reference(authority) for _ in range(count)}
        taken = Ticket.objects.filter(authority=authority, reference__in=drawn)
        free = drawn - set(taken.values_list("reference", flat=True))
        if free:
            return list(free)
