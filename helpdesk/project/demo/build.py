"""Builds the demonstration through the same doors that people use."""

import itertools
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.contrib.auth.hashers import make_password
from django.db.models import F
from django.utils import timezone

from channels_in.accounts import Fetching, MailboxDetails, save_mailbox
from channels_in.models import Account
from helpdesk.accounts.domain.profile import offer_accounts
from helpdesk.agents.domain.authority import AuthorityDetails, change_authority
from helpdesk.agents.domain.teams import (
    Rights,
    TeamDetails,
    change_team,
    create_team,
    set_user_rights,
)
from helpdesk.agents.models import Authority, Role, Team, User
from helpdesk.forms.domain.editions import publish_edition, save_question
from helpdesk.lib.languages import FURTHER
from helpdesk.outbox.deliver import deliver_waiting
from helpdesk.outbox.models import OutgoingMessage, Recipient, Sender
from helpdesk.outbox.senders import SenderDetails
from helpdesk.project.demo import town
from helpdesk.project.demo.happenings import Town, request_happenings
from helpdesk.project.demo.knowledge import knowledge_happenings
from helpdesk.project.demo.pages import build_pages
from helpdesk.project.demo.story import working_day
from helpdesk.project.demo.texts import texts
from helpdesk.project.demo.timeline import StoryClock, follow, tell, told_by
from helpdesk.project.demo.topics import DemoTopic, groups_in_english, topics
from helpdesk.textmodules.domain import ModuleDetails, create_text_module
from helpdesk.tickets.domain.categories import CategoryDetails, create_category, form_of_category
from helpdesk.tickets.domain.learn import learn_topics
from helpdesk.tickets.domain.offices import add_office
from helpdesk.tickets.domain.seen import mark_seen
from helpdesk.tickets.queries import visible_to

# How long a mail takes to the demonstration's mailbox, undo window included.
ON_THE_WAY = timedelta(seconds=14)
# Who learns here writes notes and takes calls, but sends nothing.
LEARNING = Rights(can_answer=False, can_change=False)


def build_demo(authority: Authority) -> None:
    """Fill an authority that was just created. Must run inside atomic()."""
    built = Town(
        authority, _build_agent(authority, town.AGENTS[0], make_password(town.DEMO_PASSWORD))
    )
    _build_details(built)
    build_pages(authority, built.administrator)
    _build_teams(built)
    _build_agents(built)
    _build_topics(built)
    _build_texts(built)
    for name, email, note in town.OFFICES:
        add_office(name=name, email=email, note=note, user=built.administrator)
    _tell_story(built)


def _build_details(built: Town) -> None:
    authority = built.authority
    offer_accounts(authority_id=authority.pk, is_offered=True, user=built.administrator)
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
            asks_rating=True,
            further_languages=FURTHER,
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
    for topic in topics():
        if topic.group not in groups:
            group = CategoryDetails(topic.group, name_en=groups_in_english()[topic.group])
            groups[topic.group] = _build_topic(built, group)
        details = CategoryDetails(
            name=topic.name,
            parent_id=groups[topic.group],
            team_id=built.teams[topic.team].pk,
            priority=topic.urgency,
            description=topic.hint,
            name_en=topic.name_en,
            description_en=topic.hint_en,
            keywords=topic.keywords,
            place=topic.place,
            asks_photos=topic.photos,
            allows_anonymous=topic.anonymous,
            shows_nearby=topic.nearby,
        )
        built.topics[topic.name] = _build_topic(built, details)
        _build_questions(built, topic)


def _build_topic(built: Town, details: CategoryDetails) -> int:
    made = create_category(
        authority_id=built.authority.pk, details=details, user=built.administrator
    )
    return made.pk


def _build_questions(built: Town, topic: DemoTopic) -> None:
    if not topic.questions:
        return
    form = form_of_category(category_id=built.topics[topic.name])
    for question in topic.questions:
        save_question(form_id=form.pk, question=question, user=built.administrator)
    built.editions[topic.name] = publish_edition(form_id=form.pk, user=built.administrator)


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


def _tell_story(built: Town) -> None:
    """Let everything that ever happened in the town happen, oldest first, up to now."""
    now = timezone.localtime(timezone=ZoneInfo(built.authority.time_zone))
    numbers = itertools.count()
    happenings = [
        *request_happenings(built, now, numbers),
        *knowledge_happenings(built, now, numbers),
    ]
    clock = StoryClock(min(happenings).at)
    tell(happenings, clock)
    with told_by(clock):
        _deliver()
        follow()
    _look_at_everything(built, working_day(now, -1))
    learn_topics()


def _deliver() -> None:
    """Put all mails into the demonstration's mailbox, as old as they are."""
    deliver_waiting()
    sent = OutgoingMessage.objects.filter(finished_at__isnull=False)
    sent.update(finished_at=F("created_at") + ON_THE_WAY)
    for key, finished_at in sent.values_list("pk", "finished_at"):
        Recipient.objects.filter(message=key).update(decided_at=finished_at)


def _look_at_everything(built: Town, before: datetime) -> None:
    """Let all agents have seen what is older than the last working day."""
    for agent in built.agents.values():
        for ticket in visible_to(agent).filter(active_at__lt=before):
            mark_seen(ticket=ticket, user=agent)
