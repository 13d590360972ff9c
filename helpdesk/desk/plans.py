"""Plans: where requests lie to each other, north at the top. No map, and nobody is asked for one.

A plan is drawn by the server as lines and dots; streets stand on the map that an administrator
has named, which is a link (adr/0118).
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from helpdesk.tickets.around import AROUND_METRES, Neighbour, offset
from helpdesk.tickets.enums import ENDED
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.similar import NEARBY_METRES

# A dot with its number, and how far the next one must stay away to be read.
APART = 17
TRIES = 24
# The sheet beside a request, and that of a list.
BESIDE_WIDTH, BESIDE_HEIGHT, BESIDE_RADIUS = 288, 208, 94
LIST_WIDTH, LIST_HEIGHT, LIST_EDGE = 400, 340, 24
# Requests of one street are not spread over the whole sheet.
LEAST_METRES = 300
BARS = (50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000)
LONGEST_BAR = 120


@dataclass(frozen=True, slots=True)
class Dot:
    """A numbered request on a plan."""

    x: int
    y: int
    label: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class Ring:
    """All that is so many metres away."""

    radius: int
    metres: int


@dataclass(frozen=True, slots=True)
class Plan:
    """A sheet: its size, dots, and either rings around its middle or a bar that says how long."""

    width: int
    height: int
    dots: Sequence[Dot]
    rings: Sequence[Ring] = ()
    bar: Ring | None = None

    @property
    def middle(self) -> tuple[int, int]:
        """Return the middle of the sheet."""
        return self.width // 2, self.height // 2


def plan_around(found: Sequence[Neighbour]) -> Plan:
    """Draw what lies around a request, which stands in the middle."""
    scale = BESIDE_RADIUS / AROUND_METRES
    x, y = BESIDE_WIDTH / 2, BESIDE_HEIGHT / 2
    places = ((x + one.east * scale, y - one.north * scale, one.is_open) for one in found)
    rings = [Ring(round(metres * scale), metres) for metres in (NEARBY_METRES, AROUND_METRES)]
    # Nothing may hide what all lies around.
    return Plan(BESIDE_WIDTH, BESIDE_HEIGHT, _dots(places, [(x, y)]), rings)


def plan_of(tickets: Sequence[Ticket]) -> Plan | None:
    """Draw requests that have a place, as large as the sheet allows; None where none has one."""
    first = next(iter(tickets), None)
    if first is None or first.latitude is None or first.longitude is None:
        return None
    spots = [offset(first.latitude, first.longitude, each) for each in tickets]
    west, east = min(one for one, _ in spots), max(one for one, _ in spots)
    south, north = min(one for _, one in spots), max(one for _, one in spots)
    wide, high = max(east - west, LEAST_METRES), max(north - south, LEAST_METRES)
    scale = min((LIST_WIDTH - 2 * LIST_EDGE) / wide, (LIST_HEIGHT - 2 * LIST_EDGE) / high)
    x, y = LIST_WIDTH / 2, LIST_HEIGHT / 2
    centre = ((west + east) / 2, (south + north) / 2)
    places = (
        (x + (one - centre[0]) * scale, y - (up - centre[1]) * scale, ticket.status not in ENDED)
        for ticket, (one, up) in zip(tickets, spots, strict=True)
    )
    return Plan(LIST_WIDTH, LIST_HEIGHT, _dots(places), bar=_bar(scale))


def _bar(scale: float) -> Ring:
    metres = max((each for each in BARS if each * scale <= LONGEST_BAR), default=BARS[0])
    return Ring(round(metres * scale), metres)


def _dots(
    places: Iterable[tuple[float, float, bool]], taken: Sequence[tuple[float, float]] = ()
) -> list[Dot]:
    """Number them; one that would lie on another is moved beside it."""
    known, dots = list(taken), []
    for number, (x, y, is_open) in enumerate(places, start=1):
        free = _free(x, y, known)
        known.append(free)
        dots.append(Dot(round(free[0]), round(free[1]), str(number), is_open))
    return dots


def _free(x: float, y: float, taken: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Return the nearest place in a growing spiral on which nothing lies yet."""
    for step in range(TRIES):
        far, turn = APART * (step / 8), step * math.pi / 4
        here = (x + far * math.sin(turn), y - far * math.cos(turn))
        if all(math.dist(here, other) >= APART for other in taken):
            return here
    return x, y
