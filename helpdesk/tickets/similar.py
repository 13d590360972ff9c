"""Requests that may be about the same thing: by citizen, by place, by words."""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import QuerySet
from django.utils.translation import gettext, gettext_noop

from helpdesk.agents.models import User
from helpdesk.search.analysis import read_query
from helpdesk.search.backend import IndexUnavailableError, Question
from helpdesk.search.engines import engine
from helpdesk.tickets.documents import KIND, key_of_team
from helpdesk.tickets.enums import ENDED, Status
from helpdesk.tickets.models import Aside, Ticket
from helpdesk.tickets.queries import ids_aside, visible_to
from helpdesk.tickets.rules import team_ids

NEARBY_METRES = 150
METRES_A_DEGREE = 111_320
# So many of each kind are looked at.
LOOKED_AT = 20
ASKED_BY = 300
# Why it may be the same → how much that weighs.
WEIGHTS = {"citizen": 8, "near": 6, "street": 5, "words": 2}
WORDS = {
    "citizen": gettext_noop("same citizen"),
    "near": gettext_noop("%(metres)s m away"),
    "street": gettext_noop("same street"),
    "words": gettext_noop("similar words"),
}
# What together says that two open requests are probably about the very same thing.
LIKELY = (
    frozenset({"citizen", "near"}),
    frozenset({"citizen", "words"}),
    frozenset({"near", "words"}),
    frozenset({"street", "words"}),
)
COLUMNS = (
    *("number", "title", "status", "citizen_id", "citizen_name", "place"),
    *("latitude", "longitude", "received_at", "merged_into_id", "version"),
)
_NUMBERS = re.compile(r"\d.*")


@dataclass(frozen=True, slots=True)
class Similar:
    """A request and the reasons why it may be about the same thing."""

    ticket: Ticket
    reasons: tuple[str, ...]
    score: int
    is_one_person: bool
    is_likely: bool = False

    @property
    def why(self) -> str:
        """Return the reasons in words."""
        return ", ".join(self.reasons)


def find_similar(user: User, ticket: Ticket, *, limit: int = 8) -> list[Similar]:
    """Return what ``user`` may see that may be about the same, the likeliest first.

    What somebody has set aside beside this request is left out.
    """
    by_words = _by_words(user, ticket)
    ids = {*_by_citizen(user, ticket), *_near(user, ticket), *by_words}
    ids -= {*ids_aside(ticket.pk, Aside.Kind.REQUEST)}
    rows = (
        visible_to(user)
        .filter(pk__in=ids - {ticket.pk})
        .exclude(status__in=(Status.MERGED, Status.DELETED))
    )
    found = [_weighed(ticket, row, by_words) for row in rows.only(*COLUMNS)]
    ranked = sorted(
        found, key=lambda each: (-each.score, each.ticket.status in ENDED, -each.ticket.pk)
    )
    return [each for each in ranked if each.score][:limit]


def _weighed(ticket: Ticket, other: Ticket, by_words: Sequence[int]) -> Similar:
    is_one_person = ticket.citizen_id is not None and ticket.citizen_id == other.citizen_id
    metres = distance(ticket, other)
    reasons = {
        "citizen": is_one_person,
        "near": metres is not None and metres <= NEARBY_METRES,
        "street": bool(street_of(ticket.place))
        and street_of(ticket.place) == street_of(other.place),
        "words": other.pk in by_words,
    }
    held = [name for name, holds in reasons.items() if holds]
    said = [gettext(WORDS[name]) % {"metres": round(metres or 0)} for name in held]
    # The same person alone is no reason while their other requests are long over.
    score = sum(WEIGHTS[name] for name in held) - (4 if other.status in ENDED else 0)
    is_likely = other.status not in ENDED and any(one.issubset(held) for one in LIKELY)
    return Similar(other, tuple(said), max(score, 1 if held else 0), is_one_person, is_likely)


def street_of(place: str) -> str:
    """Return the street of a place as it is compared: "Lindenstr. 14" is in "lindenstrasse"."""
    name = _NUMBERS.sub("", place.split(",", maxsplit=1)[0]).casefold().strip(" .-")
    return re.sub(r"str(\.|$)", "strasse", name).strip() if len(name) > 2 else ""


def distance(one: Ticket, other: Ticket) -> float | None:
    """Return how many metres lie between two places, flat enough for a town; None without them."""
    ends = (one.latitude, one.longitude, other.latitude, other.longitude)
    if None in ends:
        return None
    north, east, north_too, east_too = (float(each or 0) for each in ends)
    width = math.cos(math.radians(north)) * METRES_A_DEGREE
    return math.hypot((north - north_too) * METRES_A_DEGREE, (east - east_too) * width)


def _by_citizen(user: User, ticket: Ticket) -> Iterable[int]:
    if ticket.citizen_id is None:
        return ()
    rows = visible_to(user).filter(citizen_id=ticket.citizen_id).order_by("-active_at")
    return rows.values_list("pk", flat=True)[:LOOKED_AT]


def in_square(user: User, ticket: Ticket, metres: int) -> QuerySet[Ticket]:
    """Return what ``user`` may see in the square around a ticket's place; nothing without one."""
    if ticket.latitude is None or ticket.longitude is None:
        return Ticket.objects.none()
    high = Decimal(metres / METRES_A_DEGREE)
    wide = high / Decimal(max(math.cos(math.radians(float(ticket.latitude))), 0.01))
    return visible_to(user).filter(
        latitude__range=(ticket.latitude - high, ticket.latitude + high),
        longitude__range=(ticket.longitude - wide, ticket.longitude + wide),
    )


def _near(user: User, ticket: Ticket) -> Iterable[int]:
    rows = in_square(user, ticket, NEARBY_METRES)
    return rows.order_by("-id").values_list("pk", flat=True)[:LOOKED_AT]


def _by_words(user: User, ticket: Ticket) -> list[int]:
    """Return what shares at least half of the words of title and place, the best first."""
    query = read_query(f"{ticket.title} {street_of(ticket.place)}"[:ASKED_BY])
    teams = [key_of_team(team) for team in team_ids(user, "can_read")]
    if not query.groups or not teams:
        return []
    keys = [[f"authority:{user.authority_id}"], teams]
    need = (len(query.groups) + 1) // 2
    try:
        hits = engine().find(Question(KIND, query, need, keys, None, limit=LOOKED_AT))
    except IndexUnavailableError:
        return []
    return [hit.id for hit in hits]
