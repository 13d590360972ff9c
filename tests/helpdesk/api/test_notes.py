"""Notes by the interface: what becomes of a request, and what is refused."""

from typing import Any

import pytest

from helpdesk.citizens.models import Citizen
from helpdesk.tickets.enums import Channel, Status
from helpdesk.tickets.models import Article, Ticket
from tests.factories.house import House, make_house, make_ticket
from tests.helpdesk.api.client import Program, program_of

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]
LATER = "2099-01-01T09:00:00Z"


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture
def anna(house: House) -> Program:
    return program_of(house.anna)


def note(house: House, **values: Any) -> dict[str, Any]:
    return {"channel": "phone", "text": "Loch\nSehr tief.", "team": house.roads.pk} | values


@pytest.mark.parametrize("channel", ["phone", "counter", "letter"])
def test_each_kind_opens_a_ticket_that_its_team_works_on(
    house: House, anna: Program, channel: str
) -> None:
    answer = anna.post("/notes", note(house, channel=channel, person={"name": "Petra"}))

    ticket = Ticket.objects.get()
    article = Article.objects.get()
    assert answer.status_code == 201
    assert answer.json()["article"] == article.pk
    assert answer["Location"] == f"/api/v1/tickets/{ticket.pk}"
    assert answer["ETag"] == f'"{ticket.version}"'
    assert (ticket.title, ticket.channel, ticket.status) == ("Loch", Channel(channel), Status.NEW)
    assert (article.kind, article.author_user) == ("phone_note", house.anna)
    assert ticket.citizen_name == "Petra"


def test_the_same_key_again_notes_nothing_twice(house: House, anna: Program) -> None:
    first = anna.post("/notes", note(house), Idempotency_Key="call-1")
    second = anna.post("/notes", note(house), Idempotency_Key="call-1")

    assert second.json() == first.json()
    assert Article.objects.count() == 1


def test_the_same_call_twice_without_a_key_is_two(house: House, anna: Program) -> None:
    anna.post("/notes", note(house))
    anna.post("/notes", note(house))

    assert Ticket.objects.count() == 2


def test_a_note_joins_a_ticket_and_ends_it(house: House, anna: Program) -> None:
    ticket = make_ticket(house)
    body = {"channel": "phone", "text": "Erklärt.", "ticket": ticket.pk, "result": "done"}

    shown = anna.post("/notes", body).json()["ticket"]

    assert (shown["id"], shown["status"], shown["outcome"]) == (ticket.pk, "resolved", "answered")
    assert shown["citizen"]["id"] == ticket.citizen_id


@pytest.mark.parametrize(
    "values, pointer",
    [
        ({"channel": "mail"}, "/channel"),
        ({"text": ""}, "/text"),
        ({"result": "callback", "callback_at": LATER}, "/callback_phone"),
        ({"result": "callback", "callback_phone": "0171 1"}, "/callback_at"),
        ({"callback_phone": "0171 1"}, "/callback_phone"),
        ({"outcome": "fixed"}, "/outcome"),
        ({"received_at": LATER}, "/received_at"),
        ({"uploads": ["upl_nothing"]}, "/uploads/0"),
        ({"unknown": 1}, "/unknown"),
        ({"citizen": 999}, "/citizen"),
        ({"category": 999}, "/category"),
    ],
)
def test_what_does_not_fit_is_named_and_nothing_is_written(
    house: House, anna: Program, values: dict[str, Any], pointer: str
) -> None:
    refused = anna.post("/notes", note(house, **values))

    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json()["errors"]] == [pointer]
    assert not Ticket.objects.exists()
    assert not Citizen.objects.exists()


def test_a_foreign_ticket_or_team_is_as_one_that_is_not_there(house: House, anna: Program) -> None:
    foreign = make_ticket(house, team_id=house.waste.pk)

    def answered(**values: Any) -> tuple[int, str]:
        answer = anna.post("/notes", {"channel": "phone", "text": "x"} | values)
        return answer.status_code, answer.content.decode()

    assert answered(ticket=foreign.pk) == answered(ticket=foreign.pk + 999)
    assert answered(team=house.waste.pk) == answered(team=house.waste.pk + 999)
    assert Article.objects.count() == 1


def test_a_note_needs_the_permission_to_enter_requests(house: House) -> None:
    refused = program_of(house.anna, "tickets:read").post("/notes", note(house))

    assert (refused.status_code, refused.json()["required_scope"]) == (403, "tickets:write")
