"""What lies around a place, and where a request lies on a flat sheet: metres east and north."""

import math
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext, gettext_noop

from helpdesk.agents.models import User
from helpdesk.tickets.enums import ENDED, Status
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.similar import METRES_A_DEGREE, in_square

AROUND_METRES = 500
# The newest so many of the square are looked at, the nearest of them shown.
LOOKED_AT = 200
SHOWN = 9
COLUMNS = ("number", "title", "status", "latitude", "longitude", "received_at")
WINDS = (
    gettext_noop("north"),
    gettext_noop("north-east"),
    gettext_noop("east"),
    gettext_noop("south-east"),
    gettext_noop("south"),
    gettext_noop("south-west"),
    gettext_noop("west"),
    gettext_noop("north-west"),
)
# Whoever stands so near stands there.
HERE_METRES = 5


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A request and where it lies from a place: metres to the east and to the north."""

    ticket: Ticket
    east: float
    north: float

    @property
    def metres(self) -> int:
        """Return how far away it is."""
        return round(math.hypot(self.east, self.north))

    @property
    def is_open(self) -> bool:
        """Tell whether something is still to be done."""
        return self.ticket.status not in ENDED

    @property
    def way(self) -> str:
        """Return distance and direction in words."""
        if self.metres < HERE_METRES:
            return gettext("the same place")
        turned = math.degrees(math.atan2(self.east, self.north))
        wind = gettext(WINDS[round(turned / 45) % len(WINDS)])
        return gettext("%(metres)s m to the %(direction)s") % {
            "metres": self.metres,
            "direction": wind,
        }


def offset(latitude: Decimal, longitude: Decimal, ticket: Ticket) -> tuple[float, float]:
    """Return how many metres east and north of a place a ticket lies, flat enough for a town."""
    if ticket.latitude is None or ticket.longitude is None:
        return 0, 0
    wide = math.cos(math.radians(float(latitude))) * METRES_A_DEGREE
    east = float(ticket.longitude - longitude) * wide
    return east, float(ticket.latitude - latitude) * METRES_A_DEGREE


def find_around(user: User, ticket: Ticket) -> list[Neighbour]:
    """Return the nearest requests around a ticket's place that ``user`` may see."""
    if ticket.latitude is None or ticket.longitude is None:
        return []
    rows = (
        in_square(user, ticket, AROUND_METRES)
        .exclude(pk=ticket.pk)
        .exclude(status__in=(Status.MERGED, Status.DELETED))
        .only(*COLUMNS)
        .order_by("-id")[:LOOKED_AT]
    )
    found = [Neighbour(row, *offset(ticket.latitude, ticket.longitude, row)) for row in rows]
    near = sorted((one for one in found if one.metres <= AROUND_METRES), key=_rank)
    return near[:SHOWN]


def _rank(one: Neighbour) -> tuple[bool, int]:
    return not one.is_open, one.metres
