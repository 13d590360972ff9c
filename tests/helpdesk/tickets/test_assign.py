"""Who is responsible, and what becomes of it when somebody leaves."""

import time

import pytest

from helpdesk.agents.domain.membership import deactivate_agent
from helpdesk.events.models import Event
from helpdesk.reactions.tasks import drain
from helpdesk.tickets.domain.assign import CannotWorkOnItError, assign
from helpdesk.tickets.enums import Status
from tests.factories.house import House, make_administrator, make_house, make_ticket

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def house() -> House:
    return make_house()


def test_taking_a_new_ticket_opens_it(house: House) -> None:
    ticket = make_ticket(house)

    taken = assign(ticket_id=ticket.pk, user=house.anna, owner_id=house.anna.pk)

    assert (taken.owner, taken.status) == (house.anna, Status.OPEN)


def test_nobody_is_responsible_who_cannot_read_the_team(house: House) -> None:
    ticket = make_ticket(house)

    with pytest.raises(CannotWorkOnItError):
        assign(ticket_id=ticket.pk, user=house.anna, owner_id=house.bert.pk)


def test_moving_to_a_team_the_owner_cannot_read_leaves_nobody(house: House) -> None:
    ticket = make_ticket(house)
    assign(ticket_id=ticket.pk, user=house.anna, owner_id=house.anna.pk)

    moved = assign(
        ticket_id=ticket.pk, user=house.anna, owner_id=house.anna.pk, team_id=house.waste.pk
    )

    assert (moved.team, moved.owner_id) == (house.waste, None)


def test_the_tickets_of_a_deactivated_agent_are_unassigned_again(house: House) -> None:
    administrator = make_administrator(house.authority)
    ticket = make_ticket(house)
    assign(ticket_id=ticket.pk, user=house.anna, owner_id=house.anna.pk)

    deactivate_agent(user_id=house.anna.pk, user=administrator)
    drain(until=time.monotonic() + 60)

    ticket.refresh_from_db()
    assert ticket.owner_id is None
    newest = Event.objects.filter(kind="ticket.assigned").latest("id")
    assert newest.data["to"] is None
