"""Running clocks are counted anew when what they are counted by has changed."""

from datetime import timedelta

import pytest

from helpdesk.events.models import Event
from helpdesk.sla.domain import recounting
from helpdesk.sla.domain.deadlines import record_due
from helpdesk.sla.domain.recounting import ask_for_recount, recount_waiting
from helpdesk.sla.models import Agreement, Clock
from helpdesk.sla.tasks import tick
from helpdesk.tickets import facts
from helpdesk.tickets.domain.state import change_status
from helpdesk.tickets.enums import Status
from helpdesk.tickets.models import Ticket
from tests.factories.town import Town, arrive
from tests.fakes.clock import NOON
from tests.fakes.clock import Clock as Watch
from tests.helpdesk.sla.conftest import Follower

DAY = timedelta(days=1)


def close_tomorrow(town: Town) -> None:
    calendar = town.authority.calendar
    calendar.extra_holidays = [{"date": "2026-03-05", "name": "Umzug"}]
    calendar.save()
    ask_for_recount(calendar_id=calendar.pk)


def due_of(ticket: Ticket) -> object:
    ticket.refresh_from_db()
    return ticket.due_at


@pytest.mark.both_engines
@pytest.mark.usefixtures("clock")
def test_a_new_closing_day_moves_running_deadlines_and_is_recorded(
    town: Town, follow: Follower
) -> None:
    ticket = arrive(town)
    follow()
    close_tomorrow(town)

    moved = recount_waiting()

    assert moved == 2
    assert due_of(ticket) == NOON + 2 * DAY
    assert Clock.objects.get(kind="first_answer").near_at == NOON + 2 * DAY - timedelta(hours=2)
    told = Event.objects.get(kind=recounting.RECOUNTED)
    assert (told.subject_kind, told.data) == ("agreement", {"moved": 2})
    assert recount_waiting() == 0


@pytest.mark.usefixtures("clock")
def test_stopped_clocks_stay_as_they_were_measured(town: Town, follow: Follower) -> None:
    ticket = arrive(town)
    change_status(ticket_id=ticket.pk, user=town.agent, to=Status.CLOSED, outcome="spam")
    follow()
    before = list(Clock.objects.order_by("pk").values())
    close_tomorrow(town)

    assert recount_waiting() == 0
    assert list(Clock.objects.order_by("pk").values()) == before


def test_a_paused_clock_keeps_what_it_spent_and_goes_on_by_the_new_promise(
    town: Town, clock: Watch, follow: Follower
) -> None:
    ticket = arrive(town)
    clock.advance(hours=1)
    change_status(ticket_id=ticket.pk, user=town.agent, to=Status.WAITING_CITIZEN)
    follow()
    Agreement.objects.update(first_answer_minutes=120)
    ask_for_recount(calendar_id=town.authority.calendar_id)
    recount_waiting()
    change_status(ticket_id=ticket.pk, user=town.agent, to=Status.OPEN)
    follow()

    assert due_of(ticket) == NOON + timedelta(hours=2)


@pytest.mark.usefixtures("clock")
def test_a_missed_promise_stays_missed(town: Town, follow: Follower) -> None:
    arrive(town)
    follow()
    record_due(now=NOON + DAY)
    close_tomorrow(town)
    recount_waiting()

    assert Clock.objects.get(kind="first_answer").due_at == NOON + DAY


@pytest.mark.usefixtures("clock")
def test_a_warning_is_given_again_when_its_deadline_has_moved_away(
    town: Town, follow: Follower
) -> None:
    arrive(town)
    follow()
    record_due(now=NOON + timedelta(hours=23))
    close_tomorrow(town)
    recount_waiting()
    record_due(now=NOON + timedelta(hours=47))

    assert Event.objects.filter(kind=facts.DEADLINE_NEAR).count() == 2


@pytest.mark.usefixtures("clock")
def test_counting_goes_on_in_batches_after_the_last_clock_of_the_one_before(
    town: Town, follow: Follower, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recounting, "BATCH", 2)
    monkeypatch.setattr(recounting, "BATCHES_A_TICK", 2)
    tickets = [arrive(town) for _ in range(3)]
    follow()
    close_tomorrow(town)

    moved = [recount_waiting(), recount_waiting()]

    assert moved == [4, 2]
    assert [due_of(ticket) for ticket in tickets] == [NOON + 2 * DAY] * 3
    assert Event.objects.get(kind=recounting.RECOUNTED).data == {"moved": 6}


@pytest.mark.usefixtures("clock")
def test_the_tick_counts_anew(town: Town, follow: Follower) -> None:
    ticket = arrive(town)
    follow()
    close_tomorrow(town)

    tick()

    assert due_of(ticket) == NOON + 2 * DAY


def test_near_is_counted_in_working_time_across_a_weekend(
    town: Town, clock: Watch, follow: Follower
) -> None:
    """Due on Monday at nine: two working hours before that is Friday at three."""
    friday = NOON + 2 * DAY
    clock.move_to(friday - timedelta(hours=3))
    arrive(town)
    follow()
    # Friday nine o'clock, eight hours: seven on Friday, one on Monday.
    due = friday + 3 * DAY - timedelta(hours=3)

    first = Clock.objects.get(kind="first_answer")

    assert first.due_at == due
    assert first.near_at == friday + timedelta(hours=3)
    assert record_due(now=friday + timedelta(hours=2, minutes=59)) == 0
    assert record_due(now=friday + timedelta(hours=3)) == 1


def test_a_short_promise_is_near_in_its_last_quarter(
    town: Town, clock: Watch, follow: Follower
) -> None:
    Agreement.objects.update(first_answer_minutes=60)
    arrive(town)
    follow()

    assert clock.now == NOON
    assert Clock.objects.get(kind="first_answer").near_at == NOON + timedelta(minutes=45)
