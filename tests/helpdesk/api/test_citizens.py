"""Citizens by the interface: who can be read, entered and changed."""

import pytest

from helpdesk.citizens.models import Citizen, ContactPoint, SearchTerm
from helpdesk.events.models import Event
from helpdesk.tickets.inbound import Person
from tests.factories.house import House, make_house, make_ticket
from tests.helpdesk.api.client import Program, program_of

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture
def anna(house: House) -> Program:
    return program_of(house.anna)


def test_who_was_entered_is_read_until_a_foreign_ticket_is_theirs(
    house: House, anna: Program
) -> None:
    contacts = [{"kind": "phone", "value": "0171 5550132"}]
    entered = anna.post("/citizens", {"name": "Rosa", "contacts": contacts})
    path = f"/citizens/{entered.json()['id']}"
    before = anna.get(path).status_code, program_of(house.bert).get(path).status_code

    make_ticket(house, team_id=house.waste.pk, citizen_id=entered.json()["id"])

    assert entered.status_code == 201
    assert before == (200, 404)
    assert anna.get(path).status_code == 404


def test_a_mail_address_leads_to_one_person(house: House, anna: Program) -> None:
    make_ticket(house)
    contacts = [{"kind": "mail", "value": "CLARA@example.org"}]

    refused = anna.post("/citizens", {"name": "Rosa", "contacts": contacts})

    assert (refused.status_code, refused.json()["reason"]) == (409, "address_taken")
    assert "Citizen" not in refused.content.decode()
    assert Citizen.objects.count() == 1


def test_a_change_replaces_the_list_and_keeps_what_is_known_of_what_stays(
    house: House, anna: Program
) -> None:
    ticket = make_ticket(house)
    kept = ContactPoint.objects.get()
    path = f"/citizens/{ticket.citizen_id}"
    etag = anna.get(path)["ETag"]
    contacts = [
        {"kind": "mail", "value": "clara@example.org"},
        {"kind": "phone", "value": "0171 5550132"},
    ]

    changed = anna.patch(path, {"name": "Clara Neu", "contacts": contacts}, If_Match=etag)
    stale = anna.patch(path, {"name": "Alt"}, If_Match=etag)

    assert changed.status_code == 200
    assert stale.status_code == 412
    assert ContactPoint.objects.filter(pk=kept.pk).exists()
    assert SearchTerm.objects.filter(citizen=ticket.citizen, term="neu").exists()
    assert Event.objects.get(kind="citizen.changed").data == {"fields": ["contacts", "name"]}


def test_who_may_only_read_changes_nobody(house: House) -> None:
    house.anna.memberships.update(can_change=False)
    ticket = make_ticket(house)

    refused = program_of(house.anna).patch(
        f"/citizens/{ticket.citizen_id}", {"name": "Neu"}, If_Match="*"
    )

    assert (refused.status_code, refused.json()["code"]) == (403, "missing_right")
    assert Citizen.objects.get().name == "Clara Citizen"


@pytest.mark.parametrize("query", ["email=Clara@Example.org", "phone=%2B49%20171%205550132"])
def test_somebody_is_found_however_it_is_written(house: House, anna: Program, query: str) -> None:
    make_ticket(house)
    ContactPoint.objects.create(
        citizen=Citizen.objects.get(),
        authority=house.authority,
        kind="phone",
        value="0171 5550132",
        normalised="+491715550132",
    )
    make_ticket(house, person=Person("Paul", "paul@example.org"), message_id="<2@example.org>")

    found = anna.get(f"/citizens?{query}").json()["results"]

    assert [row["name"] for row in found] == ["Clara Citizen"]
