"""Working off what has happened: once, in order, and again after a failure."""

import threading
import time
from datetime import timedelta
from math import inf

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from helpdesk.events import chain
from helpdesk.events.models import Event, Seal
from helpdesk.events.publish import SYSTEM, Fact, publish
from helpdesk.outbox.models import OutgoingMessage
from helpdesk.reactions import dispatch, heartbeat, order, queries, tasks
from helpdesk.reactions.models import Reaction
from helpdesk.reactions.tasks import drain, run
from helpdesk.sla import handlers as clocks
from helpdesk.sla.models import Clock
from helpdesk.tickets.inbound import Threading
from tests.factories.town import Town, arrive, make_town

pytestmark = pytest.mark.django_db


# Is there anything 1, sealing 4 (and PostgreSQL's lock), reactions 1, savepoint 2.
QUERIES_TO_SEAL = 8 + (connection.vendor == "postgresql")
# Claim 1, clocks 3, receipt 5, and the savepoint of the test's own transaction 2.
QUERIES_PER_MAIL = 11


class Recorder:
    """A handler of the table that notes what it is given, and fails where it is told to."""

    def __init__(self) -> None:
        self.seen: list[int] = []
        self.failing: set[int] = set()

    def __call__(self, *, event: Event) -> None:
        if event.pk in self.failing:
            raise RuntimeError("as it was told")
        self.seen.append(event.pk)


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    handler = Recorder()
    monkeypatch.setattr(order, "IN_TRANSACTION", {"ticket": (handler,)})
    return handler


def write(*subjects: int, kind: str = "ticket") -> list[int]:
    with transaction.atomic():
        return [
            publish(fact=Fact("ticket.renamed", kind, n, 1, {"team_id": 1}), actor=SYSTEM).pk
            for n in subjects
        ]


def state(event_id: int) -> tuple[str, int]:
    return Reaction.objects.values_list("state", "attempts").get(event_id=event_id)


def make_due() -> None:
    """Let the pause after a failure be over."""
    Reaction.objects.update(next_attempt_at=F("next_attempt_at") - timedelta(hours=1))


@pytest.mark.both_engines
def test_run_turns_a_mail_into_clocks_and_a_receipt_once() -> None:
    ticket = arrive(make_town())

    run()
    run()

    assert Clock.objects.filter(ticket=ticket).count() == 2
    assert OutgoingMessage.objects.filter(kind="receipt", link_id=ticket.pk).count() == 1
    assert not Reaction.objects.filter(state=Reaction.State.PENDING).exists()
    assert Seal.objects.count() == Event.objects.count() == Reaction.objects.count()
    assert chain.verify() is None


def test_drain_follows_events_in_their_order(recorder: Recorder) -> None:
    events = write(1, 2, 1, 3, 2)

    drain(until=time.monotonic() + 60)

    assert recorder.seen == events


def test_events_of_other_subjects_are_done_at_once(recorder: Recorder) -> None:
    (event,) = write(1, kind="sender")

    run()

    assert state(event) == ("done", 0)
    assert recorder.seen == []


@pytest.mark.both_engines
def test_failure_holds_up_its_ticket_but_no_other(recorder: Recorder) -> None:
    first, other, second = write(1, 2, 1)
    recorder.failing = {first}

    run()
    after_failure = list(recorder.seen)
    recorder.failing = set()
    make_due()
    run()

    assert after_failure == [other]
    assert recorder.seen == [other, first, second]
    assert state(first) == ("done", 1)


@pytest.mark.both_engines
def test_failure_is_tried_again_only_after_its_pause(recorder: Recorder) -> None:
    (event,) = write(1)
    recorder.failing = {event}

    for attempt, pause in enumerate(dispatch.BACK_OFF, start=1):
        start = timezone.now()
        run()
        end = timezone.now()
        next_attempt_at = Reaction.objects.get().next_attempt_at
        make_due()

        length = timedelta(seconds=pause)
        moment = timedelta(milliseconds=5)  # SQLite's clock counts milliseconds
        assert start + length - moment <= next_attempt_at <= end + length
        assert state(event) == ("pending", attempt)


@pytest.mark.both_engines
def test_event_that_failed_is_left_alone_during_its_pause(recorder: Recorder) -> None:
    (event,) = write(1)
    recorder.failing = {event}
    run()
    Reaction.objects.update(next_attempt_at=timezone.now() + timedelta(minutes=1))

    run()

    assert state(event) == ("pending", 1)


def test_fifth_failure_parks_the_event_visibly_and_lets_its_ticket_go_on(
    recorder: Recorder,
) -> None:
    first, second = write(1, 1)
    recorder.failing = {first}

    for _ in range(5):
        run()
        make_due()
    run()

    assert state(first) == ("parked", 5)
    assert recorder.seen == [second]
    (parked,) = queries.parked()
    assert (parked.event_id, parked.error) == (first, "RuntimeError: as it was told")
    assert queries.backlog() == queries.Backlog(unsealed=0, pending=0, parked=1, since=None)


def test_retry_lets_a_parked_event_be_followed(recorder: Recorder) -> None:
    (event,) = write(1)
    recorder.failing = {event}
    for _ in range(5):
        run()
        make_due()
    recorder.failing = set()

    asked = dispatch.retry(reaction_id=Reaction.objects.get().pk)
    run()
    again = dispatch.retry(reaction_id=Reaction.objects.get().pk)

    assert (asked, again) == (True, False)
    assert state(event) == ("done", 0)


def test_failure_of_a_later_room_undoes_the_earlier_one(
    monkeypatch: pytest.MonkeyPatch, recorder: Recorder
) -> None:
    ticket = arrive(make_town())
    created = Event.objects.get(kind="ticket.created")
    recorder.failing = {created.pk}
    monkeypatch.setattr(order, "IN_TRANSACTION", {"ticket": (clocks.handle, recorder)})

    run()

    ticket.refresh_from_db()
    assert Clock.objects.count() == 0
    assert ticket.due_at is None
    assert state(created.pk) == ("pending", 1)


@pytest.mark.usefixtures("recorder")
def test_failure_to_tell_the_screens_fails_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    (event,) = write(1)
    deaf = Recorder()
    deaf.failing = {event}
    monkeypatch.setattr(dispatch, "AFTERWARDS", (deaf,))

    run()

    assert state(event) == ("done", 0)


def test_backlog_tells_what_waits_and_since_when() -> None:
    write(1)
    (event,) = Event.objects.all()

    unsealed = queries.backlog()
    dispatch.seal_committed()
    pending = queries.backlog()

    assert unsealed == queries.Backlog(1, 0, 0, event.created_at)
    assert pending == queries.Backlog(0, 1, 0, event.created_at)


def work() -> None:
    try:
        drain(until=time.monotonic() + 60)
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
@pytest.mark.both_engines
def test_two_workers_follow_each_event_once_and_each_ticket_in_order(
    recorder: Recorder,
) -> None:
    events = write(*[n % 5 for n in range(60)])
    subject = dict(zip(events, [n % 5 for n in range(60)], strict=True))

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)

    assert sorted(recorder.seen) == events
    for ticket in range(5):
        followed = [event for event in recorder.seen if subject[event] == ticket]
        assert followed == sorted(followed)


@pytest.fixture
def _nothing_by_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing be due that this process does each second or each ten: they are counted apart."""
    monkeypatch.setattr(heartbeat, "EVERY_SECONDS", inf)
    monkeypatch.setattr(tasks, "LOOK_SECONDS", inf)


@pytest.mark.usefixtures("_nothing_by_the_clock")
def test_idle_run_takes_no_lock_and_asks_twice(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(2):
        run()


@pytest.fixture
def town() -> Town:
    return make_town()


@pytest.mark.usefixtures("_nothing_by_the_clock")
def test_reactions_to_a_mail_need_few_queries(
    town: Town, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    arrive(town, threading=Threading())

    with django_assert_num_queries(QUERIES_TO_SEAL + QUERIES_PER_MAIL):
        run()
