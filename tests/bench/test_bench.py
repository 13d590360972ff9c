"""The bench measures, and what it fills holds together; nothing is timed here."""

from datetime import timedelta
from itertools import islice
from random import Random

import pytest
from django.core.management import CommandError, call_command

from bench.mails import FILE_BYTES, citizens_mail
from bench.report import Table
from bench.run import TUNED, Plan, run
from bench.sustained import DIFFERENT, endless_mails, growth
from channels_in.mail.parse import parse
from channels_in.trace import identify
from helpdesk.events import chain
from helpdesk.project.filling.story import Calendar, Cast, tell
from helpdesk.reactions import indexing
from helpdesk.search.engines import engine
from helpdesk.sla.domain.deadlines import record_due
from helpdesk.sla.models import Clock
from helpdesk.tickets.domain.intake import accept
from helpdesk.tickets.enums import ENDED
from helpdesk.tickets.models import Ticket
from knowledgebase.models import Answer
from knowledgebase.search import search_public
from tests.factories.house import NOON, make_house, make_inbound, make_ticket, ticket_of
from tests.servers.anliegen import ROOT

pytestmark = pytest.mark.django_db


@pytest.mark.both_engines
def test_bench_fill_makes_requests_that_hold_together() -> None:
    call_command("bench_fill", tickets=200)

    unfinished = Ticket.objects.exclude(status__in=ENDED).count()
    longest = Ticket.objects.order_by("-id")[0]
    assert Ticket.objects.count() == 200
    assert 10 <= unfinished <= 60
    assert longest.articles.count() == 30
    assert longest.last_article_id == longest.articles.order_by("-id")[0].pk
    assert chain.verify() is None
    assert chain.strays() == 0
    assert Clock.objects.count() == 400


@pytest.mark.both_engines
def test_bench_fill_leaves_no_deadline_to_be_noted() -> None:
    call_command("bench_fill", tickets=200)

    running = Clock.objects.filter(due_at__isnull=False, missed_at__isnull=True)
    assert running.filter(warned_at=None).exists()
    assert not running.filter(near_at=None).exists()
    assert record_due() == 0


@pytest.mark.both_engines
def test_bench_fill_leaves_room_for_what_comes_next() -> None:
    call_command("bench_fill", tickets=20)

    house = make_house()
    ticket = ticket_of(accept(make_inbound(house)))

    assert Ticket.objects.count() == 21
    assert ticket.articles.count() == 1
    assert chain.strays() == 0


@pytest.mark.both_engines
def test_bench_fill_adds_answers_that_are_found() -> None:
    call_command("bench_fill", tickets=20, answers=30)
    for _state in indexing.rebuild(engine()):
        pass

    answer = Answer.objects.order_by("pk")[0]
    words = answer.texts.get(version=answer.live_version).title
    found = search_public(answer.authority_id, words)

    assert Answer.objects.count() == 30
    assert found.keys[0] == answer.pk
    with pytest.raises(CommandError, match="answers already"):
        call_command("bench_fill", tickets=0, answers=1)


def test_bench_fill_needs_an_authority_for_answers() -> None:
    with pytest.raises(CommandError, match="requests first"):
        call_command("bench_fill", tickets=0, answers=1)


def test_stories_of_one_seed_are_the_same() -> None:
    random = [Random(7), Random(7)]  # noqa: S311 - the same stories, no secret
    cast = Cast(("Anna Abend", "Bert Berg"), ("Jana Petersen",), ((0,),) * 5)
    calendar = Calendar(NOON - timedelta(days=30), NOON, 10)

    tellings = [
        [tell(index, calendar=calendar, cast=cast, chance=chance) for index in range(10)]
        for chance in random
    ]

    assert tellings[0] == tellings[1]
    assert all(step.at <= NOON for story in tellings[0] for step in story.steps)


def test_bench_fill_never_mixes_with_requests() -> None:
    make_ticket(make_house())

    with pytest.raises(CommandError, match="empty database"):
        call_command("bench_fill", tickets=5)

    assert Ticket.objects.count() == 1


def test_mails_of_the_bench_are_understood() -> None:
    mails = [parse(citizens_mail(number, run="x")) for number in range(10)]

    assert [mail.language for mail in mails] == ["de"] * 10
    assert sum(len(mail.attachments) for mail in mails) == 1
    assert {mail.error for mail in mails} == {None}


def test_of_a_hundred_mails_of_the_bench_seventy_are_plain_and_two_answer_others() -> None:
    raws = [citizens_mail(number, run="x") for number in range(100)]
    mails = [parse(raw) for raw in raws]

    files = [file.size for mail in mails for file in mail.attachments]
    answers = [mail.in_reply_to for mail in mails if mail.in_reply_to]
    ids = {mail.message_id for mail in mails}
    assert files == [FILE_BYTES] * 8
    assert sum(bool(mail.html) for mail in mails) == 20
    assert len(answers) == 2
    assert set(answers) < ids
    assert {1_800 < len(raw) < 2_300 for raw in raws if len(raw) < 5_000} == {True}
    assert {14_000 < len(raw) < 16_000 for raw in raws if 5_000 < len(raw) < 100_000} == {True}


def test_mails_that_keep_coming_are_each_another() -> None:
    mails = list(islice(endless_mails(), 2 * DIFFERENT + 50))

    assert len({identify(mail)[0] for mail in mails}) == len(mails)
    pictures = [file.content for mail in mails for file in parse(mail).attachments]
    assert len(set(pictures)) == len(pictures) == 36
    assert {len(content) for content in pictures} == {FILE_BYTES}


@pytest.mark.dovecot
def test_bench_measures_every_figure_on_sqlite() -> None:
    table = Table()
    plan = Plan(engines=("sqlite",), sizes=(200,), mails=5, pages=1, rounds=1, served_mails=0)

    raw = run(plan, table)

    names = [figure.name for figure in table.figures]
    assert "filing of a mail, CPU" in names
    assert "reactions, statements" in names
    assert "ticket, statements" in names
    assert "search, answers, typing, CPU p95" in names
    assert len(raw["sqlite 0k"]["mails"]["rounds"]) == 1


@pytest.mark.bench
@pytest.mark.dovecot
@pytest.mark.postgres
def test_bench_lets_mail_keep_coming_on_postgresql() -> None:
    table = Table()
    way = "several processes"
    plan = Plan(("postgres",), (200,), mails=5, pages=1, rounds=1, rate=5, sustained=4, ways=(way,))

    raw = run(plan, table)

    goals = {figure.name: figure.goal for figure in table.figures}
    assert goals["backlog at most"] == 5.0
    assert goals["filing of a mail, CPU"] == 5.5
    assert goals["parsing of a mail, CPU"] == 2.5
    assert raw["postgres 0k"]["sustained"][way]["delivered"] >= 15
    assert set(raw["postgres 0k"]["sustained"][way]["cpu"]) > {"fetch", "worker", "database"}


def test_memory_that_only_warms_up_does_not_grow_and_a_leak_does() -> None:
    assert growth([100, 150, 170, 180, 180, 180, 180, 180]) == 0
    assert growth([100, 110, 120, 130, 140, 150]) == 10
    assert growth([100, 110]) is None


def test_postgresql_is_tuned_for_measuring_as_the_documents_tell_administrators() -> None:
    told = (ROOT / "docs" / "admin" / "large.md").read_text()

    lines = {line.partition("#")[0].strip() for line in told.splitlines()}

    assert {f"{name} = {value}" for name, value in TUNED.items()} <= lines
