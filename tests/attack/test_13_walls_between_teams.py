"""Attack 13, of people: whose address somebody types is not told to a team that does not know them.

Clara is known to the waste team alone. Anna of the roads team knows her address from
elsewhere and types it wherever an address can be typed.
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from helpdesk.citizens.models import Citizen, ContactKind, ContactPoint
from helpdesk.desk.callers import find_callers
from helpdesk.tickets.domain.intake import accept
from helpdesk.tickets.enums import Channel, Trust
from helpdesk.tickets.inbound import Person, Threading
from helpdesk.tickets.models import Article, Ticket
from helpdesk.tickets.queries import citizens_visible_to, known_citizens
from tests.factories.house import House, make_house, make_inbound, make_ticket, ticket_of
from tests.helpdesk.api.client import Program, program_of
from tests.helpdesk.desk.calls import OPEN, note_call

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]
MAIL = "clara@example.org"
NAME, PHONE = "Clara Kanarienvogel", "0171 5550177"


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture
def clara(house: House) -> Citizen:
    """Somebody with a request to the waste team, and a number that team knows."""
    ticket = make_ticket(house, team_id=house.waste.pk, person=Person(NAME, MAIL))
    citizen = ticket.citizen
    assert citizen is not None
    ContactPoint.objects.create(
        citizen=citizen,
        authority=house.authority,
        kind=ContactKind.PHONE,
        value=PHONE,
        normalised="+491715550177",
    )
    return citizen


@pytest.fixture
def anna(house: House) -> Program:
    return program_of(house.anna)


def by_note(house: House, _anna: Program, **person: str) -> Ticket:
    return note_call(house, OPEN, caller=Person(**{"email": MAIL} | person)).ticket


def by_form(house: House, _anna: Program, **person: str) -> Ticket:
    form = make_inbound(
        house,
        channel=Channel.WEB,
        threading=Threading(),
        person=Person(**{"email": MAIL} | person),
        request_key=f"draft-{Article.objects.count()}",
    )
    return ticket_of(accept(form))


def by_interface(house: House, anna: Program, **person: str) -> Ticket:
    body = {
        "title": "Loch",
        "text": "Tief.",
        "team": house.roads.pk,
        "person": {"email": MAIL} | person,
    }
    answer = anna.post("/tickets", body)
    assert answer.status_code == 201
    return Ticket.objects.get(pk=answer.json()["id"])


Door = Callable[..., Ticket]
DOORS = pytest.mark.parametrize("door", [by_note, by_form, by_interface])


def page_of(house: House, ticket: Ticket) -> str:
    browser = Client()
    browser.force_login(house.anna)
    return browser.get(f"/a/t/{ticket.number}/").content.decode()


def reply(house: House, ticket: Ticket, **values: Any) -> Article:
    """Let Clara answer a mail about the ticket, from her own address."""
    mail = {"subject": f"Re: [{ticket.authority.reference_prefix}#{ticket.number}]"}
    message = Article.objects.filter(ticket=ticket).order_by("id")[0]
    Article.objects.filter(pk=message.pk).update(message_id="<ours@musterstadt.example>")
    mail |= {"in_reply_to": "<ours@musterstadt.example>", "message_id": "<reply@example.org>"}
    person = Person(NAME, MAIL)
    receipt = accept(make_inbound(house, person=person, **mail | values))
    return Article.objects.get(pk=receipt.article_id)


@DOORS
def test_a_typed_address_of_somebody_foreign_shows_only_what_was_typed(
    house: House, clara: Citizen, anna: Program, door: Door
) -> None:
    ticket = door(house, anna, name="Frau K.", phone="0171 1111111")

    shown = anna.get(f"/tickets/{ticket.pk}?expand=citizen").json()["citizen"]
    page = page_of(house, ticket)

    assert ticket.citizen_id != clara.pk
    assert shown["name"] == "Frau K."
    assert {each["value"] for each in shown["contacts"]} == {MAIL, "0171 1111111"}
    assert "0171 1111111" in page
    assert NAME not in page
    assert PHONE not in page
    assert find_callers(house.anna, "Kanarienvogel")[0].kind == "new"
    assert not citizens_visible_to(house.anna).filter(pk=clara.pk).exists()


@DOORS
def test_a_typed_address_is_answered_the_same_whether_it_is_known_or_not(
    house: House, clara: Citizen, anna: Program, door: Door
) -> None:
    known = door(house, anna, name="Frau K.")
    unknown = door(house, anna, name="Frau K.", email="nobody@example.org")

    def told(ticket: Ticket) -> dict[str, Any]:
        asked = f"/tickets/{ticket.pk}?expand=citizen&fields=citizen,citizen_name,status"
        found: dict[str, Any] = anna.get(asked).json()
        person = found["citizen"]
        person["id"] = person["created_at"] = None
        for contact in person["contacts"]:
            contact["value"] = contact["value"].replace(MAIL, "nobody@example.org")
        return found

    assert told(known) == told(unknown)
    assert clara.tickets.count() == 1


@DOORS
def test_who_is_known_to_the_team_is_the_same_person(
    house: House, anna: Program, door: Door
) -> None:
    first = make_ticket(house, person=Person(NAME, MAIL))

    assert door(house, anna).citizen_id == first.citizen_id


@DOORS
def test_who_was_named_twice_is_one_person(
    house: House, clara: Citizen, anna: Program, door: Door
) -> None:
    first, second = door(house, anna, name="Frau K."), door(house, anna, name="Frau K.")

    assert first.citizen_id == second.citizen_id
    assert first.citizen_id != clara.pk


@DOORS
def test_a_reply_of_hers_joins_the_two(
    house: House, clara: Citizen, anna: Program, door: Door
) -> None:
    ticket, other = door(house, anna, name="Frau K.", phone="0171 1111111"), door(house, anna)

    article = reply(house, ticket)

    assert {ticket_of_pk(one).citizen for one in (ticket, other)} == {clara}
    assert (article.ticket_id, article.trust) == (ticket.pk, Trust.PARTICIPANT)
    assert article.author_citizen == clara
    assert list(ticket.participants.values_list("citizen", flat=True)) == [clara.pk]
    values = set(clara.contact_points.values_list("value", flat=True))
    assert values == {MAIL, PHONE, "0171 1111111"}
    assert list(known_citizens(house.anna)) == [clara]


def ticket_of_pk(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def test_her_first_mail_to_the_team_that_was_told_of_her_is_by_the_person_it_knows(
    house: House, anna: Program
) -> None:
    named = by_note(house, anna, name="Frau K.")

    mail = make_ticket(house, person=Person(NAME, MAIL), message_id="<later@example.org>")

    assert mail.citizen_id == named.citizen_id
    assert not ContactPoint.objects.get(normalised=MAIL).is_claimed


def test_her_first_mail_to_another_team_tells_it_nothing_of_what_was_noted(
    house: House, anna: Program
) -> None:
    named = by_note(house, anna, name="Frau K.", phone="0171 1111111")

    mail = make_ticket(house, team_id=house.waste.pk, person=Person("", MAIL))

    assert mail.citizen_id != named.citizen_id
    assert mail.citizen_name == MAIL


def test_a_forged_reply_joins_nobody(house: House, anna: Program, clara: Citizen) -> None:
    ticket = by_note(house, anna, name="Frau K.")

    article = reply(house, ticket, authentication_failed=True)

    assert ticket_of_pk(ticket).citizen_id != clara.pk
    assert article.trust != Trust.PARTICIPANT


def test_a_request_the_team_handed_away_does_not_come_to_know_her(
    house: House, clara: Citizen
) -> None:
    """Anna's note went to the waste team; that its caller proved who she is tells Anna nothing."""
    ticket = note_call(house, OPEN, team=house.waste, caller=Person("Frau K.", email=MAIL)).ticket

    reply(house, ticket, team_id=house.waste.pk)

    assert ticket_of_pk(ticket).citizen == clara
    assert [hit.title for hit in find_callers(house.anna, MAIL)] == ["Frau K.", "Neu: ohne Namen"]
    assert not known_citizens(house.anna).filter(pk=clara.pk).exists()


def entered(program: Program, mail: str) -> tuple[int, dict[str, Any]]:
    contacts = [{"kind": "mail", "value": mail}]
    answer = program.post("/citizens", {"name": "Rosa", "contacts": contacts})
    found = answer.json()
    return answer.status_code, found | {"id": 0, "created_at": ""}


def test_entering_a_citizen_does_not_tell_whether_another_team_knows_the_address(
    anna: Program, clara: Citizen
) -> None:
    known, unknown = entered(anna, MAIL), entered(anna, "nobody@example.org")

    assert known[0] == unknown[0] == 201
    known[1]["contacts"][0]["value"] = "nobody@example.org"
    assert known == unknown
    assert clara.contact_points.filter(is_claimed=False, normalised=MAIL).exists()


@pytest.mark.usefixtures("clara")
def test_changing_a_citizen_does_not_tell_it_either(house: House, anna: Program) -> None:
    mine = make_ticket(house, person=Person("Paul", "paul@example.org"), message_id="<p@x.org>")
    contacts = [{"kind": "mail", "value": MAIL}]

    answer = anna.patch(f"/citizens/{mine.citizen_id}", {"contacts": contacts}, If_Match="*")
    found = anna.get(f"/citizens?email={MAIL}").json()["results"]

    assert answer.status_code == 200
    assert [row["id"] for row in found] == [mine.citizen_id]


def test_an_address_of_somebody_known_is_refused_as_before(house: House, anna: Program) -> None:
    make_ticket(house, person=Person(NAME, MAIL))

    status, problem = entered(anna, MAIL)

    assert (status, problem["reason"]) == (409, "address_taken")
