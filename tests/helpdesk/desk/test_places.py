"""Where requests lie: around one, those of a list, and on the map that the town has named."""

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from helpdesk.tickets.enums import Status
from helpdesk.tickets.models import Ticket
from tests.factories.house import House, make_house
from tests.helpdesk.desk.pages import make_tickets, page_of, signed_in

pytestmark = pytest.mark.django_db
LATITUDE, LONGITUDE = Decimal("50.110000"), Decimal("8.680000")
# A thousandth of a degree is 111 metres to the north.
STEP = Decimal("0.001")


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture
def anna(house: House) -> Client:
    return signed_in(house.anna)


def place(ticket: Ticket, north: int, **values: object) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(
        latitude=LATITUDE + north * STEP, longitude=LONGITUDE, **values
    )


def test_what_lies_around_is_named_with_its_way_open_ones_and_near_ones_first(
    house: House, anna: Client
) -> None:
    here, near, far, away, done, merged = make_tickets(house, 6)
    for ticket, north in ((here, 0), (near, -1), (far, 4), (away, 6)):
        place(ticket, north)
    place(done, 1, status=Status.RESOLVED, outcome="fixed")
    place(merged, 1, status=Status.MERGED)

    shown = anna.get(reverse("desk:around", args=[here.number])).context

    assert [(one.ticket.pk, one.metres) for one in shown["found"]] == [
        (near.pk, 111),
        (far.pk, 445),
        (done.pk, 111),
    ]
    assert shown["found"][0].way == "111 m nach Süden"
    dots = shown["plan"].dots
    assert [dot.is_open for dot in dots] == [True, True, False]
    assert dots[0].y > shown["plan"].middle[1] > dots[1].y


def test_requests_of_one_spot_lie_beside_each_other_on_the_plan(house: House, anna: Client) -> None:
    tickets = make_tickets(house, 5)
    for ticket in tickets:
        place(ticket, 0)

    plan = anna.get(reverse("desk:places", args=["all"])).context["plan"]

    assert len({(dot.x, dot.y) for dot in plan.dots}) == len(tickets)
    assert all(0 < dot.x < plan.width and 0 < dot.y < plan.height for dot in plan.dots)


def test_the_plan_of_a_list_has_its_requests_with_a_place_in_its_order(
    house: House, anna: Client
) -> None:
    first, _nowhere, last = make_tickets(house, 3)
    place(last, 2)
    place(first, 0)

    page = anna.get(reverse("desk:places", args=["all"]) + "?sort=number")

    assert [line["ticket"].pk for line in page.context["lines"]] == [first.pk, last.pk]
    assert page.context["lines"][0]["geo"] == "geo:50.110000,8.680000"
    assert 'data-lat="50.110000"' in page.content.decode()
    empty = anna.get(reverse("desk:places", args=["mine"]))
    assert empty.context["plan"] is None


def test_the_map_is_a_link_only_where_the_town_has_named_one(house: House, anna: Client) -> None:
    (ticket,) = make_tickets(house, 1)
    place(ticket, 0)
    assert anna.get(page_of(ticket)).context["map_link"] == ""

    house.authority.map_address = "https://geo.example/?lat={lat}&lon={lon}"
    house.authority.save()

    page = anna.get(page_of(ticket))
    assert 'href="geo:50.110000,8.680000"' in page.content.decode()
    assert page.context["map_link"] == "https://geo.example/?lat=50.110000&lon=8.680000"
    assert "https://geo.example/?lat=50.110000&amp;lon=8.680000" in page.content.decode()


def test_the_plan_of_a_list_draws_what_has_ended_as_ended(house: House, anna: Client) -> None:
    (ticket,) = make_tickets(house, 1)
    place(ticket, 0, status=Status.RESOLVED, outcome="fixed")

    page = anna.get(reverse("desk:places", args=["all"]) + "?status=resolved")

    assert [dot.is_open for dot in page.context["plan"].dots] == [False]


def test_a_place_on_the_equator_or_the_first_meridian_is_a_place(
    house: House, anna: Client
) -> None:
    here, near = make_tickets(house, 2)
    Ticket.objects.filter(pk=here.pk).update(latitude=STEP, longitude=0)
    Ticket.objects.filter(pk=near.pk).update(latitude=0, longitude=0)

    found = anna.get(reverse("desk:around", args=[here.number])).context["found"]

    assert [one.way for one in found] == ["111 m nach Süden"]
    assert reverse("desk:around", args=[near.number]) in anna.get(page_of(near)).content.decode()
