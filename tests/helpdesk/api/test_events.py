"""The feed of events: what of it needs more than the permission to follow."""

from typing import Any

import pytest

from helpdesk.agents.models import User
from helpdesk.reactions.dispatch import seal_committed
from helpdesk.tickets.domain.assign import rename
from tests.factories.house import House, make_house, make_ticket
from tests.helpdesk.api.client import program_of
from tests.helpdesk.desk.calls import KEEP, callback, note_call

pytestmark = [pytest.mark.django_db]
TITLE = {"from": "Schlagloch in der Lindenstraße", "to": "Loch"}
PHONE = {"callback_phone": "0171 5550132"}


@pytest.fixture
def house() -> House:
    """Return a house in which a title was changed and a promised call was made."""
    house = make_house()
    ticket = make_ticket(house)
    rename(ticket_id=ticket.pk, user=house.anna, title="Loch")
    for number, decision in enumerate((callback(), KEEP)):
        note_call(house, decision, ticket_id=ticket.pk, request_key=f"call-{number}")
    seal_committed()
    return house


def personal_of(user: User, *scopes: str) -> dict[str, Any]:
    """Return the personal part of each kind of event, the newest of a kind."""
    found = program_of(user, *scopes).get("/events").json()["results"]
    return {event["kind"]: event["personal"] for event in found}


@pytest.mark.parametrize(
    "scopes, title, phone",
    [
        (("events:read",), None, None),
        (("events:read", "tickets:read"), TITLE, None),
        (("events:read", "citizens:read"), None, PHONE),
        (("events:read", "tickets:read", "citizens:read"), TITLE, PHONE),
    ],
)
def test_a_personal_part_needs_the_permission_to_read_it_at_its_place(
    house: House, scopes: tuple[str, ...], title: object, phone: object
) -> None:
    personal = personal_of(house.anna, *scopes)

    assert (personal["ticket.renamed"], personal["ticket.call_noted"]) == (title, phone)
    assert personal["ticket.created"] is None


def test_nothing_of_a_foreign_ticket_goes_out(house: House) -> None:
    assert personal_of(house.bert) == {}
