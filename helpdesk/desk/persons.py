"""Whom a sheet offers: people an agent may know of, and what was typed of somebody new."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q
from django.http import HttpRequest

from channels_in.phone.parse import parse_caller
from helpdesk.agents.models import User
from helpdesk.citizens.models import Citizen
from helpdesk.citizens.queries import matching
from helpdesk.desk.citizens import alike
from helpdesk.desk.palette import line_of
from helpdesk.tickets.inbound import Person
from helpdesk.tickets.models import Article, Ticket
from helpdesk.tickets.queries import known_citizens, visible_to

MAX_TYPED = 200
OFFERED = 8


@dataclass(frozen=True, slots=True)
class Offer:
    """One person to choose, with what tells them from others of the name."""

    pk: int
    name: str
    detail: str
    asked: int = 0

    @property
    def value(self) -> str:
        """Return what a form sends for this person."""
        return f"c{self.pk}"


def is_finding(request: HttpRequest) -> bool:
    """Tell whether a sheet asks whom it may offer while somebody types.

    By POST, so that no name or number stands in a log.
    """
    return request.method == "POST" and "find" in request.POST


def find_offers(user: User, typed: str, *, without: int | None) -> list[Offer]:
    """Return known people by name, address or number, as far as ``typed`` says enough."""
    found = matching(user.authority_id, typed[:MAX_TYPED]).filter(
        pk__in=known_citizens(user).values("pk")
    )
    return offers_of(user, found.exclude(pk=without or 0).order_by("name", "pk")[:OFFERED])


def offers_of(user: User, people: Iterable[Citizen]) -> list[Offer]:
    """Return these people with how many of their requests ``user`` may see."""
    ids = [citizen.pk for citizen in people]
    rows = Citizen.objects.filter(pk__in=ids).prefetch_related("contact_points")
    counted = rows.annotate(asked=Count("tickets", filter=Q(tickets__in=visible_to(user))))
    known = {citizen.pk: citizen for citizen in counted}
    lines = ((known[pk], line_of(known[pk])) for pk in ids if pk in known)
    return [Offer(line.pk, line.name, line.detail, vars(each)["asked"]) for each, line in lines]


def offers_for(user: User, ticket: Ticket) -> list[Offer]:
    """Return who may be meant before anything was typed: who took part, and who is alike."""
    wrote = Article.objects.filter(ticket=ticket).values("author_citizen")
    takes_part = ticket.participants.values("citizen")
    near = known_citizens(user).filter(Q(pk__in=wrote) | Q(pk__in=takes_part))
    found = list(near.exclude(pk=ticket.citizen_id or 0).order_by("pk")[:OFFERED])
    if ticket.citizen is not None:
        found += alike(user, ticket.citizen)
    return offers_of(user, {citizen.pk: citizen for citizen in found}.values())[:OFFERED]


def read_person(typed: str) -> Person:
    """Read "Meyer, 0171 5550132, meyer@example.org" into its parts."""
    return parse_caller(typed[:MAX_TYPED])
