"""A town with two teams, an agent in each, senders and a mail that arrives."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from helpdesk.agents.models import Authority, Calendar, Membership, Role, Team, User
from helpdesk.outbox.models import Security, Sender
from helpdesk.sla.models import Agreement
from helpdesk.tickets.domain.intake import accept
from helpdesk.tickets.enums import Channel
from helpdesk.tickets.inbound import Inbound, Person, Receipt, Threading
from helpdesk.tickets.models import Ticket

WORKING_HOURS = {str(day): [["08:00", "16:00"]] for day in range(5)}
NOON = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
PASSWORD = "richtig-pferd-batterie"


@dataclass(frozen=True, slots=True)
class House:
    """One authority: A works in roads, B in waste, neither sees the other's tickets."""

    authority: Authority
    roads: Team
    waste: Team
    anna: User
    bert: User
    sender: Sender


def make_authority(name: str = "Stadt Musterstadt", prefix: str = "MU") -> Authority:
    """Return an authority with a calendar and a default agreement."""
    calendar = Calendar.objects.create(name=f"{name} Mo-Fr", hours=WORKING_HOURS)
    authority = Authority.objects.create(
        name=name,
        short_name=name.rsplit(maxsplit=1)[-1],
        reference_prefix=prefix,
        calendar=calendar,
    )
    Agreement.objects.create(
        authority=authority,
        name="Standard",
        calendar=calendar,
        first_answer_minutes=480,
        solution_minutes=2400,
        is_default=True,
    )
    return authority


def make_agent(authority: Authority, name: str, *teams: Team, **rights: bool) -> User:
    """Return an agent who may read, create, answer and change in ``teams``."""
    first = name.split(maxsplit=1)[0].lower()
    user = User(authority=authority, name=name, email=f"{first}@musterstadt.example")
    user.set_password(PASSWORD)
    user.save()
    for team in teams:
        Membership.objects.create(user=user, team=team, **rights)
    return user


def make_administrator(authority: Authority, name: str = "Ada Admin") -> User:
    """Return an agent whose role holds every verb, in no team."""
    user = make_agent(authority, name)
    role = Role.objects.create(
        authority=authority,
        name="Administration",
        verbs=["administer", "operate", "edit_texts", "edit_knowledge"],
    )
    user.roles.add(role)
    return user


def make_house() -> House:
    """Return the town most tests live in."""
    authority = make_authority()
    roads = Team.objects.create(authority=authority, name="Tiefbau", slug="tiefbau")
    waste = Team.objects.create(authority=authority, name="Abfall", slug="abfall")
    sender = Sender.objects.create(
        authority=authority,
        team=roads,
        name="Tiefbau",
        email="tiefbau@musterstadt.example",
        host="127.0.0.1",
        security=Security.NONE,
        is_default=True,
    )
    return House(
        authority=authority,
        roads=roads,
        waste=waste,
        anna=make_agent(authority, "Anna Abend", roads),
        bert=make_agent(authority, "Bert Berg", waste),
        sender=sender,
    )


def make_inbound(house: House, **values: Any) -> Inbound:
    """Return a mail of the citizen Clara to the roads team."""
    thread: dict[str, Any] = {
        name: values.pop(name)
        for name in ("message_id", "in_reply_to", "references")
        if name in values
    }
    defaults: dict[str, Any] = {
        "authority_id": house.authority.pk,
        "team_id": house.roads.pk,
        "sender_id": house.sender.pk,
        "channel": Channel.MAIL,
        "person": Person("Clara Citizen", "clara@example.org"),
        "subject": "Schlagloch in der Lindenstraße",
        "text": "Vor Nummer 14 ist ein tiefes Loch.",
        "language": "de",
        "received_at": NOON,
        "threading": Threading(**({"message_id": "<first@example.org>"} | thread)),
    }
    return Inbound(**(defaults | values))


def make_ticket(house: House, **values: Any) -> Ticket:
    """Return the ticket that a citizen's mail became."""
    return ticket_of(accept(make_inbound(house, **values)))


def ticket_of(receipt: Receipt) -> Ticket:
    """Return the ticket of a receipt, freshly read."""
    return Ticket.objects.get(pk=receipt.ticket_id)
