"""Builds the demonstration through the same doors that people use."""

from django.contrib.auth.hashers import make_password

from channels_in.accounts import Fetching, MailboxDetails, save_mailbox
from channels_in.models import Account
from helpdesk.agents.domain.authority import AuthorityDetails, change_authority
from helpdesk.agents.domain.teams import (
    Rights,
    TeamDetails,
    change_team,
    create_team,
    set_user_rights,
)
from helpdesk.agents.models import Authority, Role, Team, User
from helpdesk.outbox.models import Sender
from helpdesk.outbox.senders import SenderDetails
from helpdesk.project.demo import town
from helpdesk.project.demo.happenings import Town, build_requests
from helpdesk.project.demo.texts import texts
from helpdesk.textmodules.domain import ModuleDetails, create_text_module
from helpdesk.tickets.domain.categories import CategoryDetails, create_category

# Who learns here writes notes and takes calls, but sends nothing.
LEARNING = Rights(can_answer=False, can_change=False)


def build_demo(authority: Authority) -> None:
    """Fill an authority that was just created. Must run inside atomic()."""
    built = Town(
        authority, _build_agent(authority, town.AGENTS[0], make_password(town.DEMO_PASSWORD))
    )
    _build_details(built)
    _build_teams(built)
    _build_agents(built)
    _build_topics(built)
    _build_texts(built)
    build_requests(built)


def _build_details(built: Town) -> None:
    authority = built.authority
    change_authority(
        authority_id=authority.pk,
        user=built.administrator,
        details=AuthorityDetails(
            name=authority.name,
            short_name=authority.short_name,
            language=authority.language,
            time_zone=authority.time_zone,
            color_light=authority.color_light,
            color_dark=authority.color_dark,
            contact_phone="0123 456-0",
            contact_address="Marktplatz 1, 12345 Musterstadt",
        ),
    )


def _build_teams(built: Town) -> None:
    first = Team.objects.get(authority=built.authority)
    for index, planned in enumerate(town.TEAMS):
        details = TeamDetails(planned.name, f"{planned.name} {town.SHORT_NAME}", planned.signature)
        team = (
            create_team(authority_id=built.authority.pk, details=details, user=built.administrator)
            if index
            else change_team(team_id=first.pk, details=details, user=built.administrator)
        )
        built.teams[planned.name] = team
        built.accounts[planned.key] = _build_mailbox(built, planned, team)


def _build_mailbox(built: Town, planned: town.DemoTeam, team: Team) -> Account:
    address = f"{planned.mailbox}@{town.DOMAIN}"
    sender = SenderDetails(
        name=f"{planned.name} {town.SHORT_NAME}",
        email=address,
        transport=Sender.Transport.DEMO,
        team_id=team.pk,
    )
    details = MailboxDetails(
        name=planned.name,
        address=address,
        kind=Account.Kind.LISTENER,
        team_id=team.pk,
        fetching=Fetching(),
        sender=sender,
    )
    return save_mailbox(
        authority_id=built.authority.pk, account_id=None, details=details, user=built.administrator
    )


def _build_agent(authority: Authority, planned: town.DemoAgent, password: str) -> User:
    agent = User.objects.create(
        authority=authority,
        name=planned.name,
        email=planned.email,
        phone=planned.phone,
        password=password,
    )
    agent.roles.set(Role.objects.filter(authority=authority, name__in=planned.roles))
    return agent


def _build_agents(built: Town) -> None:
    for planned in town.AGENTS:
        agent = built.administrator
        if planned.email != agent.email:
            # One hash for all: hashing is slow on purpose, and the password is printed anyway.
            agent = _build_agent(built.authority, planned, built.administrator.password)
        built.agents[planned.key] = agent
        rights = {built.teams[name].pk: Rights() for name in planned.teams}
        rights |= {built.teams[name].pk: LEARNING for name in planned.learns_in}
        set_user_rights(user_id=agent.pk, rights=rights, user=built.administrator)


def _build_topics(built: Town) -> None:
    groups: dict[str, int] = {}
    for topic in town.TOPICS:
        if topic.group not in groups:
            groups[topic.group] = _build_topic(built, CategoryDetails(topic.group))
        details = CategoryDetails(
            topic.name, groups[topic.group], built.teams[topic.team].pk, topic.priority
        )
        built.topics[topic.name] = _build_topic(built, details)


def _build_topic(built: Town, details: CategoryDetails) -> int:
    made = create_category(
        authority_id=built.authority.pk, details=details, user=built.administrator
    )
    return made.pk


def _build_texts(built: Town) -> None:
    for text in texts():
        details = ModuleDetails(
            title=text.title,
            bodies={"de": text.german, "en": text.english},
            keywords=text.keywords,
            team_id=built.teams[text.team].pk if text.team else None,
        )
        create_text_module(
            authority_id=built.authority.pk, details=details, user=built.administrator
        )
