"""What time alone brings."""

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from helpdesk.events.models import Event
from helpdesk.sla.domain.deadlines import record_due
from helpdesk.sla.models import Clock
from helpdesk.sla.tasks import tick
from helpdesk.tickets import facts
from helpdesk.tickets.domain.state import change_status
from helpdesk.tickets.enums import Status
from tests.factories.town import Town, arrive
from tests.fakes.clock import NOON
from tests.fakes.clock import Clock as Watch
from tests.helpdesk.sla.conftest import Follower


def recorded(kind: str) -> list[tuple[int, str]]:
    events = Event.objects.filter(kind=kind).order_by("id")
    return [(event.subject_id, event.data["clock"]) for event in events]


@pytest.mark.both_engines
@pytest.mark.usefixtures("clock")
def test_record_due_tells_of_a_near_and_of_a_missed_deadline_once_each(
    town: Town, follow: Follower
) -> None:
    ticket = arrive(town)
    follow()

    counts = [record_due(now=NOON + timedelta(hours=h)) for h in (21, 22, 23, 24.1, 25)]

    assert counts == [0, 1, 0, 1, 0]
    assert recorded(facts.DEADLINE_NEAR) == [(ticket.pk, "first_answer")]
    assert recorded(facts.DEADLINE_MISSED) == [(ticket.pk, "first_answer")]
    assert Clock.objects.get(kind="first_answer").missed_at == NOON + timedelta(days=1)


@pytest.mark.usefixtures("clock")
def test_record_due_is_silent_about_paused_and_stopped_clocks(town: Town, follow: Follower) -> None:
    waiting, ended = arrive(town), arrive(town)
    change_status(ticket_id=waiting.pk, user=town.agent, to=Status.WAITING_CITIZEN)
    change_status(ticket_id=ended.pk, user=town.agent, to=Status.CLOSED, outcome="spam")
    follow()

    assert record_due(now=NOON + timedelta(days=30)) == 0


def test_missed_deadline_stays_where_it_was_after_a_pause(
    town: Town, clock: Watch, follow: Follower
) -> None:
    ticket = arrive(town)
    follow()
    clock.advance(days=2)
    tick()
    for status in (Status.WAITING_CITIZEN, Status.OPEN):
        change_status(ticket_id=ticket.pk, user=town.agent, to=status)
    follow()

    ticket.refresh_from_db()
    assert (ticket.due_at, ticket.due_kind) == (NOON + timedelta(days=1), "first_answer")


def test_tick_opens_a_ticket_whose_date_has_come(town: Town, clock: Watch) -> None:
    ticket = arrive(town)
    change_status(
        ticket_id=ticket.pk,
        user=town.agent,
        to=Status.WAITING_DATE,
        until=NOON + timedelta(days=1),
    )

    tick()
    ticket.refresh_from_db()
    before = ticket.status
    clock.advance(days=1)
    tick()
    ticket.refresh_from_db()

    assert (before, ticket.status) == (Status.WAITING_DATE, Status.OPEN)


@pytest.mark.usefixtures("clock")
def test_tick_with_nothing_due_asks_little(
    town: Town,
    follow: Follower,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    arrive(town)
    follow()

    with django_assert_num_queries(10):
        tick()
