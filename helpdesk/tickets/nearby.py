"""Open requests that citizens may be told of while they report the same: that, never what.

Offered only of topics that are set up so. Of a request leave its state, its day, and that it is
near: no word of its citizen's, and no place more exact than a square of a hundred metres, however
often and from wherever is asked (docs/adr/0099).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from helpdesk.tickets.models import Category, Ticket
from helpdesk.tickets.models.ticket import UNFINISHED
from helpdesk.tickets.similar import METRES_A_DEGREE, NEARBY_METRES, street_of

SHOWN = 3
LOOKED_AT = 300
# What has been open for longer is hardly what somebody sees before them today.
SINCE = timedelta(days=180)
# A point is taken for the middle of its square of a thousandth of a degree.
SQUARE = Decimal("0.001")
COLUMNS = ("status", "place", "latitude", "longitude", "received_at")


@dataclass(frozen=True, slots=True)
class Spot:
    """Where somebody reports from: their own words, and a point if their device knew one."""

    place: str
    latitude: Decimal | None = None
    longitude: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Nearby:
    """An open request of the same topic: close by its point, else of the same street."""

    ticket: Ticket
    is_close: bool


def open_nearby(topic: Category, spot: Spot) -> list[Nearby]:
    """Return the open requests of a topic near a spot, the nearest and newest first."""
    if not topic.shows_nearby or not (spot.place or spot.latitude is not None):
        return []
    rows = Ticket.objects.filter(
        authority_id=topic.authority_id,
        category=topic,
        status__in=UNFINISHED,
        received_at__gte=timezone.now() - SINCE,
    ).order_by("-received_at", "-id")
    found = (_near(row, spot) for row in rows.only(*COLUMNS)[:LOOKED_AT])
    return sorted(filter(None, found), key=lambda each: not each.is_close)[:SHOWN]


def _near(ticket: Ticket, spot: Spot) -> Nearby | None:
    if _is_close(_square(ticket.latitude, ticket.longitude), spot):
        return Nearby(ticket, is_close=True)
    street = street_of(spot.place)
    if street and street == street_of(ticket.place):
        return Nearby(ticket, is_close=False)
    return None


def _square(latitude: Decimal | None, longitude: Decimal | None) -> Sequence[Decimal]:
    """Return the middle of the square in which a point lies."""
    if latitude is None or longitude is None:
        return ()
    return [each.quantize(SQUARE) for each in (latitude, longitude)]


def _is_close(square: Sequence[Decimal], spot: Spot) -> bool:
    if not square or spot.latitude is None or spot.longitude is None:
        return False
    width = math.cos(math.radians(float(square[0]))) * METRES_A_DEGREE
    north = float(square[0] - spot.latitude) * METRES_A_DEGREE
    return math.hypot(north, float(square[1] - spot.longitude) * width) <= NEARBY_METRES
