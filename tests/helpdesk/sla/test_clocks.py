"""Clocks that follow the facts of a ticket."""

from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from helpdesk.events.models import Event
from helpdesk.sla import handlers
from helpdesk.sla.models import Agreement, Clock
from helpdesk.tickets import facts
from helpdesk.tickets.domain.articles import Answer, withdraw_answer, write_answer
from helpdesk.tickets.domain.state import change_status
from helpdesk.tickets.enums import Outcome, Status
from helpdesk.tickets.models import Ticket
from tests.factories.town import Town, arrive
from tests.fakes.clock import NOON
from tests.fakes.clock import Clock as Watch
from tests.helpdesk.sla.conftest import Follower

# A Wednesday, 12:00 in Berlin: four hours are left of the day.
HOUR = timedelta(hours=1)


def first(ticket: Ticket) -> Clock:
    return Clock.objects.get(ticket=ticket, kind=Clock.Kind.FIRST_ANSWER)


def solution(ticket: Ticket) -> Clock:
    return Clock.objects.get(ticket=ticket, kind=Clock.Kind.SOLUTION)


def deadline(ticket: Ticket) -> tuple[datetime | None, str, bool]:
    ticket.refresh_from_db()
    return ticket.due_at, ticket.due_kind, ticket.clock_paused


def put(town: Town, ticket: Ticket, to: Status, outcome: str = "") -> None:
    change_status(ticket_id=ticket.pk, user=town.agent, to=to, outcome=outcome)


def answer(town: Town, ticket: Ticket) -> int:
    ticket.refresh_from_db()
    written = write_answer(
        answer=Answer(
            ticket_id=ticket.pk,
            text="Wir kümmern uns.",
            form_key=f"form-{ticket.version}",
            seen_article_id=ticket.last_public_id,
        ),
        user=town.agent,
    )
    return written.pk


@pytest.fixture
def ticket(town: Town, clock: Watch, follow: Follower) -> Ticket:  # noqa: ARG001 - time stands still first
    arrived = arrive(town)
    follow()
    return arrived


def test_created_starts_both_clocks_from_the_arrival(ticket: Ticket) -> None:
    due = NOON + timedelta(days=1)

    assert first(ticket).due_at == due
    assert solution(ticket).due_at == NOON + timedelta(days=7)
    assert deadline(ticket) == (due, "first_answer", False)


@pytest.mark.usefixtures("clock")
def test_created_counts_from_when_the_mail_came_not_from_its_filing(
    town: Town, follow: Follower
) -> None:
    ticket = arrive(town, at=NOON - 2 * HOUR)

    follow()

    assert first(ticket).due_at == NOON - 2 * HOUR + timedelta(days=1)


def test_created_by_automatic_mail_starts_nothing(town: Town, follow: Follower) -> None:
    ticket = arrive(town, is_automatic=True)

    follow()

    assert Clock.objects.count() == 0
    assert deadline(ticket) == (None, "", False)


def test_created_without_an_agreement_starts_nothing(town: Town, follow: Follower) -> None:
    Agreement.objects.all().delete()
    ticket = arrive(town)

    follow()

    assert deadline(ticket) == (None, "", False)


def test_created_under_a_calendar_that_never_opens_gives_no_deadline(
    town: Town, follow: Follower
) -> None:
    town.authority.calendar.hours = {}
    town.authority.calendar.save()
    ticket = arrive(town)

    follow()
    put(town, ticket, Status.WAITING_CITIZEN)
    follow()

    assert deadline(ticket) == (None, "", True)


def test_answer_stops_the_first_clock_and_the_next_one_shows(
    town: Town, clock: Watch, ticket: Ticket, follow: Follower
) -> None:
    clock.advance(hours=1)
    answer(town, ticket)
    follow()

    assert first(ticket).stopped_at == NOON + HOUR
    assert deadline(ticket) == (NOON + timedelta(days=7), "solution", False)


def test_withdrawn_answer_lets_the_first_clock_run_on_as_if_nothing_had_been(
    town: Town, clock: Watch, ticket: Ticket, follow: Follower
) -> None:
    clock.advance(hours=1)
    article_id = answer(town, ticket)
    follow()
    clock.advance(seconds=5)
    withdraw_answer(article_id=article_id, user=town.agent)
    follow()

    assert first(ticket).stopped_at is None
    assert deadline(ticket) == (NOON + timedelta(days=1), "first_answer", False)


@pytest.mark.parametrize("status", [Status.WAITING_CITIZEN, Status.WAITING_THIRD])
def test_waiting_pauses_and_coming_back_adds_the_pause_to_the_deadline(
    town: Town, clock: Watch, ticket: Ticket, follow: Follower, status: Status
) -> None:
    clock.advance(hours=1)
    put(town, ticket, status)
    follow()
    paused = deadline(ticket)
    clock.advance(hours=2)
    put(town, ticket, Status.OPEN)
    follow()

    assert paused == (None, "", True)
    assert first(ticket).spent_minutes == 60
    assert deadline(ticket) == (NOON + timedelta(days=1, hours=2), "first_answer", False)


def test_change_between_two_ways_of_waiting_counts_the_pause_once(
    town: Town, clock: Watch, ticket: Ticket, follow: Follower
) -> None:
    put(town, ticket, Status.WAITING_CITIZEN)
    clock.advance(hours=1)
    put(town, ticket, Status.WAITING_THIRD)
    clock.advance(hours=1)
    put(town, ticket, Status.OPEN)
    follow()

    assert solution(ticket).spent_minutes == 0
    assert deadline(ticket)[0] == NOON + timedelta(days=1, hours=2)


@pytest.mark.parametrize("status", [Status.RESOLVED, Status.CLOSED])
def test_end_stops_both_clocks(
    town: Town, ticket: Ticket, follow: Follower, status: Status
) -> None:
    put(town, ticket, status, Outcome.ANSWERED)
    follow()

    assert [c.stopped_at for c in Clock.objects.all()] == [NOON, NOON]
    assert deadline(ticket) == (None, "", False)


def test_reopening_starts_the_solution_anew_but_asks_for_no_second_first_answer(
    town: Town, clock: Watch, ticket: Ticket, follow: Follower
) -> None:
    answer(town, ticket)
    put(town, ticket, Status.RESOLVED, Outcome.ANSWERED)
    clock.advance(days=7)
    put(town, ticket, Status.OPEN)
    follow()

    assert first(ticket).stopped_at == NOON
    assert deadline(ticket) == (NOON + timedelta(days=14), "solution", False)


def test_reopening_of_an_unanswered_ticket_promises_the_first_answer_again(
    town: Town, clock: Watch, ticket: Ticket, follow: Follower
) -> None:
    put(town, ticket, Status.CLOSED, Outcome.SPAM)
    clock.advance(days=7)
    put(town, ticket, Status.OPEN)
    follow()

    assert deadline(ticket) == (NOON + timedelta(days=8), "first_answer", False)


def test_reopening_into_waiting_starts_paused(town: Town, ticket: Ticket, follow: Follower) -> None:
    put(town, ticket, Status.RESOLVED, Outcome.ANSWERED)
    put(town, ticket, Status.WAITING_CITIZEN)
    follow()

    assert deadline(ticket) == (None, "", True)


def test_stopping_after_the_deadline_records_that_it_was_missed(
    town: Town, clock: Watch, ticket: Ticket, follow: Follower
) -> None:
    clock.advance(days=2)
    answer(town, ticket)
    follow()

    assert first(ticket).missed_at == NOON + timedelta(days=1)
    missed = Event.objects.get(kind=facts.DEADLINE_MISSED)
    assert missed.data["clock"] == "first_answer"
    assert missed.data["due_at"] == (NOON + timedelta(days=1)).isoformat()


def test_other_facts_leave_the_clocks_alone(
    ticket: Ticket, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    event = Event(kind=facts.NOTE_ADDED, subject_kind="ticket", subject_id=ticket.pk)

    with django_assert_num_queries(0):
        handlers.handle(event=event)


def test_created_needs_three_queries(
    town: Town, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    ticket = arrive(town)
    event = Event.objects.get(kind=facts.CREATED, subject_id=ticket.pk)

    with django_assert_num_queries(3):
        handlers.handle(event=event)


def test_time_is_kept_in_utc(ticket: Ticket) -> None:
    due_at = first(ticket).due_at

    assert due_at is not None
    assert due_at.tzinfo == UTC
