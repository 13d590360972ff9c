"""The list beside a request, the plan of a list and the photo sheet, by keys alone."""

import re

import pytest
from playwright.sync_api import Page, ViewportSize, expect
from pytest_django.live_server_helper import LiveServer

from helpdesk.tickets.models import Ticket
from tests.e2e.conftest import NewPage
from tests.e2e.desk_data import WITHOUT_SOCKET, sign_in
from tests.e2e.support import Watch, accessibility_faults
from tests.factories.house import House, make_house
from tests.helpdesk.desk.pages import make_tickets

pytestmark = pytest.mark.django_db(transaction=True)
BROAD: ViewportSize = {"width": 1720, "height": 900}
KEYS_ARE_BOUND = ("aria-keyshortcuts", re.compile(r"\S"))
# The last script of a request's page has started: what a key presses is done by scripts.
EDITOR, HAS_STARTED = "#pane-answer textarea", ("aria-autocomplete", "list")


@pytest.fixture
def house(transactional_db: None) -> House:
    del transactional_db
    return make_house()


@pytest.fixture
def anna(new_page: NewPage, house: House, live_server: LiveServer, watch: Watch) -> Page:
    """A broad window in which Anna is signed in."""
    watch.expected.extend(WITHOUT_SOCKET)
    page = new_page(viewport=BROAD)
    sign_in(page, house.anna, live_server.url)
    return page


def test_the_list_stands_beside_a_request_and_plan_and_photo_sheet_are_a_key_away(
    anna: Page, house: House, live_server: LiveServer
) -> None:
    tickets = make_tickets(house, 2)
    for at, ticket in enumerate(tickets):
        Ticket.objects.filter(pk=ticket.pk).update(latitude=f"50.11{at}", longitude="8.68")
    anna.goto(f"{live_server.url}/a/v/all/")
    expect(anna.locator("[data-key=L]")).to_have_attribute(*KEYS_ARE_BOUND)

    anna.keyboard.press("j")
    anna.keyboard.press("Enter")
    expect(anna.locator(EDITOR)).to_have_attribute(*HAS_STARTED)
    anna.keyboard.press("i")
    expect(anna.locator("[data-undo-url]")).to_be_visible()
    anna.keyboard.press("Shift+S")

    expect(anna.locator("[data-beside] [data-row]")).to_have_count(len(tickets))
    # The page is drawn anew, and still takes back what was done before.
    expect(anna.locator("[data-undo-url]")).to_be_visible()
    number = anna.locator(".crumb-number").inner_text()
    expect(anna.locator("[data-beside] [aria-current=page]")).to_have_attribute(
        "href", re.compile(re.escape(number))
    )
    assert accessibility_faults(anna) == []

    expect(anna.locator(EDITOR)).to_have_attribute(*HAS_STARTED)
    anna.keyboard.press("Shift+E")
    expect(anna.locator("#sheet input[type=file]").first).to_be_visible()
    assert accessibility_faults(anna) == []
    anna.keyboard.press("Escape")
    expect(anna.locator("#sheet")).to_be_hidden()

    anna.keyboard.press("u")
    expect(anna.locator("[data-key=L]")).to_have_attribute(*KEYS_ARE_BOUND)
    anna.keyboard.press("Shift+L")
    expect(anna.locator("svg.plan .plan-dot")).to_have_count(len(tickets))
    expect(anna.locator("[data-places] li").first).to_be_visible()
    assert accessibility_faults(anna) == []
