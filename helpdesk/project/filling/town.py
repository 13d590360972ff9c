"""The authority that is filled: teams, agents, senders, topics and the citizens who write."""

from dataclasses import dataclass
from random import Random

from helpdesk.agents.domain.setup import create_authority
from helpdesk.agents.models import Authority, Membership, Team, User
from helpdesk.agents.queries import first_authority
from helpdesk.citizens.domain.terms import terms_of
from helpdesk.citizens.models import Citizen, ContactKind, ContactPoint, SearchTerm
from helpdesk.outbox.models import Sender
from helpdesk.project.filling import words
from helpdesk.project.filling.story import Cast
from helpdesk.sla.models import Agreement
from helpdesk.tickets.models import Category

DOMAIN = "stadt.example"
AGENTS = 20
# The first agents work in every team, so that somebody sees all there is.
IN_EVERY_TEAM = 2
CITIZENS_PER_TICKET = 0.4
BATCH = 2000


@dataclass(frozen=True, slots=True)
class Town:
    """Rows that requests point to, in the order of the words they were made from."""

    authority: Authority
    agreement: Agreement
    teams: tuple[Team, ...]
    senders: tuple[Sender, ...]
    topics: tuple[Category, ...]
    agents: tuple[User, ...]
    citizens: tuple[Citizen, ...]
    cast: Cast


def build_town(*, tickets: int, chance: Random) -> Town:
    """Create what is missing and return all of it. Must run inside atomic()."""
    authority = first_authority() or create_authority(
        name="Stadt Beispielstadt", short_name="Beispielstadt", reference_prefix="BE"
    )
    teams = tuple(_team(authority, name) for name, _mailbox in words.TEAMS)
    agents = _agents(authority, teams, chance)
    citizens = _citizens(authority, max(1, int(tickets * CITIZENS_PER_TICKET)), chance)
    by_team = tuple(_workers(place) for place in range(len(teams)))
    return Town(
        authority=authority,
        agreement=_agreement(authority),
        teams=teams,
        senders=_senders(authority, teams),
        topics=tuple(_topic(authority, teams, matter) for matter in words.MATTERS),
        agents=agents,
        citizens=citizens,
        cast=Cast(
            tuple(citizen.name for citizen in citizens),
            tuple(agent.name for agent in agents),
            by_team,
        ),
    )


def _team(authority: Authority, name: str) -> Team:
    slug = name.lower().replace("ü", "ue").replace("ä", "ae")
    defaults = {"slug": slug, "signature": f"{name} der Stadt"}
    return Team.objects.get_or_create(authority=authority, name=name, defaults=defaults)[0]


def _workers(team: int) -> tuple[int, ...]:
    own = range(IN_EVERY_TEAM, AGENTS)
    return tuple(agent for agent in own if agent % len(words.TEAMS) == team)


def _agents(authority: Authority, teams: tuple[Team, ...], chance: Random) -> tuple[User, ...]:
    agents = [
        User(authority=authority, email=f"agent{number}@{DOMAIN}", name=words.person(chance))
        for number in range(1, AGENTS + 1)
    ]
    for agent in agents:
        # Nobody signs in with a password here; an invitation sets one.
        agent.set_unusable_password()
    User.objects.bulk_create(agents)
    Membership.objects.bulk_create(
        Membership(user=agent, team=team)
        for at, agent in enumerate(agents)
        for place, team in enumerate(teams)
        if at < IN_EVERY_TEAM or at in _workers(place)
    )
    return tuple(agents)


def _senders(authority: Authority, teams: tuple[Team, ...]) -> tuple[Sender, ...]:
    has_default = Sender.objects.filter(authority=authority, is_default=True).exists()
    return tuple(
        Sender.objects.create(
            authority=authority,
            team=team,
            name=team.name,
            email=f"{mailbox}@{DOMAIN}",
            transport=Sender.Transport.DEMO,
            is_default=place == 0 and not has_default,
        )
        for place, (team, (_name, mailbox)) in enumerate(zip(teams, words.TEAMS, strict=True))
    )


def _topic(authority: Authority, teams: tuple[Team, ...], matter: words.Matter) -> Category:
    group, _ = Category.objects.get_or_create(authority=authority, parent=None, name=matter.group)
    return Category.objects.get_or_create(
        authority=authority,
        parent=group,
        name=matter.topic,
        defaults={"team": teams[matter.team]},
    )[0]


def _agreement(authority: Authority) -> Agreement:
    return Agreement.objects.get_or_create(
        authority=authority,
        is_default=True,
        defaults={
            "name": "Standard",
            "calendar": authority.calendar,
            "first_answer_minutes": 2 * 8 * 60,
            "solution_minutes": 10 * 8 * 60,
        },
    )[0]


def _citizens(authority: Authority, count: int, chance: Random) -> tuple[Citizen, ...]:
    citizens = [
        Citizen(authority=authority, name=words.person(chance), language="de")
        for _number in range(count)
    ]
    Citizen.objects.bulk_create(citizens, batch_size=BATCH)
    points = [
        ContactPoint(
            citizen=citizen,
            authority=authority,
            kind=ContactKind.MAIL,
            value=address_of(place),
            normalised=address_of(place),
        )
        for place, citizen in enumerate(citizens)
    ]
    ContactPoint.objects.bulk_create(points, batch_size=BATCH)
    terms = (
        term
        for citizen, point in zip(citizens, points, strict=True)
        for term in terms_of(citizen, [point])
    )
    SearchTerm.objects.bulk_create(terms, batch_size=BATCH)
    return tuple(citizens)


def address_of(citizen: int) -> str:
    """Return the address of the citizen at this place."""
    return f"buerger{citizen}@post.example"
