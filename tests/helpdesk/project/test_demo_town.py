"""The demonstration's town: believable, whole, and as old as its story says."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from channels_in.models import Account
from helpdesk.agents.models import Authority, Team, User
from helpdesk.agents.queries import administrators_of
from helpdesk.events.models import Event
from helpdesk.forms.schema import read_schema
from helpdesk.forms.validate import asked
from helpdesk.outbox.models import MessageState, OutgoingMessage
from helpdesk.project.demo import town
from helpdesk.project.demo.knowledge import sections
from helpdesk.project.demo.story import requests, written_texts
from helpdesk.project.demo.topics import topics
from helpdesk.project.setup import ensure_installation
from helpdesk.reactions.queries import backlog
from helpdesk.sla.models import Clock
from helpdesk.textmodules.models import TextModule
from helpdesk.textmodules.placeholders import unknown_placeholders
from helpdesk.tickets.enums import ArticleKind, Channel, Status
from helpdesk.tickets.models import Article, Attachment, Category, Ticket
from helpdesk.tickets.queries import visible_to
from knowledgebase.enums import State, Visibility
from knowledgebase.models import Answer

HELD_BACK = Path(__file__).parents[2] / "corpus" / "topics" / "held_back.toml"
# A greeting or a name under a letter is nobody's sentence.
WORDS_OF_A_SENTENCE = 4


def five_days_ago() -> datetime:
    return timezone.now() - timedelta(days=5)


def sentences(text: str) -> set[str]:
    parts = re.split(r"(?<=[.!?:])\s+|\n+", text)
    plain = (
        re.sub(r"\W+", " ", part).strip().lower() for part in parts if part.strip()[-1:] != ","
    )
    return {part for part in plain if len(part.split()) >= WORDS_OF_A_SENTENCE}


def test_no_two_requests_share_a_sentence() -> None:
    seen: dict[str, int] = defaultdict(int)
    for request in requests():
        for sentence in set().union(*(sentences(text) for text in written_texts(request))):
            seen[sentence] += 1

    assert [sentence for sentence, times in seen.items() if times > 1] == []


def test_the_town_has_requests_of_every_kind() -> None:
    everything = requests()

    assert len(everything) == 80
    assert {request.channel for request in everything} == {
        Channel.MAIL,
        Channel.WEB,
        Channel.PHONE,
        Channel.COUNTER,
        Channel.LETTER,
    }
    assert min(Counter(request.team for request in everything).values()) == 16
    named = {topic.name for topic in topics()}
    assert {request.topic for request in everything if request.topic} == named


@pytest.fixture(scope="module")
def built(
    django_db_setup: None,  # noqa: ARG001 - the database has to be there
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[Authority]:
    """Build the town once for all tests here; each undoes what it changes, the last all."""
    with django_db_blocker.unblock(), override_settings(DEMO=True), transaction.atomic():
        yield ensure_installation(demo=True).authority
        transaction.set_rollback(True)


@pytest.mark.django_db
@pytest.mark.usefixtures("built")
def test_the_history_is_as_old_as_the_story() -> None:
    oldest = Ticket.objects.order_by("received_at").first()
    newest = Event.objects.order_by("-created_at").first()

    assert oldest is not None
    assert newest is not None
    assert oldest.received_at < timezone.now() - timedelta(days=365)
    assert newest.created_at <= timezone.now()
    first = Event.objects.filter(subject_kind="ticket", subject_id=oldest.pk).earliest("created_at")
    assert abs(first.created_at - oldest.received_at) < timedelta(minutes=1)


@pytest.mark.django_db
@pytest.mark.usefixtures("built")
def test_events_of_the_story_are_sealed_in_its_order() -> None:
    moments = list(
        Event.objects.filter(subject_kind="ticket").order_by("seal__seq").values_list("created_at")
    )

    assert moments == sorted(moments)
    assert (backlog().unsealed, backlog().pending) == (0, 0)


@pytest.mark.django_db
@pytest.mark.usefixtures("built")
def test_who_was_answered_in_time_did_not_miss_the_promise() -> None:
    ticket = Ticket.objects.get(title="Reisepass vor dem Urlaub")

    clock = Clock.objects.get(ticket=ticket, kind=Clock.Kind.FIRST_ANSWER)
    assert clock.stopped_at is not None
    assert clock.missed_at is None


@pytest.mark.django_db
@pytest.mark.usefixtures("built")
def test_the_town_shows_every_status_and_some_delay() -> None:
    statuses = set(Ticket.objects.values_list("status", flat=True))

    assert statuses == set(Status.values) - {Status.MERGED, Status.DELETED}
    assert Clock.objects.filter(missed_at__isnull=False).exists()


@pytest.mark.django_db
@pytest.mark.usefixtures("built")
def test_mails_of_the_story_lie_in_the_mailbox_as_old_as_they_are() -> None:
    states = set(OutgoingMessage.objects.values_list("state", flat=True))

    assert states == {MessageState.SENT}
    for message in OutgoingMessage.objects.all():
        assert message.finished_at is not None
        assert message.finished_at - message.created_at < timedelta(minutes=1)


@pytest.mark.django_db
def test_agents_of_the_town_have_different_rights(built: Authority) -> None:
    rights = {
        (
            tuple(user.memberships.order_by("team").values_list("team__name", "can_answer")),
            tuple(user.roles.order_by("name").values_list("name", flat=True)),
        )
        for user in built.users.all()
    }

    assert len(rights) == len(town.AGENTS) == 8


@pytest.mark.django_db
@pytest.mark.usefixtures("built")
def test_photos_of_the_town_are_pictures() -> None:
    names = set(Attachment.objects.values_list("name", "content_type"))

    assert {kind for _, kind in names} == {"image/jpeg"}
    assert len(names) == 5


@pytest.mark.django_db
def test_the_demonstration_is_a_town_at_work(built: Authority) -> None:
    assert Ticket.objects.count() == 80
    assert (Team.objects.count(), Account.objects.count(), User.objects.count()) == (5, 5, 8)
    assert Category.objects.exclude(parent=None).count() == 20
    assert TextModule.objects.count() == 30
    assert list(administrators_of(built.pk)) == [
        User.objects.get(email="anna.berger@musterstadt.example")
    ]


@pytest.mark.django_db
@pytest.mark.usefixtures("built")
def test_no_text_module_of_the_demonstration_has_an_unknown_placeholder() -> None:
    texts = [text.body for module in TextModule.objects.all() for text in module.texts.all()]

    assert len(texts) == 37
    assert [unknown_placeholders(text) for text in texts] == [()] * 37


@pytest.mark.django_db
@pytest.mark.usefixtures("built")
def test_no_article_of_the_demonstration_is_from_the_future() -> None:
    assert not Article.objects.filter(received_at__gt=timezone.now()).exists()


@pytest.mark.django_db
@pytest.mark.usefixtures("built")
def test_threads_of_the_demonstration_begin_with_what_the_citizen_said() -> None:
    first = [
        ticket.articles.order_by("created_at", "pk").first() for ticket in Ticket.objects.all()
    ]

    assert {article.kind for article in first if article} == {
        ArticleKind.MESSAGE,
        ArticleKind.PHONE_NOTE,
    }


def test_the_files_hold_forty_answers_in_the_languages_of_the_town() -> None:
    rows = [row for section in sections() for row in section["answer"]]

    assert len(rows) >= 40
    assert sum("en" in row for row in rows) >= 10
    assert sum("simple" in row for row in rows) == 5
    assert len({row["key"] for row in rows}) == len(rows)


@pytest.mark.django_db
@pytest.mark.usefixtures("built")
def test_answers_of_the_town_are_published_and_about_its_topics() -> None:
    answers = Answer.objects.all()

    assert {answer.state for answer in answers} == {State.PUBLISHED}
    assert {answer.visibility for answer in answers} == set(Visibility.values)
    topics = set(Category.objects.exclude(parent=None).values_list("pk", flat=True))
    assert topics == set(answers.exclude(category=None).values_list("category_id", flat=True))
    assert not answers.filter(published_at__gt=timezone.now()).exists()


@pytest.mark.django_db
def test_agents_have_seen_what_is_older_than_yesterday(built: Authority) -> None:
    jana = User.objects.get(name="Jana Petersen")

    unseen = visible_to(jana).exclude(seen_by__user=jana)

    assert not unseen.filter(active_at__lt=five_days_ago()).exists()
    assert unseen.exists()
    assert built == jana.authority


@pytest.mark.django_db
@pytest.mark.usefixtures("built")
def test_reports_of_the_town_answered_the_questions_of_their_topics() -> None:
    reports = Ticket.objects.filter(channel=Channel.WEB, form_version__isnull=False)

    assert reports.count() >= 10
    for ticket in reports:
        assert ticket.form_version is not None
        questions = read_schema(ticket.form_version.schema)
        required = {one.key for one in asked(questions, ticket.answers) if one.required}
        assert required <= set(ticket.answers), ticket.title


@pytest.mark.django_db
@pytest.mark.usefixtures("built")
def test_the_right_topic_is_suggested_for_four_of_five_descriptions_nobody_has_seen() -> None:
    output = StringIO()

    call_command("suggest_topics", measure=HELD_BACK, stdout=output)

    found = re.search(r"(\d+) descriptions: \d+% first, (\d+)% among 3", output.getvalue())
    assert found is not None
    assert int(found[1]) == 60
    assert int(found[2]) >= 80
