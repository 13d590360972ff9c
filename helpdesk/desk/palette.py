"""What the palette finds beyond commands: requests, citizens and answers, each a few lines."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import QuerySet

from helpdesk.agents.models import User
from helpdesk.citizens.models import Citizen
from helpdesk.citizens.queries import matching
from helpdesk.desk.numbers import read_id
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries import by_number_or_reference, known_citizens
from helpdesk.tickets.search import search_tickets, tickets_in_order
from knowledgebase.queries import Line
from knowledgebase.rules import readable_by
from knowledgebase.search import lines_found, search_for_staff

TICKETS = 6
OTHERS = 4
RECENT = 5
WAYS = 2
# The first sign says what alone is looked for.
ONLY_TICKETS, ONLY_CITIZENS = "#", "@"


@dataclass(frozen=True, slots=True)
class PaletteFound:
    """What was found, each kind the likeliest first; ``is_recent`` when nothing was typed."""

    tickets: Sequence[Ticket] = ()
    citizens: Sequence["CitizenLine"] = ()
    answers: Sequence[Line] = field(default_factory=tuple)
    is_recent: bool = False

    @property
    def is_any(self) -> bool:
        """Tell whether anything was found."""
        return bool(self.tickets or self.citizens or self.answers)


@dataclass(frozen=True, slots=True)
class CitizenLine:
    """A citizen with the ways to reach them, in one line."""

    pk: int
    name: str
    detail: str


def find_for_palette(user: User, typed: str, only: str, recent: str) -> PaletteFound:
    """Return what ``user`` may know of, bounded in lines and in queries."""
    if not typed:
        shown = tickets_in_order(user, recent_ids(recent)) if not only else []
        return PaletteFound(tickets=shown, is_recent=True)
    if only == ONLY_TICKETS:
        return PaletteFound(tickets=_tickets(user, typed))
    if only == ONLY_CITIZENS:
        return PaletteFound(citizens=find_citizens(user, typed, TICKETS))
    return PaletteFound(
        _tickets(user, typed), find_citizens(user, typed, OTHERS), _answers(user, typed)
    )


def recent_ids(text: str) -> list[int]:
    """Return the ids that a browser remembers, as far as they are ids."""
    given = (read_id(part) for part in text.split(",")[: 2 * RECENT])
    return [pk for pk in given if pk is not None][:RECENT]


def _tickets(user: User, typed: str) -> list[Ticket]:
    tickets = list(by_number_or_reference(user, typed)[:TICKETS])
    if len(tickets) < TICKETS:
        found = search_tickets(user, typed, typing=True)
        known = {ticket.pk for ticket in tickets}
        ids = [pk for pk in found.ids[: 2 * TICKETS] if pk not in known]
        tickets += tickets_in_order(user, ids[: TICKETS - len(tickets)])
    return tickets


def find_citizens(user: User, typed: str, limit: int) -> list[CitizenLine]:
    """Return known citizens by the beginnings of words, addresses, or the end of a number."""
    return [line_of(citizen) for citizen in known_matching(user, typed)[:limit]]


def known_matching(user: User, typed: str) -> QuerySet[Citizen]:
    """Return all of them, by name."""
    return (
        matching(user.authority_id, typed)
        .filter(pk__in=known_citizens(user).values("pk"))
        .prefetch_related("contact_points")
        .order_by("name", "pk")
    )


def line_of(citizen: Citizen, *, shown: int | None = WAYS) -> CitizenLine:
    """Return a citizen as a line; whoever has no name goes by what reaches them.

    ``shown`` is how many ways to reach them stand there, all for None.
    """
    values = [point.value for point in citizen.contact_points.all()]
    name, others = (citizen.name, values) if citizen.name else (_first(values), values[1:])
    return CitizenLine(citizen.pk, name or str(citizen), " · ".join(others[:shown]))


def _first(values: Iterable[str]) -> str:
    return next(iter(values), "")


def _answers(user: User, typed: str) -> list[Line]:
    found = search_for_staff(user, typed, typing=True)
    # What only comes near would push what was meant out of sight.
    keys = [] if found.is_guessed else found.keys[:OTHERS]
    return lines_found(readable_by(user), keys, user.language)
