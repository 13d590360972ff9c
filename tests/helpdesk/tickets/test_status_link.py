"""A status link opens one ticket, and nothing once it is void (attack 19)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from helpdesk.tickets.domain.locking import TicketNotThereError
from helpdesk.tickets.domain.status_link import renew_link
from helpdesk.tickets.links import find_by_token, status_token
from helpdesk.tickets.models import Ticket
from tests.factories.house import House, make_house, make_ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return make_house()


def test_a_renewed_link_makes_the_old_one_void_at_once(house: House) -> None:
    ticket = make_ticket(house)
    old = status_token(ticket)

    renewed = renew_link(ticket_id=ticket.pk, user=house.anna)

    assert find_by_token(old) is None
    assert find_by_token(status_token(renewed)) == ticket


def test_a_link_opens_its_own_ticket_only(house: House) -> None:
    first = make_ticket(house)
    second = make_ticket(house, message_id="<2@x>")
    number, mac = status_token(first).split("-")

    assert find_by_token(f"{status_token(second).split('-')[0]}-{mac}") is None
    assert find_by_token(f"{number}-{'a' * 26}") is None
    assert find_by_token(status_token(first).upper()) == first


def test_a_link_ends_ninety_days_after_the_ticket(house: House) -> None:
    ticket = make_ticket(house)
    Ticket.objects.update(status="resolved", resolved_at=timezone.now() - timedelta(days=91))

    assert find_by_token(status_token(ticket)) is None


def test_nobody_of_another_team_renews_a_link(house: House) -> None:
    ticket = make_ticket(house)

    with pytest.raises(TicketNotThereError):
        renew_link(ticket_id=ticket.pk, user=house.bert)
