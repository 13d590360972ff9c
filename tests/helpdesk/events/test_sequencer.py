"""Numbering events after commit."""

import threading
from collections.abc import Callable
from functools import partial

import pytest
from django.db import connection, transaction
from pytest_django import DjangoAssertNumQueries

from helpdesk.events import chain, feed
from helpdesk.events.models import Event, Seal, Unsealed
from helpdesk.events.publish import SYSTEM, Fact, publish
from helpdesk.events.sequencer import GENESIS, has_unsealed, link, seal_batch


def write(subject_id: int) -> Event:
    with transaction.atomic():
        return publish(fact=Fact("ticket.renamed", "ticket", subject_id, 1), actor=SYSTEM)


def write_many(first: int, count: int) -> None:
    for subject_id in range(first, first + count):
        write(subject_id)


def seal_often() -> None:
    for _ in range(30):
        seal_batch(limit=7)


def in_thread(work: Callable[[], object]) -> threading.Thread:
    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@pytest.mark.django_db
def test_seal_batch_numbers_and_chains_events_in_order() -> None:
    events = [write(n) for n in (1, 2, 3)]

    seals = seal_batch()

    assert [seal.seq for seal in seals] == [1, 2, 3]
    assert [seal.event for seal in seals] == events
    assert seals[0].hash == link(GENESIS, events[0], 1)
    assert seals[2].hash == link(seals[1].hash, events[2], 3)
    assert not has_unsealed()


@pytest.mark.django_db
def test_seal_batch_continues_where_the_last_one_ended() -> None:
    for n in range(5):
        write(n)

    sizes = [len(seal_batch(limit=2)) for _ in range(4)]

    assert sizes == [2, 2, 1, 0]
    assert list(Seal.objects.order_by("seq").values_list("seq", flat=True)) == [1, 2, 3, 4, 5]
    assert chain.verify() is None


@pytest.mark.django_db
def test_seal_batch_with_nothing_to_do_writes_nothing() -> None:
    assert seal_batch() == []
    assert Seal.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 3])
def test_seal_batch_needs_the_same_few_queries_for_any_number(
    count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for n in range(count):
        write(n)

    with django_assert_num_queries(5 if connection.vendor == "postgresql" else 4):
        seal_batch()


@pytest.mark.django_db(transaction=True)
@pytest.mark.both_engines
def test_a_cursor_by_number_misses_no_event_that_commits_after_a_later_one() -> None:
    written, may_commit = threading.Event(), threading.Event()

    def slow_writer() -> None:
        with transaction.atomic():
            publish(fact=Fact("ticket.renamed", "ticket", 1, 1), actor=SYSTEM)
            written.set()
            may_commit.wait(60)

    slow = in_thread(slow_writer)
    assert written.wait(60)
    quick = in_thread(partial(write, 2))
    # SQLite has one writer at a time: there the quick one can only wait for the slow one.
    if connection.vendor == "postgresql":
        quick.join(60)
    first = seal_batch() if has_unsealed() else []
    may_commit.set()
    slow.join(60)
    quick.join(60)
    seal_batch()
    rest = feed.read_after(first[-1].seq if first else 0)

    expected = [2, 1] if connection.vendor == "postgresql" else [1, 2]
    assert [seal.event.subject_id for seal in first + rest] == expected
    assert [seal.seq for seal in first + rest] == [1, 2]
    assert chain.verify() is None


@pytest.mark.django_db(transaction=True)
@pytest.mark.both_engines
def test_seal_batch_by_several_sequencers_beside_writers_numbers_each_event_once() -> None:
    writers = [in_thread(partial(write_many, first, 20)) for first in (100, 200, 300)]
    sequencers = [in_thread(seal_often) for _ in range(2)]
    for thread in writers + sequencers:
        thread.join(60)
    while seal_batch():
        pass

    assert list(Seal.objects.order_by("seq").values_list("seq", flat=True)) == list(range(1, 61))
    assert Seal.objects.values("event_id").distinct().count() == 60
    assert Unsealed.objects.count() == 0
    assert chain.verify() is None


@pytest.mark.django_db
@pytest.mark.both_engines
def test_finding_unsealed_events_does_not_read_the_sealed_ones() -> None:
    Event.objects.bulk_create(
        Event(kind="ticket.renamed", subject_kind="ticket", subject_id=n, actor_kind="system")
        for n in range(3000)
    )
    write(1)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")

    plan = Unsealed.objects.select_related("event").order_by("event_id")[:500].explain()

    assert "Seq Scan on events_event" not in plan
    assert "SCAN events_event" not in plan
