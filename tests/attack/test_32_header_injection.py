"""Attack case 32: nothing that is typed in the portal becomes a header or a recipient of a mail."""

import pytest
from django.core.cache import cache
from django.test import Client

from helpdesk.notifications.models import LinkRequest
from helpdesk.notifications.status_links import answer_link_requests
from helpdesk.outbox.models import OutgoingMessage, Recipient
from helpdesk.tickets.domain.articles import Answer, write_answer
from tests.attack.holder import address
from tests.factories.house import House, make_house, make_ticket

pytestmark = pytest.mark.django_db
ADDRESSES = (
    "clara@example.org\r\nBcc: evil@example.net",
    "clara@example.org,evil@example.net",
    "clara@example.org;evil@example.net",
    "=?utf-8?q?clara=40example.org=0d=0aBcc:evil=40example.net?=",
    "clara@example.org\x00evil@example.net",
)


@pytest.fixture
def house() -> House:
    cache.clear()
    return make_house()


@pytest.mark.parametrize("typed", ADDRESSES)
def test_looking_up_with_a_wicked_address_sends_nothing(house: House, typed: str) -> None:
    ticket = make_ticket(house)

    Client().post("/status/", {"reference": ticket.reference, "email": typed})
    answer_link_requests()

    assert not OutgoingMessage.objects.exists()
    assert not LinkRequest.objects.exists()


def test_a_reply_with_headers_in_its_text_stays_a_text(house: House) -> None:
    ticket = make_ticket(house)
    Client().post(
        address(ticket, "reply"),
        {"text": "Hallo\r\nBcc: evil@example.net\r\nSubject: x\r\n\r\nKlick", "key": "k"},
    )
    ticket.refresh_from_db()

    write_answer(
        answer=Answer(ticket.pk, "Guten Tag", "f", ticket.last_article_id), user=house.anna
    )

    message = OutgoingMessage.objects.get()
    assert [one.address for one in Recipient.objects.all()] == ["clara@example.org"]
    assert "evil" not in message.subject + str(message.headers)
