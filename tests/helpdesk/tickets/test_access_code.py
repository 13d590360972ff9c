"""The code that opens a request for those who left no mail address."""

import re

import pytest

from helpdesk.tickets.domain.status_link import renew_link
from helpdesk.tickets.links import access_code, opens
from tests.factories.house import House, make_house, make_ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return make_house()


def test_code_is_speakable_and_opens_its_own_ticket_only(house: House) -> None:
    ticket = make_ticket(house)
    other = make_ticket(house, message_id="<2@example.org>")

    code = access_code(ticket)

    assert re.fullmatch(r"[2-9A-HJ-NP-TV-Z]{4}(-[2-9A-HJ-NP-TV-Z]{4}){2}", code)
    assert opens(ticket, code)
    assert opens(ticket, code.lower().replace("-", " "))
    assert not opens(other, code)
    assert not opens(ticket, "")
    assert not opens(ticket, "ßüö" * 4)


def test_renewing_the_link_makes_the_code_void(house: House) -> None:
    ticket = make_ticket(house)
    code = access_code(ticket)

    renewed = renew_link(ticket_id=ticket.pk, user=house.anna)

    assert not opens(renewed, code)
