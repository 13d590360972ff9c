"""The page of the search in a browser: by keys alone from the palette to a saved search; early keys."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from helpdesk.tickets.models import Ticket
from tests.e2e.desk_data import WITHOUT_SOCKET, sign_in
from tests.e2e.support import Watch, accessibility_faults
from tests.factories.house import House, make_house
from tests.helpdesk.desk.pages import make_tickets
from tests.helpdesk.search.making import index_everything

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def house(transactional_db: None) -> House:
    del transactional_db
    made = make_house()
    tickets = make_tickets(made, 27)
    Ticket.objects.filter(pk=tickets[0].pk).update(received_at=timezone.now() - timedelta(days=900))
    index_everything()
    return made


@pytest.fixture
def anna(page: Page, house: House, live_server: LiveServer, watch: Watch) -> Page:
    """A browser in which Anna is signed in."""
    watch.expected.extend(WITHOUT_SOCKET)
    sign_in(page, house.anna, live_server.url)
    return page


def test_what_is_found_is_narrowed_chosen_changed_and_saved_by_keys_alone(
    anna: Page, house: House, live_server: LiveServer
) -> None:
    held: list[Route] = []
    anna.route("**/js/desk*.js", held.append)
    anna.goto(f"{live_server.url}/a/v/all/", wait_until="commit")
    expect(anna.locator("[data-row]")).to_have_count(27)
    # Pressed before the scripts have started: they wait for them.
    anna.keyboard.type("/Request")
    held[0].continue_()
    expect(anna.locator("#palette input")).to_have_value("Request")
    expect(anna.locator("#palette")).to_contain_text("Alle Ergebnisse")
    anna.unroute("**/js/desk*.js")
    option = anna.locator("#palette [role=option]", has_text="Alle Ergebnisse")
    while option.get_attribute("aria-selected") != "true":
        anna.keyboard.press("ArrowUp")
    anna.keyboard.press("Enter")

    expect(anna.locator(".find-tabs [aria-current=page]")).to_have_text("Anliegen 27")
    expect(anna.locator("[data-row]")).to_have_count(25)
    assert accessibility_faults(anna) == []
    anna.locator("[data-more]").focus()
    anna.keyboard.press("Enter")
    expect(anna.locator("[data-row]")).to_have_count(27)

    anna.keyboard.press("f")
    anna.keyboard.type("1.1.2025")
    expect(anna.locator(".chip-input [aria-selected=true]")).to_contain_text("Eingegangen ab")
    anna.keyboard.press("Enter")
    expect(anna.locator(".chip-on")).to_have_text("Eingegangen ab: 01.01.2025Filter entfernen")
    expect(anna.locator(".find-tabs [aria-current=page]")).to_have_text("Anliegen 26")

    anna.keyboard.press("j")
    anna.keyboard.press("x")
    anna.keyboard.press("Shift+J")
    expect(anna.locator("[data-bulk-count]")).to_have_text("2 ausgewählt")
    assert accessibility_faults(anna) == []
    anna.keyboard.press("i")
    expect(anna.locator(".toast")).to_contain_text("2 Anliegen geändert.")
    assert Ticket.objects.filter(owner=house.anna).count() == 2
    expect(anna.locator("#find-q")).to_have_value("Request")

    anna.get_by_role("link", name="Ansicht speichern").focus()
    anna.keyboard.press("Enter")
    expect(anna.locator("#view-name")).to_be_focused()
    anna.keyboard.type("Neuere")
    anna.keyboard.press("Enter")
    expect(anna.locator("h1")).to_have_text("Neuere")
    expect(anna.locator(".find-tabs [aria-current=page]")).to_have_text("Anliegen 26")
