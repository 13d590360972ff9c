"""The bin: out of every list, back as it was, and back by itself when the citizen writes."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from helpdesk.privacy.domain.purge import empty_trash
from helpdesk.tickets.domain.articles import Answer, write_answer
from helpdesk.tickets.domain.forward import Forward, forward_messages
from helpdesk.tickets.domain.intake import _join, _look_at, accept
from helpdesk.tickets.domain.merge import CannotMergeError, merge_tickets
from helpdesk.tickets.domain.state import change_status
from helpdesk.tickets.domain.taking_back import snapshot
from helpdesk.tickets.domain.trash import trash_ticket
from helpdesk.tickets.domain.writing import GoneError
from helpdesk.tickets.enums import Status
from helpdesk.tickets.inbound import Person
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.search import search_tickets
from tests.factories.house import House, make_house, make_inbound, make_ticket
from tests.helpdesk.desk.pages import FETCH, page_of, signed_in

pytestmark = pytest.mark.django_db
BIN = "/a/papierkorb/"


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture
def ticket(house: House) -> Ticket:
    return make_ticket(house)


@pytest.fixture
def anna(house: House) -> Client:
    return signed_in(house.anna)


def change(client: Client, ticket: Ticket, what: str) -> int:
    return client.post(f"{page_of(ticket)}change/{what}/", headers=FETCH).status_code


def now(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def test_what_is_in_the_bin_stands_in_no_list_and_is_brought_back_as_it_was(
    house: House, ticket: Ticket, anna: Client
) -> None:
    change_status(ticket_id=ticket.pk, user=house.anna, to=Status.RESOLVED, outcome="fixed")
    before = snapshot(now(ticket))

    put = change(anna, ticket, "trash")
    lists = [
        ticket.title in anna.get(reverse("desk:list", args=[slug])).content.decode()
        for slug in ("all", "done", "unassigned")
    ]
    in_bin = anna.get(BIN).content.decode()
    page = anna.get(page_of(ticket)).content.decode()
    back = change(anna, ticket, "restore")

    assert (put, back) == (200, 200)
    assert lists == [False, False, False]
    assert ticket.title in in_bin
    assert "Dieses Anliegen liegt im Papierkorb." in page
    assert 'id="answer-form"' not in page
    assert snapshot(now(ticket)) == before
    assert "Der Papierkorb ist leer" in anna.get(BIN).content.decode()


def test_the_toast_brings_it_back_too(ticket: Ticket, anna: Client) -> None:
    before = snapshot(ticket)
    anna.post(f"{page_of(ticket)}change/trash/")
    undo = anna.session["undo"]["url"]

    assert anna.post(undo, headers=FETCH).status_code == 200
    assert snapshot(now(ticket)) == before


def test_a_message_brings_a_request_back_from_the_bin(house: House, ticket: Ticket) -> None:
    trash_ticket(ticket_id=ticket.pk, user=house.anna)

    receipt = accept(
        make_inbound(house, message_id="<2@example.org>", in_reply_to="<first@example.org>")
    )

    assert receipt.ticket_id == ticket.pk
    assert now(ticket).status == Status.OPEN


def mailed_by_a_third_person(house: House, **values: object) -> int:
    sender = Person("Otto Office", "otto@kreis.example")
    reply = {"message_id": "<2@example.org>", "in_reply_to": "<first@example.org>"}
    return accept(make_inbound(house, person=sender, **reply, **values)).ticket_id


def test_whoever_mails_brings_it_back_too(house: House, ticket: Ticket) -> None:
    trash_ticket(ticket_id=ticket.pk, user=house.anna)

    assert mailed_by_a_third_person(house) == ticket.pk
    assert now(ticket).status == Status.OPEN


def test_a_machine_that_mails_brings_nothing_back(house: House, ticket: Ticket) -> None:
    trash_ticket(ticket_id=ticket.pk, user=house.anna)

    assert mailed_by_a_third_person(house, is_automatic=True) == ticket.pk
    assert now(ticket).status == Status.DELETED


def test_a_mail_to_what_is_deleted_in_this_moment_becomes_a_request_of_its_own(
    house: House, ticket: Ticket
) -> None:
    inbound = make_inbound(house, message_id="<2@example.org>", in_reply_to="<first@example.org>")
    arrival = _look_at(inbound)
    trash_ticket(ticket_id=ticket.pk, user=house.anna)
    empty_trash(now=timezone.now() + timedelta(days=31))

    receipt = _join(arrival)

    assert receipt.is_new_ticket
    assert Ticket.objects.get().pk == receipt.ticket_id


def test_nobody_answers_or_forwards_what_is_in_the_bin(house: House, ticket: Ticket) -> None:
    trash_ticket(ticket_id=ticket.pk, user=house.anna)

    with pytest.raises(GoneError):
        write_answer(answer=Answer(ticket.pk, "Ja.", "k1", despite_newer=True), user=house.anna)
    with pytest.raises(GoneError):
        forward_messages(
            forward=Forward(ticket.pk, ("o@kreis.example",), "Bitte.", "k2"), user=house.anna
        )


def test_nothing_is_done_to_what_is_in_the_bin(house: House, ticket: Ticket, anna: Client) -> None:
    other = make_ticket(house, message_id="<2@example.org>")
    trash_ticket(ticket_id=ticket.pk, user=house.anna)

    with pytest.raises(CannotMergeError):
        merge_tickets(ticket_id=other.pk, into_id=ticket.pk, user=house.anna)
    assert change(anna, ticket, "trash") == 422
    assert change(anna, ticket, "reopen") == 422
    assert change(anna, other, "restore") == 422
    assert search_tickets(house.anna, ticket.title).ids == []


def test_another_team_sees_nothing_of_it(house: House, ticket: Ticket) -> None:
    trash_ticket(ticket_id=ticket.pk, user=house.anna)
    bert = signed_in(house.bert)

    assert ticket.title not in bert.get(BIN).content.decode()
    assert change(bert, ticket, "restore") == 404
    assert now(ticket).status == Status.DELETED
