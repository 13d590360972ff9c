"""Builds the demonstration through the same doors that people use."""

from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.utils import timezone

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
from helpdesk.outbox.models import OutgoingMessage, Sender
from helpdesk.outbox.senders import SenderDetails
from helpdesk.project.demo import texts, town
from helpdesk.project.demo.requests import REQUESTS, DemoRequest, Step
from helpdesk.textmodules.domain import ModuleDetails, create_text_module
from helpdesk.tickets.domain.articles import Answer, write_answer, write_note
from helpdesk.tickets.domain.assign import assign
from helpdesk.tickets.domain.categories import CategoryDetails, create_category
from helpdesk.tickets.domain.intake import accept
from helpdesk.tickets.domain.state import change_status
from helpdesk.tickets.enums import Channel, Status
from helpdesk.tickets.inbound import Inbound, Person
from helpdesk.tickets.models import Article, Ticket


@dataclass(slots=True)
class _Town:
    """What has been built so far, by the names that the demonstration's tables use."""

    authority: Authority
    administrator: User
    teams: dict[str, Team] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    agents: dict[str, User] = field(default_factory=dict)
    topics: dict[str, int] = field(default_factory=dict)


def build_demo(authority: Authority) -> None:
    """Fill an authority that was just created. Must run inside atomic()."""
    built = _Town(
        authority, _build_agent(authority, town.AGENTS[0], make_password(town.DEMO_PASSWORD))
    )
    _build_details(built)
    _build_teams(built)
    _build_agents(built)
    _build_topics(built)
    _build_texts(built)
    now = timezone.now()
    for request in REQUESTS:
        _build_request(built, request, now)


def _build_details(built: _Town) -> None:
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


def _build_teams(built: _Town) -> None:
    first = Team.objects.get(authority=built.authority)
    for index, planned in enumerate(town.TEAMS):
        details = TeamDetails(planned.name, f"{planned.name} {town.SHORT_NAME}", planned.signature)
        team = (
            create_team(authority_id=built.authority.pk, details=details, user=built.administrator)
            if index
            else change_team(team_id=first.pk, details=details, user=built.administrator)
        )
        built.teams[planned.name] = team
        built.accounts[planned.name] = _build_mailbox(built, planned, team)


def _build_mailbox(built: _Town, planned: town.DemoTeam, team: Team) -> Account:
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
    if planned.is_administrator:
        agent.roles.set(Role.objects.filter(authority=authority, name="Administration"))
    return agent


def _build_agents(built: _Town) -> None:
    for planned in town.AGENTS:
        agent = built.administrator
        if not planned.is_administrator:
            # One hash for all: hashing is slow on purpose, and the password is printed anyway.
            agent = _build_agent(built.authority, planned, built.administrator.password)
        built.agents[planned.mailbox] = agent
        rights = {built.teams[name].pk: Rights() for name in planned.teams}
        set_user_rights(user_id=agent.pk, rights=rights, user=built.administrator)


def _build_topics(built: _Town) -> None:
    groups: dict[str, int] = {}
    for topic in town.TOPICS:
        if topic.group not in groups:
            groups[topic.group] = _build_topic(built, CategoryDetails(topic.group))
        details = CategoryDetails(
            topic.name, groups[topic.group], built.teams[topic.team].pk, topic.priority
        )
        built.topics[topic.name] = _build_topic(built, details)


def _build_topic(built: _Town, details: CategoryDetails) -> int:
    made = create_category(
        authority_id=built.authority.pk, details=details, user=built.administrator
    )
    return made.pk


def _build_texts(built: _Town) -> None:
    for text in texts.TEXTS:
        details = ModuleDetails(
            title=text.title,
            bodies={"de": text.german, "en": text.english},
            keywords=text.keywords,
            team_id=built.teams[text.team].pk if text.team else None,
        )
        create_text_module(
            authority_id=built.authority.pk, details=details, user=built.administrator
        )


def _build_request(built: _Town, request: DemoRequest, now: datetime) -> None:
    category_id = built.topics.get(request.topic)
    name = next((topic.team for topic in town.TOPICS if topic.name == request.topic), request.team)
    account = built.accounts[name]
    receipt = accept(
        Inbound(
            authority_id=built.authority.pk,
            team_id=account.team_id,
            channel=Channel.MAIL,
            person=Person(name=request.name, email=request.email),
            subject=request.subject,
            text=request.text,
            full_text=request.text,
            received_at=now - request.ago,
            language=request.language,
            sender_id=account.sender_id,
            to=(Person(email=account.address),),
            category_id=category_id,
        )
    )
    # A thread is in the order in which things were written down, and this mail came days ago.
    Article.objects.filter(ticket_id=receipt.ticket_id).update(created_at=now - request.ago)
    for number, step in enumerate(request.steps):
        _take_step(built, step, receipt.ticket_id, f"demo-{number}")
        _backdate(receipt.ticket_id, now - step.ago)


def _take_step(built: _Town, step: Step, ticket_id: int, key: str) -> None:
    user = built.agents[step.by]
    if step.kind == "assign":
        assign(ticket_id=ticket_id, user=user, owner_id=user.pk)
    elif step.kind == "note":
        write_note(ticket_id=ticket_id, user=user, text=step.text)
    elif step.kind == "answer":
        answer = Answer(
            ticket_id=ticket_id,
            text=step.text,
            form_key=f"{key}-{ticket_id}",
            then=step.then,
            outcome=step.outcome,
            despite_newer=True,
            undo_seconds=0,
        )
        write_answer(answer=answer, user=user)
    else:
        change_status(ticket_id=ticket_id, user=user, to=step.then or Status.OPEN)


def _backdate(ticket_id: int, moment: datetime) -> None:
    """Let what was just written look as old as the story wants; only the demonstration may."""
    Ticket.objects.filter(pk=ticket_id).update(active_at=moment)
    newest = Article.objects.filter(ticket_id=ticket_id).order_by("-id").first()
    if newest is None or newest.author_user_id is None or newest.received_at < moment:
        return
    Article.objects.filter(pk=newest.pk).update(received_at=moment, created_at=moment)
    if newest.outgoing_id:
        OutgoingMessage.objects.filter(pk=newest.outgoing_id).update(created_at=moment)
