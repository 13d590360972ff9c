"""What the interface asks walks an index and sorts nothing, whatever it is filtered by."""

import pytest
from django.db import connection

from helpdesk.api.views.tickets import ORDERS, STATE_OF_ORDER, STATES
from helpdesk.tickets.queries import facts_between, visible_to
from tests.factories.house import House, make_house

SORTING = "TEMP B-TREE FOR ORDER BY"


@pytest.fixture
def house(db: None) -> House:  # noqa: ARG001 - opens the database
    return make_house()


@pytest.mark.parametrize("name", ORDERS)
def test_each_order_of_tickets_is_that_of_an_index(house: House, name: str) -> None:
    if connection.vendor != "sqlite":
        return
    tickets = visible_to(house.anna)
    if name in STATE_OF_ORDER:
        tickets = STATES[STATE_OF_ORDER[name]](tickets)

    plan = ORDERS[name].sort(tickets)[:51].explain()

    assert SORTING not in plan
    assert "INDEX" in plan or "PRIMARY KEY" in plan


@pytest.mark.django_db
def test_events_are_walked_by_their_numbers() -> None:
    if connection.vendor != "sqlite":
        return
    plan = facts_between(0, 2000).explain()

    assert SORTING not in plan
    assert "seq>? AND seq<?" in plan
