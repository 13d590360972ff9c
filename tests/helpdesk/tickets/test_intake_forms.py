"""What channels with a waiting person bring along: once, and into the right ticket."""

from dataclasses import replace
from typing import Any

import pytest

from helpdesk.citizens.models import Citizen, ContactPoint
from helpdesk.events.models import Event
from helpdesk.tickets.domain.intake import accept
from helpdesk.tickets.domain.state import change_status
from helpdesk.tickets.enums import ArticleKind, Channel, Status, Trust
from helpdesk.tickets.inbound import Inbound, Person, Threading
from helpdesk.tickets.models import Article, Ticket
from helpdesk.tickets.queries import public_thread
from tests.factories.house import (
    House,
    make_authority,
    make_house,
    make_inbound,
    make_ticket,
    ticket_of,
)

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]


@pytest.fixture
def house() -> House:
    return make_house()


def web(house: House, **values: Any) -> Inbound:
    form = make_inbound(house, channel=Channel.WEB, request_key="draft-1")
    return replace(form, threading=Threading(), **values)


def test_the_same_submission_twice_is_one_ticket(house: House) -> None:
    first = accept(web(house))
    second = accept(web(house, text="Noch einmal gedrückt."))

    assert second.ticket_id == first.ticket_id
    assert (first.is_duplicate, second.is_duplicate) == (False, True)
    assert Article.objects.count() == 1


def test_answers_and_point_of_a_form_stand_on_the_ticket(house: House) -> None:
    receipt = accept(web(house, answers={"lamp": "12"}, place="Lindenstraße 14"))

    ticket = ticket_of(receipt)
    assert (ticket.answers, ticket.place) == ({"lamp": "12"}, "Lindenstraße 14")


def test_a_form_does_not_choose_a_ticket_by_the_number_in_its_words(house: House) -> None:
    ticket = make_ticket(house)

    receipt = accept(web(house, subject=f"[MU#{ticket.number}] Nachtrag"))

    assert receipt.ticket_id != ticket.pk


def test_who_gives_only_a_number_becomes_a_new_citizen_each_time(house: House) -> None:
    caller = Person("Paul Phone", phone="0171 5550132")

    first = ticket_of(accept(web(house, person=caller)))
    second = ticket_of(accept(web(house, person=caller, request_key="draft-2")))

    assert first.citizen != second.citizen
    assert set(ContactPoint.objects.values_list("normalised", flat=True)) == {"+491715550132"}


def test_who_gives_nothing_stays_unknown(house: House) -> None:
    ticket = ticket_of(accept(web(house, person=Person())))

    assert ticket.citizen is None
    assert not Citizen.objects.exists()


def test_a_reply_by_the_secret_link_joins_its_ticket_and_wakes_it(house: House) -> None:
    ticket = make_ticket(house)
    change_status(ticket_id=ticket.pk, user=house.anna, to=Status.RESOLVED, outcome="answered")

    receipt = accept(web(house, ticket_id=ticket.pk, person=Person(), text="Noch nicht gut."))

    ticket.refresh_from_db()
    article = Article.objects.get(pk=receipt.article_id)
    assert (receipt.ticket_id, ticket.status) == (ticket.pk, Status.OPEN)
    assert (article.author_citizen, article.trust) == (ticket.citizen, Trust.PARTICIPANT)


def test_a_note_of_a_call_is_the_agents_and_never_public(house: House) -> None:
    note = web(house, kind=ArticleKind.PHONE_NOTE, channel=Channel.PHONE, by_user_id=house.anna.pk)

    ticket = ticket_of(accept(note))

    article = Article.objects.get(ticket=ticket)
    event = Event.objects.get(kind="ticket.created")
    assert article.author_user == house.anna
    assert list(public_thread(ticket)) == []
    assert (event.actor_kind, event.actor_id) == ("user", house.anna.pk)
    assert event.data["may_reply"] is False


def test_a_ticket_of_another_town_is_joined_by_nobody(house: House) -> None:
    ticket = make_ticket(house)
    other = make_authority("Stadt Anderswo", "AW")

    with pytest.raises(Ticket.DoesNotExist):
        accept(web(house, ticket_id=ticket.pk, authority_id=other.pk))
