"""A promise that is moved with a reason: the new date everywhere, the words, the way back."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from helpdesk.events.models import Event
from helpdesk.outbox.models import MessageState, OutgoingMessage
from helpdesk.portal.timeline import promise_of
from helpdesk.sla.domain.deadlines import record_due
from helpdesk.sla.domain.extending import (
    Extension,
    NoReasonError,
    NothingPromisedError,
    NotLaterError,
    TooLateError,
    extend_deadline,
    take_back_extension,
)
from helpdesk.sla.domain.recounting import ask_for_recount, recount_waiting
from helpdesk.sla.models import Agreement, Clock
from helpdesk.tickets import facts
from helpdesk.tickets.domain.locking import TicketNotThereError
from helpdesk.tickets.domain.state import change_status
from helpdesk.tickets.enums import Status
from helpdesk.tickets.models import Article, Ticket
from tests.factories.town import Town, arrive, make_agent, make_team
from tests.fakes.clock import NOON
from tests.fakes.clock import Clock as Watch
from tests.helpdesk.sla.conftest import Follower

FIRST = Clock.Kind.FIRST_ANSWER
FRIDAY = date(2026, 3, 6)
# Work ends at four in the afternoon, Berlin time.
FRIDAY_EVENING = datetime(2026, 3, 6, 15, 0, tzinfo=UTC)


@pytest.fixture
def ticket(town: Town, clock: Watch, follow: Follower) -> Ticket:  # noqa: ARG001 - time stands still first
    arrived = arrive(town)
    follow()
    return arrived


def extend(town: Town, ticket: Ticket, **values: Any) -> Event:
    given: dict[str, Any] = {"kind": FIRST, "day": FRIDAY, "reason": "Ein Teil fehlt."}
    return extend_deadline(
        extension=Extension(ticket_id=ticket.pk, **(given | values)), user=town.agent
    )


def due_of(ticket: Ticket) -> datetime | None:
    ticket.refresh_from_db()
    return ticket.due_at


def test_the_new_day_holds_in_lists_on_the_status_page_and_for_warnings(
    town: Town, ticket: Ticket
) -> None:
    event = extend(town, ticket)

    assert due_of(ticket) == FRIDAY_EVENING
    promise = promise_of(ticket)
    assert promise is not None
    assert promise.until == FRIDAY_EVENING
    clock = Clock.objects.get(ticket=ticket, kind=FIRST)
    assert clock.near_at == FRIDAY_EVENING - timedelta(hours=2)
    assert (event.kind, event.payload.data) == (
        facts.DEADLINE_EXTENDED,
        {"reason": "Ein Teil fehlt."},
    )
    assert not Article.objects.filter(kind="answer").exists()


def test_a_promise_that_was_missed_runs_again_and_the_history_keeps_the_miss(
    town: Town, ticket: Ticket, clock: Watch
) -> None:
    clock.move_to(datetime(2026, 3, 5, 14, 0, tzinfo=UTC))
    record_due()
    before = Clock.objects.get(ticket=ticket, kind=FIRST)
    assert before.missed_at is not None

    event = extend(town, ticket)

    assert due_of(ticket) == FRIDAY_EVENING
    assert Event.objects.filter(kind=facts.DEADLINE_MISSED).count() == 1
    take_back_extension(ticket_id=ticket.pk, event_id=event.pk, user=town.agent)
    assert Clock.objects.get(ticket=ticket, kind=FIRST).missed_at == before.missed_at


def test_the_undo_promises_what_was_promised_and_keeps_the_notice_back(
    town: Town, ticket: Ticket, clock: Watch
) -> None:
    due = due_of(ticket)
    event = extend(town, ticket, notice="Es dauert länger.", key="k")
    told = OutgoingMessage.objects.get(kind="answer")

    take_back_extension(ticket_id=ticket.pk, event_id=event.pk, user=town.agent)

    assert due_of(ticket) == due
    told.refresh_from_db()
    assert told.state == MessageState.CANCELLED
    undoing = Event.objects.filter(kind=facts.DEADLINE_EXTENDED).latest("pk")
    for over in (event, undoing):
        with pytest.raises(TooLateError):
            take_back_extension(ticket_id=ticket.pk, event_id=over.pk, user=town.agent)
    again = extend(town, ticket)
    clock.advance(seconds=60)
    with pytest.raises(TooLateError):
        take_back_extension(ticket_id=ticket.pk, event_id=again.pk, user=town.agent)
    assert due_of(ticket) == FRIDAY_EVENING


def test_what_the_citizen_has_been_told_stays_promised(town: Town, ticket: Ticket) -> None:
    event = extend(town, ticket, notice="Es dauert länger.", key="k")
    OutgoingMessage.objects.filter(kind="answer").update(state=MessageState.SENT)

    with pytest.raises(TooLateError):
        take_back_extension(ticket_id=ticket.pk, event_id=event.pk, user=town.agent)

    assert due_of(ticket) == FRIDAY_EVENING


def test_an_extension_outlives_a_new_agreement_and_ends_with_the_end(
    town: Town, ticket: Ticket, follow: Follower
) -> None:
    extend(town, ticket)
    Agreement.objects.filter(pk=town.agreement.pk).update(first_answer_minutes=9 * 60)
    ask_for_recount(calendar_id=town.authority.calendar_id)

    recount_waiting()

    assert due_of(ticket) == datetime(2026, 3, 9, 8, 0, tzinfo=UTC)
    change_status(ticket_id=ticket.pk, user=town.agent, to=Status.RESOLVED, outcome="answered")
    follow()
    change_status(ticket_id=ticket.pk, user=town.agent, to=Status.OPEN)
    follow()
    clock = Clock.objects.get(ticket=ticket, kind=FIRST)
    assert (clock.target_minutes, clock.extended_minutes) == (9 * 60, 0)


@pytest.mark.parametrize(
    "values, error",
    [
        ({"reason": " \n "}, NoReasonError),
        ({"day": date(2026, 3, 4)}, NotLaterError),
        ({"day": date(2026, 3, 3)}, NotLaterError),
        ({"day": date(2027, 6, 1)}, NotLaterError),
        ({"kind": "nothing"}, NothingPromisedError),
    ],
)
def test_what_is_no_extension_changes_nothing(
    town: Town, ticket: Ticket, values: dict[str, Any], error: type[Exception]
) -> None:
    due = due_of(ticket)

    with pytest.raises(error):
        extend(town, ticket, **values)

    assert due_of(ticket) == due


def test_a_waiting_request_and_a_foreign_one_can_not_be_extended(
    town: Town, ticket: Ticket, follow: Follower
) -> None:
    foreign = make_agent(make_team(town, "Abfall"), "bert@musterstadt.example")
    wanted = Extension(ticket.pk, FIRST, FRIDAY, "Ein Teil fehlt.")
    with pytest.raises(TicketNotThereError):
        extend_deadline(extension=wanted, user=foreign)

    change_status(
        ticket_id=ticket.pk,
        user=town.agent,
        to=Status.WAITING_DATE,
        until=NOON + timedelta(days=1),
    )
    follow()

    with pytest.raises(NothingPromisedError):
        extend_deadline(extension=wanted, user=town.agent)
