"""A town with a sender, an agreement and an agent, and citizens' mails that come in by the door."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from helpdesk.agents.domain.setup import create_authority
from helpdesk.agents.models import Authority, Membership, Team, User
from helpdesk.outbox.models import Sender
from helpdesk.sla.models import Agreement
from helpdesk.tickets.domain.intake import accept
from helpdesk.tickets.inbound import Inbound, Person, Threading
from helpdesk.tickets.models import Ticket


@dataclass(frozen=True, slots=True)
class Town:
    """What a test needs to stand on."""

    authority: Authority
    team: Team
    sender: Sender
    agreement: Agreement
    agent: User


def make_town(short_name: str = "Musterstadt", *, prefix: str = "MU") -> Town:
    """Make an authority with office hours, eight hours to the first answer, forty to the end."""
    authority = create_authority(
        name=f"Stadt {short_name}", short_name=short_name, reference_prefix=prefix
    )
    team = Team.objects.get(authority=authority)
    domain = f"{short_name.lower()}.example"
    sender = Sender.objects.create(
        authority=authority,
        team=team,
        name=f"Stadt {short_name}",
        email=f"rathaus@{domain}",
        transport=Sender.Transport.DEMO,
        is_default=True,
    )
    agreement = Agreement.objects.create(
        authority=authority,
        name="Standard",
        calendar=authority.calendar,
        first_answer_minutes=8 * 60,
        solution_minutes=40 * 60,
        is_default=True,
    )
    return Town(authority, team, sender, agreement, make_agent(team, f"jana@{domain}"))


def make_team(town: Town, name: str) -> Team:
    """Make a further team of the town, with nobody in it."""
    return Team.objects.create(authority=town.authority, name=name, slug=name.lower())


def make_agent(team: Team, email: str) -> User:
    """Make an agent with all rights in one team."""
    user = User.objects.create(authority=team.authority, email=email, name=email.partition("@")[0])
    Membership.objects.create(user=user, team=team)
    return user


def inbound(town: Town, **changes: Any) -> Inbound:
    """Return a citizen's mail as a channel hands it over; ``changes`` replace its fields."""
    fields: dict[str, Any] = {
        "authority_id": town.authority.pk,
        "team_id": town.team.pk,
        "sender_id": town.sender.pk,
        "channel": "mail",
        "person": Person("Erika Muster", "erika@buergerin.example"),
        "subject": "Straßenlaterne defekt",
        "text": "Die Laterne vor Haus 12 ist dunkel.",
        "language": "de",
        "received_at": timezone.now(),
        "threading": Threading(message_id="<first@buergerin.example>"),
    }
    return Inbound(**fields | changes)


def arrive(town: Town, *, at: datetime | None = None, **changes: Any) -> Ticket:
    """Take a citizen's mail in and return its ticket."""
    if at is not None:
        changes["received_at"] = at
    receipt = accept(inbound(town, **changes))
    return Ticket.objects.select_related("authority", "team", "sender").get(pk=receipt.ticket_id)
