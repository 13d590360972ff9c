"""The sheet that gives a request another citizen: found, typed, refused, undone."""

import pytest
from django.test import Client
from django.urls import reverse

from helpdesk.tickets.inbound import Person
from helpdesk.tickets.models import Ticket
from tests.factories.house import House, make_house, make_ticket
from tests.helpdesk.desk.pages import FETCH, page_of, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture
def ticket(house: House) -> Ticket:
    return make_ticket(house)


@pytest.fixture
def anna(house: House) -> Client:
    return signed_in(house.anna)


def sheet_of(ticket: Ticket) -> str:
    return reverse("desk:requester", args=[ticket.number])


def citizen_of(ticket: Ticket) -> str:
    return Ticket.objects.get(pk=ticket.pk).citizen_name


def test_somebody_known_is_found_by_a_word_chosen_and_the_change_undone(
    house: House, ticket: Ticket, anna: Client
) -> None:
    dora = make_ticket(house, message_id="<d@example.org>", person=Person("Dora", "d@example.org"))

    found = anna.get(sheet_of(ticket), {"q": "dor"}, headers=FETCH).context
    chosen = {"person": found["offers"][0].value, "read": "staff"}
    answer = anna.post(f"{sheet_of(ticket)}?view=mine", chosen, headers=FETCH)

    assert [(each.pk, each.name) for each in found["offers"]] == [(dora.citizen_id, "Dora")]
    assert answer.json()["url"] == f"{page_of(ticket)}?view=mine"
    assert citizen_of(ticket) == "Dora"
    page = anna.get(page_of(ticket))
    assert reverse("desk:citizen", args=[dora.citizen_id]) in page.content.decode()
    assert "Bürger:in: Dora" in page.content.decode()
    undo = page.context["undo"]["url"]
    assert anna.post(undo, headers=FETCH).status_code == 200
    assert citizen_of(ticket) == "Clara Citizen"
    assert anna.post(undo, headers=FETCH).status_code == 409


def test_what_was_searched_for_fills_the_fields_of_somebody_new(
    ticket: Ticket, anna: Client
) -> None:
    context = anna.get(sheet_of(ticket), {"q": "Egon Neu, 0171 5550132"}).context

    assert (context["chosen"], context["offers"]) == ("new", [])
    assert context["person"] == Person("Egon Neu", phone="0171 5550132")
    anna.post(sheet_of(ticket), {"person": "new", "name": "Egon Neu", "phone": "0171 5550132"})
    assert citizen_of(ticket) == "Egon Neu"


@pytest.mark.parametrize(
    "sent",
    [
        {"person": "new"},
        {"person": "c987654"},
        {"person": "cx"},
        {"person": "new", "email": "keine Adresse"},
    ],
)
def test_a_refusal_says_what_to_do_and_keeps_what_was_typed(
    ticket: Ticket, anna: Client, sent: dict[str, str]
) -> None:
    response = anna.post(sheet_of(ticket), sent | {"phone": "", "former": "1", "q": "Egon"})

    assert response.status_code == 422
    assert response.context["error"]
    assert response.context["person"].email == sent.get("email", "")
    assert (response.context["typed"], response.context["former"]) == ("Egon", True)
    assert citizen_of(ticket) == "Clara Citizen"


@pytest.mark.parametrize("typed, offered", [("dor", ["Dora"]), ("Egon", []), ("", ["Dora"])])
def test_while_somebody_types_they_are_offered_who_fits_and_nothing_changes(
    house: House, ticket: Ticket, anna: Client, typed: str, offered: list[str]
) -> None:
    make_ticket(house, message_id="<d@example.org>", person=Person("Dora", "clara@example.com"))
    dora = Ticket.objects.get(citizen_name="Dora")
    ticket.participants.create(citizen_id=dora.citizen_id or 0, role="watcher")

    answer = anna.post(sheet_of(ticket), {"q": typed, "find": "1"}, headers=FETCH)

    assert answer.status_code == 200
    assert [each.name for each in answer.context["offers"]] == offered
    assert answer.context["person"].name == ("Egon" if typed == "Egon" else "")
    assert 'role="alert"' not in answer.content.decode()
    assert citizen_of(ticket) == "Clara Citizen"
