"""By which signs a mail finds its request, and what each of them is worth (mail.md 61-70)."""

import pytest

from helpdesk.outbox.identity import new_message_id
from helpdesk.outbox.subaddress import reply_address
from helpdesk.tickets.domain.intake import accept
from helpdesk.tickets.domain.threading import Sign, find_match
from helpdesk.tickets.enums import Trust
from helpdesk.tickets.inbound import Inbound, Person, Threading
from helpdesk.tickets.models import Article, Ticket
from tests.factories.house import House, make_house, make_inbound, make_ticket

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]

STRANGER = Person("Sam Stranger", "sam@elsewhere.example")


@pytest.fixture
def house() -> House:
    return make_house()


def written_to(
    house: House, *addresses: str, message_id: str = "<2@x>", **values: object
) -> Inbound:
    thread = Threading(message_id=message_id, recipients=addresses)
    return make_inbound(house, threading=thread, **values)


def to_ticket(house: House, ticket: Ticket) -> str:
    return reply_address(house.sender.email, f"t{ticket.pk}")


# -- 61: the signed reply address ------------------------------------------------------------


def test_the_signed_reply_address_leads_home_without_any_other_header(house: House) -> None:
    ticket = make_ticket(house)
    reply = written_to(house, "kopie@anders.example", to_ticket(house, ticket), subject="ganz neu")

    match = find_match(reply)
    receipt = accept(reply)

    assert match is not None
    assert match.sign is Sign.REPLY_ADDRESS
    assert receipt.ticket_id == ticket.pk
    assert Article.objects.get(pk=receipt.article_id).trust == Trust.PARTICIPANT


def test_a_stranger_with_the_reply_address_writes_for_staff_only(house: House) -> None:
    ticket = make_ticket(house)

    receipt = accept(written_to(house, to_ticket(house, ticket), person=STRANGER))

    assert receipt.ticket_id == ticket.pk
    assert Article.objects.get(pk=receipt.article_id).trust == Trust.THIRD_PERSON


def test_a_changed_reply_address_opens_a_request_of_its_own(house: House) -> None:
    ticket = make_ticket(house)
    forged = to_ticket(house, ticket).replace(f"+rt{ticket.pk}", f"+rt{ticket.pk + 1}")
    other = make_ticket(house, message_id="<other@example.org>")

    receipt = accept(written_to(house, forged))

    assert receipt.ticket_id not in {ticket.pk, other.pk}


def test_the_order_is_our_message_id_our_address_then_ids_of_others(house: House) -> None:
    first = make_ticket(house)
    second = make_ticket(house, message_id="<second@example.org>")
    third = make_ticket(house, message_id="<third@example.org>")
    ours = new_message_id(scope=f"t{first.pk}", address=house.sender.email)
    recipients = (to_ticket(house, second),)

    def found(in_reply_to: str, *recipients: str) -> Ticket | None:
        thread = Threading(message_id="<r@x>", in_reply_to=in_reply_to, recipients=recipients)
        match = find_match(make_inbound(house, threading=thread))
        return match.ticket if match else None

    assert found(ours, *recipients) == first
    assert found("<third@example.org>", *recipients) == second
    assert found("<third@example.org>") == third
