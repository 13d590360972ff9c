"""Answers and notes: what is sent, what is refused, what can be taken back."""

from datetime import timedelta

import pytest
from django.utils import timezone

from helpdesk.citizens.models import ContactPoint
from helpdesk.events.models import Event
from helpdesk.outbox.models import OutgoingMessage, Sender
from helpdesk.tickets import facts
from helpdesk.tickets.domain.articles import (
    Answer,
    EmptyTextError,
    StaleAnswerError,
    withdraw_answer,
    write_answer,
    write_note,
)
from helpdesk.tickets.domain.assign import assign
from helpdesk.tickets.domain.drafts import Typed, load_drafts, save_draft
from helpdesk.tickets.domain.intake import accept
from helpdesk.tickets.domain.locking import TicketNotThereError
from helpdesk.tickets.domain.state import StatusNotAllowedError, change_status
from helpdesk.tickets.enums import Channel, Status
from helpdesk.tickets.inbound import Person
from helpdesk.tickets.models import Article, Ticket
from helpdesk.tickets.queries import public_thread
from tests.factories.house import House, make_agent, make_house, make_inbound, make_ticket

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture
def ticket(house: House) -> Ticket:
    return make_ticket(house)


def reply(ticket: Ticket, **values: object) -> Answer:
    defaults: dict[str, object] = {
        "ticket_id": ticket.pk,
        "text": "Guten Tag,\n\nwir sehen uns das an.",
        "form_key": "form-1",
        "seen_article_id": ticket.last_article_id,
    }
    return Answer(**(defaults | values))  # type: ignore[arg-type] # the test's own values


def test_an_answer_is_queued_with_thread_and_token_and_waits_for_the_undo(
    house: House, ticket: Ticket
) -> None:
    article = write_answer(answer=reply(ticket), user=house.anna)

    message = OutgoingMessage.objects.get()
    ticket.refresh_from_db()
    assert article.outgoing == message
    assert message.subject == f"Re: Schlagloch in der Lindenstraße [MU#{ticket.number}]"
    assert message.headers["In-Reply-To"] == "<first@example.org>"
    assert "> Vor Nummer 14 ist ein tiefes Loch." in message.text
    assert message.not_before > timezone.now() + timedelta(seconds=5)
    assert [r.address for r in message.recipients.all()] == ["clara@example.org"]
    assert (ticket.status, ticket.owner) == (Status.OPEN, house.anna)


@pytest.mark.parametrize("then", [Status.MERGED, Status.DELETED])
def test_what_has_a_door_of_its_own_follows_no_answer_and_no_change_of_status(
    house: House, ticket: Ticket, then: Status
) -> None:
    with pytest.raises(StatusNotAllowedError):
        write_answer(answer=reply(ticket, then=then), user=house.anna)
    with pytest.raises(StatusNotAllowedError):
        change_status(ticket_id=ticket.pk, user=house.anna, to=then)

    ticket.refresh_from_db()
    assert (ticket.status, ticket.articles.count()) == (Status.NEW, 1)


def test_an_answer_that_fails_half_way_is_neither_written_nor_sent(
    house: House, ticket: Ticket
) -> None:
    with pytest.raises(StatusNotAllowedError):
        write_answer(answer=reply(ticket, then=Status.RESOLVED), user=house.anna)

    assert OutgoingMessage.objects.count() == 0
    assert Article.objects.get().pk == ticket.last_article_id


def test_send_and_resolve_is_one_step(house: House, ticket: Ticket) -> None:
    write_answer(answer=reply(ticket, then=Status.RESOLVED, outcome="fixed"), user=house.anna)

    ticket.refresh_from_db()
    assert (ticket.status, ticket.outcome) == (Status.RESOLVED, "fixed")


def test_the_same_form_twice_is_one_answer(house: House, ticket: Ticket) -> None:
    first = write_answer(answer=reply(ticket), user=house.anna)
    second = write_answer(answer=reply(ticket, text="andere"), user=house.anna)

    assert first == second
    assert OutgoingMessage.objects.count() == 1


def test_a_newer_message_of_the_citizen_stops_a_stale_answer(house: House, ticket: Ticket) -> None:
    seen = ticket.last_article_id
    accept(make_inbound(house, in_reply_to="<first@example.org>", message_id="<2@x>", text="Neu!"))

    with pytest.raises(StaleAnswerError) as stale:
        write_answer(answer=reply(ticket, seen_article_id=seen), user=house.anna)

    assert stale.value.newer.text == "Neu!"
    assert OutgoingMessage.objects.count() == 0


def test_a_colleagues_answer_stops_a_stale_one_even_in_its_undo_window(
    house: House, ticket: Ticket
) -> None:
    jana = make_agent(house.authority, "Jana Jung", house.roads)
    write_answer(answer=reply(ticket, text="Von Jana"), user=jana)

    with pytest.raises(StaleAnswerError) as stale:
        write_answer(answer=reply(ticket), user=house.anna)

    assert stale.value.newer.text == "Von Jana"
    sent = write_answer(answer=reply(ticket, despite_newer=True), user=house.anna)
    assert sent.text.startswith("Guten Tag")


def test_an_answer_taken_back_leaves_the_ticket_as_it_was_and_the_text_as_a_draft(
    house: House, ticket: Ticket
) -> None:
    article = write_answer(
        answer=reply(ticket, then=Status.RESOLVED, outcome="answered"), user=house.anna
    )

    text = withdraw_answer(article_id=article.pk, user=house.anna)

    ticket.refresh_from_db()
    assert text == "Guten Tag,\n\nwir sehen uns das an."
    assert (ticket.status, ticket.outcome, ticket.owner) == (Status.NEW, "", None)
    assert ticket.resolved_at is None
    assert OutgoingMessage.objects.get().state == "cancelled"
    assert load_drafts(ticket_id=ticket.pk, user=house.anna)["answer"].body == text


def test_an_answer_on_its_way_can_no_longer_be_taken_back(house: House, ticket: Ticket) -> None:
    article = write_answer(answer=reply(ticket), user=house.anna)
    OutgoingMessage.objects.update(state="sending")

    assert withdraw_answer(article_id=article.pk, user=house.anna) is None
    assert not Article.objects.get(pk=article.pk).is_withdrawn


def test_nobody_takes_back_a_colleagues_answer(house: House, ticket: Ticket) -> None:
    article = write_answer(answer=reply(ticket), user=house.anna)
    jana = make_agent(house.authority, "Jana Jung", house.roads)

    with pytest.raises(TicketNotThereError):
        withdraw_answer(article_id=article.pk, user=jana)


def test_a_note_never_reaches_the_citizen(house: House, ticket: Ticket) -> None:
    write_note(ticket_id=ticket.pk, user=house.anna, text="GEHEIM intern")

    write_answer(answer=reply(ticket), user=house.anna)

    assert "GEHEIM" not in OutgoingMessage.objects.get().text
    assert [article.kind for article in public_thread(ticket)] == ["message"]


def test_an_agent_of_another_team_finds_no_ticket_to_answer(house: House, ticket: Ticket) -> None:
    for door in (
        lambda: write_answer(answer=reply(ticket), user=house.bert),
        lambda: write_note(ticket_id=ticket.pk, user=house.bert, text="x"),
        lambda: save_draft(typed=Typed(ticket.pk, "note", "x"), user=house.bert),
    ):
        with pytest.raises(TicketNotThereError):
            door()


def test_who_may_only_read_can_note_but_not_answer(house: House, ticket: Ticket) -> None:
    reader = make_agent(house.authority, "Rita Rand", house.roads, can_answer=False)

    write_note(ticket_id=ticket.pk, user=reader, text="Bitte ansehen")
    with pytest.raises(TicketNotThereError):
        write_answer(answer=reply(ticket), user=reader)


def test_an_empty_answer_is_refused(house: House, ticket: Ticket) -> None:
    with pytest.raises(EmptyTextError):
        write_answer(answer=reply(ticket, text=" \n"), user=house.anna)


def test_an_answer_to_a_dead_address_is_published_and_mailed_to_nobody(
    house: House, ticket: Ticket
) -> None:
    ContactPoint.objects.update(undeliverable_at=timezone.now())

    article = write_answer(answer=reply(ticket, undo_seconds=0), user=house.anna)

    assert (article.outgoing, article.channel) == (None, Channel.WEB)
    assert article in public_thread(ticket)
    assert OutgoingMessage.objects.count() == 0


def test_a_published_answer_waits_for_its_undo_window_and_can_be_taken_back(
    house: House,
) -> None:
    ticket = make_ticket(house, person=Person("Paul Phone", phone="0171 1"), channel=Channel.PHONE)
    article = write_answer(answer=reply(ticket), user=house.anna)
    again = write_answer(answer=reply(ticket), user=house.anna)
    shown = list(public_thread(ticket))

    text = withdraw_answer(article_id=article.pk, user=house.anna)
    anew = write_answer(answer=reply(ticket, undo_seconds=0), user=house.anna)

    assert again == article
    assert article not in shown
    assert text == article.text
    assert anew != article
    assert list(public_thread(ticket))[-1] == anew
    assert withdraw_answer(article_id=anew.pk, user=house.anna) is None


def test_an_answer_that_needs_no_mail_needs_no_sender(house: House) -> None:
    ticket = make_ticket(house, person=Person("Paul Phone", phone="0171 1"), channel=Channel.PHONE)
    Ticket.objects.update(sender=None)
    Sender.objects.update(is_active=False)

    article = write_answer(answer=reply(ticket), user=house.anna)

    assert article.published_at is not None


def test_the_answer_address_of_the_mail_wins_over_its_sender(house: House) -> None:
    ticket = make_ticket(house, reply_to=Person("", "antwort@example.org"))

    write_answer(answer=reply(ticket), user=house.anna)

    assert OutgoingMessage.objects.get().recipients.get().address == "antwort@example.org"


@pytest.mark.parametrize(
    "state",
    [
        {"status": Status.RESOLVED, "outcome": "fixed"},
        {"status": Status.CLOSED, "outcome": "fixed"},
        {"status": Status.WAITING_DATE},
        {"status": Status.WAITING_CITIZEN},
    ],
)
def test_an_answer_without_a_new_status_leaves_the_present_one(
    house: House, ticket: Ticket, state: dict[str, object]
) -> None:
    until = timezone.now() + timedelta(days=3) if state["status"] == Status.WAITING_DATE else None
    Ticket.objects.filter(pk=ticket.pk).update(**state, waiting_until=until)

    write_answer(answer=reply(ticket), user=house.anna)

    ticket.refresh_from_db()
    assert (ticket.status, ticket.outcome) == (state["status"], state.get("outcome", ""))
    assert ticket.waiting_until == until


@pytest.mark.parametrize(
    "state",
    [
        {"status": Status.WAITING_DATE, "waiting_until": timezone.now() + timedelta(days=3)},
        {
            "status": Status.RESOLVED,
            "outcome": "fixed",
            "resolved_at": timezone.now() - timedelta(days=2),
            "reopened": 1,
        },
    ],
)
def test_taking_an_answer_back_brings_dates_and_counts_back_too(
    house: House, ticket: Ticket, state: dict[str, object]
) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(**state)
    article = write_answer(answer=reply(ticket, then=Status.WAITING_CITIZEN), user=house.anna)

    withdraw_answer(article_id=article.pk, user=house.anna)

    assert Ticket.objects.filter(pk=ticket.pk).values(*state).get() == state


def test_taking_an_answer_back_leaves_what_a_colleague_has_changed_since(
    house: House, ticket: Ticket
) -> None:
    jana = make_agent(house.authority, "Jana Jung", house.roads)
    article = write_answer(
        answer=reply(ticket, then=Status.RESOLVED, outcome="fixed"), user=house.anna
    )
    assign(ticket_id=ticket.pk, user=jana, owner_id=jana.pk)
    change_status(ticket_id=ticket.pk, user=jana, to=Status.WAITING_THIRD)

    withdraw_answer(article_id=article.pk, user=house.anna)

    ticket.refresh_from_db()
    assert (ticket.status, ticket.owner) == (Status.WAITING_THIRD, jana)


def test_a_note_written_meanwhile_does_not_keep_the_status_of_an_answer_taken_back(
    house: House, ticket: Ticket
) -> None:
    article = write_answer(
        answer=reply(ticket, then=Status.RESOLVED, outcome="fixed"), user=house.anna
    )
    write_note(ticket_id=ticket.pk, user=house.anna, text="Moment")

    withdraw_answer(article_id=article.pk, user=house.anna)

    ticket.refresh_from_db()
    assert (ticket.status, ticket.resolved_at, ticket.first_answer_at) == (Status.NEW, None, None)


def test_a_message_that_came_meanwhile_keeps_the_ticket_awake(house: House, ticket: Ticket) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(status=Status.WAITING_CITIZEN)
    article = write_answer(answer=reply(ticket, then=Status.OPEN), user=house.anna)
    accept(make_inbound(house, in_reply_to="<first@example.org>", message_id="<2@x>", text="Neu!"))

    withdraw_answer(article_id=article.pk, user=house.anna)

    ticket.refresh_from_db()
    assert (ticket.status, ticket.first_answer_at) == (Status.OPEN, None)


def test_the_same_form_sends_again_what_was_taken_back(house: House, ticket: Ticket) -> None:
    first = write_answer(answer=reply(ticket), user=house.anna)
    withdraw_answer(article_id=first.pk, user=house.anna)

    second = write_answer(answer=reply(ticket), user=house.anna)
    third = write_answer(answer=reply(ticket), user=house.anna)

    assert (second.is_withdrawn, third) == (False, second)
    assert sorted(message.state for message in OutgoingMessage.objects.all()) == [
        "cancelled",
        "queued",
    ]


def test_who_quotes_only_the_number_turns_no_answer_to_another_address(
    house: House, ticket: Ticket
) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(status=Status.OPEN)
    spoofed = accept(
        make_inbound(
            house,
            message_id="<spoofed@evil.example>",
            subject=f"Nachfrage [MU#{ticket.number}]",
            reply_to=Person("", "boese@evil.example"),
        )
    )

    write_answer(answer=reply(ticket, despite_newer=True), user=house.anna)

    assert spoofed.ticket_id == ticket.pk
    assert OutgoingMessage.objects.get().recipients.get().address == "clara@example.org"


def test_an_absence_notice_is_not_what_an_answer_replies_to(house: House, ticket: Ticket) -> None:
    accept(
        make_inbound(
            house,
            message_id="<away@example.org>",
            in_reply_to="<first@example.org>",
            subject="Abwesenheitsnotiz",
            text="Ich bin verreist.",
            is_automatic=True,
        )
    )

    write_answer(answer=reply(ticket), user=house.anna)

    message = OutgoingMessage.objects.get()
    assert message.subject == f"Re: Schlagloch in der Lindenstraße [MU#{ticket.number}]"
    assert "verreist" not in message.text


def test_words_beside_a_status_come_back_with_it_and_stand_in_no_record(
    house: House, ticket: Ticket
) -> None:
    until = timezone.now() + timedelta(days=2)
    change_status(
        ticket_id=ticket.pk,
        user=house.anna,
        to=Status.WAITING_DATE,
        until=until,
        note="Frau Klein ruft zurück",
    )
    Ticket.objects.filter(pk=ticket.pk).update(callback_phone="0171 55")
    answer = Answer(
        ticket.pk, "Ja.", "k1", despite_newer=True, then=Status.RESOLVED, outcome="answered"
    )
    article = write_answer(answer=answer, user=house.anna)
    ended = Ticket.objects.get(pk=ticket.pk)

    withdraw_answer(article_id=article.pk, user=house.anna)

    back = Ticket.objects.get(pk=ticket.pk)
    assert (ended.waiting_note, ended.callback_phone) == ("", "")
    assert (back.waiting_note, back.callback_phone) == ("Frau Klein ruft zurück", "0171 55")
    assert "Klein" not in str(Event.objects.get(kind=facts.ANSWERED).data)
