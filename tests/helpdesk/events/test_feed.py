"""Reading by number."""

import pytest
from django.db import transaction
from pytest_django import DjangoAssertNumQueries

from helpdesk.events import feed
from helpdesk.events.publish import SYSTEM, Fact, publish
from helpdesk.events.sequencer import seal_batch


@pytest.fixture
def five_events(db: None) -> None:  # noqa: ARG001 - rows need the database
    with transaction.atomic():
        for n in range(5):
            publish(
                fact=Fact("ticket.renamed", "ticket", n % 2, 1, personal={"n": n}), actor=SYSTEM
            )
    seal_batch()


@pytest.mark.django_db
def test_head_of_an_empty_history_is_zero() -> None:
    assert feed.head() == 0


@pytest.mark.usefixtures("five_events")
def test_read_after_returns_the_next_events_in_order(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(1):
        seals = feed.read_after(2, limit=2)
        subjects = [seal.event.subject_id for seal in seals]

    assert [seal.seq for seal in seals] == [3, 4]
    assert subjects == [0, 1]
    assert feed.head() == 5


@pytest.mark.usefixtures("five_events")
def test_history_returns_one_subject_with_what_is_left_of_its_payloads() -> None:
    events = feed.history(subject_kind="ticket", subject_id=1)

    assert [event.payload.data for event in events] == [{"n": 1}, {"n": 3}]
