"""The list beside a request: as one came from it, for who wants it, and within the same walls."""

import pytest
from django.test import Client

from helpdesk.desk.walk import remember_walk
from helpdesk.worklists.models import SLUG_PREFIX, SavedView
from tests.factories.house import House, make_house
from tests.helpdesk.desk.pages import (
    TICKET_QUERIES,
    counted_queries,
    make_tickets,
    page_of,
    signed_in,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture
def anna(house: House) -> Client:
    return signed_in(house.anna)


def numbers_beside(anna: Client, address: str) -> list[str]:
    beside = anna.get(address).context["beside"]
    return [row.number for row in beside.rows] if beside else []


def test_the_rows_one_came_from_stand_beside_a_request_in_their_order(
    house: House, anna: Client
) -> None:
    one, two, three = make_tickets(house, 3)
    anna.get("/a/v/all/?sort=-number")
    address = f"{page_of(two)}?view=all"
    assert numbers_beside(anna, address) == []

    anna.cookies["split"] = "1"

    assert numbers_beside(anna, address) == [three.number, two.number, one.number]
    page = anna.get(address).content.decode()
    assert page.count('aria-current="page">Request 2') == 1
    assert "?view=all&amp;sort=-number" in page


def test_without_a_list_or_outside_of_it_nothing_stands_beside(house: House, anna: Client) -> None:
    one, two = make_tickets(house, 2)
    anna.cookies["split"] = "1"

    assert numbers_beside(anna, page_of(one)) == []
    anna.get("/a/v/mine/")
    assert numbers_beside(anna, f"{page_of(two)}?view=mine") == []
    assert numbers_beside(anna, f"{page_of(two)}?view=team-nirgends") == []


def test_the_list_costs_one_statement_more(house: House, anna: Client) -> None:
    (one, *_rest) = make_tickets(house, 3)
    anna.get("/a/v/all/")
    address = f"{page_of(one)}?view=all"
    anna.cookies["split"] = "1"
    anna.get(address)

    with counted_queries() as queries:
        anna.get(address)

    assert len(queries) <= TICKET_QUERIES


def test_a_row_that_changes_stands_beside_the_request_as_it_did(house: House, anna: Client) -> None:
    one, two = make_tickets(house, 2)
    anna.get("/a/v/all/")
    anna.cookies["split"] = "1"
    beside = anna.get(f"{page_of(one)}?view=all").context["beside"]

    rows = {
        ticket: anna.get(beside.row_address.replace("ID", str(ticket.pk))) for ticket in (one, two)
    }

    assert [row.context["columns"] for row in rows.values()] == [beside.columns] * 2
    opened = [b'aria-current="page"' in row.content for row in rows.values()]
    assert opened == [True, False]


def test_a_saved_search_stands_beside_nothing(house: House, anna: Client) -> None:
    one, *_rest = make_tickets(house, 2)
    view = SavedView.objects.create(
        authority=house.authority, owner=house.anna, name="Gesucht", base="search"
    )
    slug = f"{SLUG_PREFIX}{view.pk}"
    remember_walk(house.anna, slug, [one.number])
    anna.cookies["split"] = "1"

    page = anna.get(f"{page_of(one)}?view={slug}")

    assert page.context["place"]
    assert page.context["beside"] is None
