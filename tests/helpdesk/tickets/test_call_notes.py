"""Notes of calls: filed and brought into their state in one step, and taken back."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from helpdesk.agents.models import Membership
from helpdesk.events.models import Event
from helpdesk.sla import handlers
from helpdesk.sla.models import Clock
from helpdesk.tickets import facts
from helpdesk.tickets.domain.articles import EmptyTextError
from helpdesk.tickets.domain.call_notes import Decision, NotYourTeamError, take_back_note
from helpdesk.tickets.domain.locking import TicketNotThereError
from helpdesk.tickets.domain.state import StatusNotAllowedError, change_status, wake_waiting
from helpdesk.tickets.enums import ArticleKind, Channel, Outcome, Result, Status
from helpdesk.tickets.inbound import Person
from helpdesk.tickets.models import Article, Category, Ticket
from helpdesk.tickets.queries import public_thread, thread
from tests.factories.house import House, make_house, make_ticket
from tests.fakes.clock import Clock as Watch
from tests.helpdesk.desk.calls import DONE, KEEP, OPEN, callback, make_citizen, note_call

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return make_house()


def follow() -> None:
    for event in Event.objects.order_by("id"):
        handlers.handle(event=event)


def kinds() -> list[str]:
    return list(Event.objects.order_by("id").values_list("kind", flat=True))


def test_take_note_done_is_a_resolved_ticket_of_its_taker(house: House) -> None:
    article = note_call(house, DONE)

    ticket = article.ticket
    assert (ticket.status, ticket.outcome) == (Status.RESOLVED, Outcome.ANSWERED)
    assert (ticket.title, ticket.channel) == ("Schlagloch vor Nummer 14", Channel.PHONE)
    assert (ticket.owner, ticket.team) == (house.anna, house.roads)
    assert ticket.citizen is not None
    assert ticket.citizen.name == "Petra Lindner"
    assert (article.kind, article.author_user) == (ArticleKind.PHONE_NOTE, house.anna)
    assert article.text == "Schlagloch vor Nummer 14\nSehr tief."
    assert article.from_address == "0171 5550132"
    assert kinds() == [facts.CREATED, facts.CALL_NOTED, facts.ANSWERED, facts.STATUS_CHANGED]


def test_take_note_done_at_once_counts_as_the_first_answer(house: House) -> None:
    ticket = note_call(house, DONE).ticket
    follow()

    clock = Clock.objects.get(ticket=ticket, kind=Clock.Kind.FIRST_ANSWER)
    assert ticket.first_answer_at is not None
    assert clock.stopped_at is not None
    assert clock.missed_at is None


@pytest.mark.parametrize("decision", [OPEN, KEEP])
def test_take_note_that_stays_open_answers_nothing(house: House, decision: Decision) -> None:
    ticket = note_call(house, decision).ticket
    follow()

    assert ticket.first_answer_at is None
    assert Clock.objects.get(ticket=ticket, kind=Clock.Kind.FIRST_ANSWER).stopped_at is None


def test_take_note_of_a_letter_that_is_done_is_no_answer(house: House) -> None:
    ticket = note_call(house, DONE, channel=Channel.LETTER).ticket

    assert (ticket.status, ticket.first_answer_at) == (Status.RESOLVED, None)


def test_take_note_may_hand_an_open_request_to_a_team_the_taker_does_not_see(house: House) -> None:
    ticket = note_call(house, OPEN, team=house.waste).ticket

    assert (ticket.team, ticket.owner, ticket.status) == (house.waste, None, Status.NEW)


@pytest.mark.parametrize("decision", [DONE, KEEP, Decision(Result.CALLBACK, phone="1")])
def test_take_note_ends_nothing_in_a_foreign_team(house: House, decision: Decision) -> None:
    with pytest.raises(NotYourTeamError):
        note_call(house, decision, team=house.waste)

    assert Ticket.objects.count() == 0


def test_take_note_needs_the_right_to_take_in_requests(house: House) -> None:
    Membership.objects.filter(user=house.anna).update(can_create=False)

    with pytest.raises(NotYourTeamError):
        note_call(house, OPEN)


def test_the_taker_and_not_the_topic_chooses_the_team(house: House) -> None:
    topic = Category.objects.create(authority=house.authority, name="Tonne", team=house.waste)

    ticket = note_call(house, DONE, category_id=topic.pk).ticket

    assert (ticket.team, ticket.category) == (house.roads, topic)


def test_callback_waits_for_its_date_and_comes_back_by_itself_with_the_number(
    house: House, clock: Watch
) -> None:
    ticket = note_call(house, callback(days=2)).ticket
    waiting = (ticket.status, ticket.callback_phone, ticket.owner)

    clock.advance(days=2, minutes=1)
    wake_waiting(ticket_id=ticket.pk)
    ticket.refresh_from_db()

    assert waiting == (Status.WAITING_DATE, "0171 5550132", house.anna)
    assert (ticket.status, ticket.callback_phone) == (Status.OPEN, "0171 5550132")


def test_callback_without_a_number_or_a_date_to_come_is_refused_and_leaves_nothing(
    house: House,
) -> None:
    past = timezone.now() - timedelta(minutes=1)
    for decision in (
        Decision(Result.CALLBACK, until=timezone.now() + timedelta(days=1)),
        Decision(Result.CALLBACK, until=past, phone="1"),
        Decision(Result.CALLBACK, phone="1"),
    ):
        with pytest.raises(StatusNotAllowedError):
            note_call(house, decision)

    assert Ticket.objects.count() == 0
    assert Event.objects.count() == 0


def test_the_next_call_keeps_the_promise_and_so_does_the_end(house: House) -> None:
    called, ended = note_call(house, callback()).ticket, note_call(house, callback()).ticket

    note_call(house, KEEP, ticket_id=called.pk)
    change_status(ticket_id=ended.pk, user=house.anna, to=Status.CLOSED, outcome="answered")

    promised = Ticket.objects.order_by("pk").values_list("callback_phone", flat=True)
    assert list(promised) == ["", ""]


def test_note_joins_a_ticket_and_leaves_its_status_when_asked_to(house: House) -> None:
    ticket = make_ticket(house)

    article = note_call(house, KEEP, ticket_id=ticket.pk)

    ticket.refresh_from_db()
    assert article.ticket_id == ticket.pk
    assert ticket.status == Status.NEW
    assert [one.kind for one in thread(ticket)] == ["message", "phone_note"]


def test_note_that_ends_a_joined_ticket_resolves_it(house: House) -> None:
    ticket = make_ticket(house)

    note_call(house, DONE, ticket_id=ticket.pk)

    ticket.refresh_from_db()
    assert (ticket.status, ticket.owner) == (Status.RESOLVED, house.anna)
    assert ticket.first_answer_at is not None


def test_note_opens_an_ended_ticket_again(house: House) -> None:
    ticket = note_call(house, DONE).ticket

    note_call(house, OPEN, ticket_id=ticket.pk)

    ticket.refresh_from_db()
    assert (ticket.status, ticket.reopened) == (Status.OPEN, 1)


def test_no_citizen_ever_sees_a_note(house: House) -> None:
    ticket = make_ticket(house)
    note_call(house, KEEP, ticket_id=ticket.pk)

    assert [one.kind for one in public_thread(ticket)] == ["message"]


def test_a_foreign_ticket_or_citizen_is_as_if_it_were_not_there(house: House) -> None:
    foreign = make_ticket(house, team_id=house.waste.pk)
    stranger = make_citizen(house, "Fremd")

    given: list[dict[str, Any]] = [
        {"ticket_id": foreign.pk},
        {"citizen_id": stranger.pk},
        {"ticket_id": 999_999},
    ]
    for values in given:
        with pytest.raises(TicketNotThereError):
            note_call(house, KEEP, **values)

    assert Article.objects.filter(kind=ArticleKind.PHONE_NOTE).count() == 0


def test_whoever_may_only_read_notes_a_call_but_changes_nothing(house: House) -> None:
    ticket = make_ticket(house)
    Membership.objects.filter(user=house.anna).update(can_change=False)

    note_call(house, KEEP, ticket_id=ticket.pk)
    with pytest.raises(TicketNotThereError):
        note_call(house, DONE, ticket_id=ticket.pk)

    ticket.refresh_from_db()
    assert ticket.status == Status.NEW


def test_the_same_form_twice_makes_one_ticket(house: House) -> None:
    first = note_call(house, DONE, request_key="form")
    second = note_call(house, DONE, request_key="form")

    assert (first.pk, Ticket.objects.count(), Article.objects.count()) == (second.pk, 1, 1)
    assert kinds().count(facts.CALL_NOTED) == 1


def test_an_empty_note_is_refused(house: House) -> None:
    with pytest.raises(EmptyTextError):
        note_call(house, DONE, text=" \n ")

    assert Ticket.objects.count() == 0


def test_a_caller_without_name_and_number_is_nobody(house: House) -> None:
    ticket = note_call(house, OPEN, caller=Person()).ticket

    assert (ticket.citizen, ticket.citizen_name) == (None, "")


def test_taking_back_a_new_note_ends_its_ticket_as_taken_back_and_hides_the_text(
    house: House,
) -> None:
    article = note_call(house, callback())

    taken = take_back_note(article_id=article.pk, user=house.anna)

    ticket = Ticket.objects.get()
    assert taken is not None
    assert (ticket.status, ticket.outcome) == (Status.CLOSED, Outcome.TAKEN_BACK)
    assert ticket.callback_phone == ""
    assert list(thread(ticket)) == []
    assert facts.CALL_TAKEN_BACK in kinds()


def test_taking_back_a_joined_note_brings_status_owner_promise_and_clock_back(
    house: House,
) -> None:
    ticket = note_call(house, callback()).ticket
    article = note_call(house, DONE, ticket_id=ticket.pk)

    take_back_note(article_id=article.pk, user=house.anna)
    follow()

    ticket.refresh_from_db()
    assert (ticket.status, ticket.outcome) == (Status.WAITING_DATE, "")
    assert (ticket.callback_phone, ticket.first_answer_at) == ("0171 5550132", None)
    assert Clock.objects.get(ticket=ticket, kind=Clock.Kind.FIRST_ANSWER).stopped_at is None


def test_taking_back_is_for_the_writer_alone(house: House) -> None:
    article = note_call(house, DONE)

    with pytest.raises(TicketNotThereError):
        take_back_note(article_id=article.pk, user=house.bert)
    with pytest.raises(TicketNotThereError):
        take_back_note(article_id=999_999, user=house.anna)


def test_taking_back_comes_too_late_after_its_time_after_another_note_and_a_second_time(
    house: House, clock: Watch
) -> None:
    first = note_call(house, DONE)
    note_call(house, KEEP, ticket_id=first.ticket_id)
    again, late = note_call(house, DONE), note_call(house, DONE)
    take_back_note(article_id=again.pk, user=house.anna)

    refused = [take_back_note(article_id=one.pk, user=house.anna) for one in (first, again)]
    clock.advance(minutes=3)
    refused.append(take_back_note(article_id=late.pk, user=house.anna))

    assert refused == [None, None, None]


def test_taking_back_what_was_handed_over_needs_no_look_into_the_foreign_team(
    house: House,
) -> None:
    article = note_call(house, OPEN, team=house.waste)

    assert take_back_note(article_id=article.pk, user=house.anna) is not None
