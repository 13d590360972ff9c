"""Finding a request again: by reference and address, and by reference and access code."""

import re

import pytest
from django.test import Client

from helpdesk.citizens.models import ContactPoint
from helpdesk.events.models import Event
from helpdesk.notifications.models import LinkRequest
from helpdesk.notifications.status_links import answer_link_requests, ask_for_link
from helpdesk.outbox.models import OutgoingMessage, Sender
from helpdesk.tickets import facts
from helpdesk.tickets.enums import Channel
from helpdesk.tickets.inbound import Person
from helpdesk.tickets.links import access_code, status_token, status_url
from helpdesk.tickets.models import Ticket
from tests.factories.house import House, make_authority, make_house, make_ticket
from tests.helpdesk.desk.pages import Page, counted_queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture
def ticket(house: House) -> Ticket:
    return make_ticket(house)


def ask(client: Client, reference: str, email: str) -> Page:
    return client.post("/status/", {"reference": reference, "email": email})


def mails() -> list[OutgoingMessage]:
    return list(OutgoingMessage.objects.filter(kind="status_link"))


def test_the_right_details_bring_the_link_to_the_address_on_file(
    client: Client, ticket: Ticket
) -> None:
    answer = ask(client, ticket.reference.lower().replace("-", " "), "Clara@Example.org")
    in_the_request = mails()

    answer_link_requests()

    message = mails()[0]
    assert answer["Location"] == "/status/gesendet/"
    assert in_the_request == []
    assert status_url(ticket) in message.text
    assert ticket.reference in message.text
    assert message.is_automatic
    assert [each.address for each in message.recipients.all()] == ["clara@example.org"]
    assert Event.objects.filter(kind=facts.LINK_SENT, subject_id=ticket.pk).exists()
    assert not LinkRequest.objects.exists()


def test_the_mail_speaks_the_language_of_the_request(client: Client, house: House) -> None:
    ticket = make_ticket(house, language="en", message_id="<en@x>")

    ask(client, ticket.reference, "clara@example.org")
    answer_link_requests()

    assert "The link to your request" in mails()[0].subject


def test_a_wrong_address_an_unknown_reference_and_another_town_bring_nothing(
    client: Client, ticket: Ticket
) -> None:
    other = make_authority("Stadt Anderswo", "AW")

    ask(client, ticket.reference, "eve@example.org")
    ask(client, "MU-2222-22", "clara@example.org")
    ask_for_link(authority_id=other.pk, reference=ticket.reference, email="clara@example.org")
    answer_link_requests()

    assert mails() == []
    assert not LinkRequest.objects.exists()


def test_an_address_gets_no_more_than_three_an_hour(house: House, ticket: Ticket) -> None:
    for _ in range(5):
        ask_for_link(
            authority_id=house.authority.pk,
            reference=ticket.reference,
            email="clara@example.org",
        )

    answer_link_requests()

    assert len(mails()) == 3


def test_nothing_goes_to_a_dead_address_or_without_a_sender(client: Client, ticket: Ticket) -> None:
    Sender.objects.update(is_active=False)
    ask(client, ticket.reference, "clara@example.org")
    answer_link_requests()
    Sender.objects.update(is_active=True)
    ContactPoint.objects.update(undeliverable_at="2026-11-01T00:00:00Z")
    ask(client, ticket.reference, "clara@example.org")
    answer_link_requests()

    assert mails() == []


def test_one_request_that_breaks_keeps_no_other_waiting(
    client: Client, house: House, ticket: Ticket
) -> None:
    broken = make_ticket(house, message_id="<2@x>")
    Ticket.objects.filter(pk=broken.pk).update(
        sender=Sender.objects.create(authority=house.authority, name="x", email="kein-absender")
    )
    ask(client, broken.reference, "clara@example.org")
    ask(client, ticket.reference, "clara@example.org")

    answer_link_requests()

    assert [message.link_id for message in mails()] == [ticket.pk]
    assert LinkRequest.objects.get().attempts == 1


@pytest.mark.parametrize(
    "reference, email, sentence",
    [
        ("", "clara@example.org", "Geben Sie die Nummer aus unserer Bestätigung ein."),
        ("MU-7K4P-22", "clara@example.org", "In dieser Nummer ist ein Tippfehler."),
        ("MU-2222-22", "clara@", "Geben Sie eine E-Mail-Adresse ein"),
    ],
)
def test_a_slip_is_named_at_its_field_and_keeps_what_was_typed(
    client: Client, reference: str, email: str, sentence: str
) -> None:
    page = ask(client, reference, email)

    assert page.status_code == 422
    assert sentence in page.content.decode()
    assert f'value="{email}"' in page.content.decode()


def test_reference_and_code_open_the_request_at_once(client: Client, house: House) -> None:
    ticket = make_ticket(house, person=Person(), channel=Channel.WEB, text="Ganz anonym")

    answer = client.post(
        "/status/code/",
        {"reference": ticket.reference.removeprefix("MU-"), "code": access_code(ticket).lower()},
    )

    assert answer["Location"] == f"/s/{status_token(ticket)}/"
    assert "Ganz anonym" in client.get(answer["Location"]).content.decode()


def test_a_wrong_code_and_an_unknown_reference_answer_alike(
    client: Client, house: House, ticket: Ticket
) -> None:
    code = access_code(make_ticket(house, message_id="<2@x>"))
    known = client.post("/status/code/", {"reference": ticket.reference, "code": code})
    unknown = client.post("/status/code/", {"reference": "MU-2222-22", "code": code})

    def body(page: Page, reference: str) -> str:
        text = page.content.decode().replace(reference, "")
        return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", text)

    assert (known.status_code, unknown.status_code) == (422, 422)
    assert "Nummer und Zugangscode gehören nicht zusammen." in known.content.decode()
    assert body(known, ticket.reference) == body(unknown, "MU-2222-22")


@pytest.mark.parametrize("path", ["/status/", "/status/code/"])
def test_the_eleventh_try_of_a_network_in_an_hour_waits(client: Client, path: str) -> None:
    data = {
        "reference": "MU-2222-22",
        "email": "clara@example.org",
        "code": access_code(Ticket(pk=1, link_nonce="x")),
    }
    for _ in range(10):
        client.post(path, data, REMOTE_ADDR="192.0.2.7")

    same = client.post(path, data, REMOTE_ADDR="192.0.2.99")
    other = client.post(path, data, REMOTE_ADDR="198.51.100.1")

    assert same.status_code == 429
    assert other.status_code != 429


def test_lookup_takes_the_same_statements_whether_it_exists_or_not(
    client: Client, ticket: Ticket
) -> None:
    def statements(reference: str, email: str) -> list[str]:
        with counted_queries() as found:
            ask(client, reference, email)
        return [sql.partition("VALUES")[0] for sql in found]

    right = statements(ticket.reference, "clara@example.org")
    assert statements(ticket.reference, "eve@example.org") == right
    assert statements("MU-2222-22", "clara@example.org") == right
    assert LinkRequest.objects.count() == 3
