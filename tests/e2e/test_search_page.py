"""The search page in a browser: by keys alone, early ones too, from palette to saved search."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from helpdesk.tickets.models import Ticket
from tests.e2e.desk_data import WITHOUT_SOCKET, sign_in
from tests.e2e.support import Held, Watch, accessibility_faults
from tests.factories.house import House, make_house
from tests.helpdesk.desk.pages import make_tickets
from tests.helpdesk.search.making import index_everything

LONG_AGO = datetime(2023, 5, 4, 9, tzinfo=UTC)
TAB = ".find-tabs [aria-current=page]"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def house(transactional_db: None) -> House:
    del transactional_db
    made = make_house()
    tickets = make_tickets(made, 27)
    Ticket.objects.filter(pk=tickets[0].pk).update(received_at=LONG_AGO)
    index_everything()
    return made


@pytest.fixture
def anna(page: Page, house: House, live_server: LiveServer, watch: Watch) -> Page:
    """A browser in which Anna is signed in."""
    watch.expected.extend(WITHOUT_SOCKET)
    sign_in(page, house.anna, live_server.url)
    return page


def look_up_before_scripts_start(page: Page, url: str) -> None:
    """Type into a palette that is not there yet, and go on to all results."""
    scripts = Held(page, "**/js/desk*.js")
    page.goto(f"{url}/a/v/all/", wait_until="commit")
    expect(page.locator("[data-row]")).to_have_count(27)
    page.keyboard.type("/Request")
    scripts.let_go()
    expect(page.locator("#palette input")).to_have_value("Request")
    option = page.locator("#palette [role=option]", has_text="Alle Ergebnisse")
    expect(option).to_be_visible()
    for _ in range(page.locator("#palette [role=option]").count()):
        if option.get_attribute("aria-selected") == "true":
            break
        page.keyboard.press("ArrowUp")
    expect(option).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")


def narrow_to_this_time(page: Page) -> None:
    page.keyboard.press("f")
    page.keyboard.type("1.1.2025")
    expect(page.locator(".chip-input [aria-selected=true]")).to_contain_text("Eingegangen ab")
    page.keyboard.press("Enter")
    expect(page.locator(".chip-on")).to_contain_text("Eingegangen ab: 01.01.2025")
    expect(page.locator(TAB)).to_have_text("Anliegen 26")


def choose_two(page: Page) -> None:
    for key in ("j", "x", "Shift+J"):
        page.keyboard.press(key)
    expect(page.locator("[data-bulk-count]")).to_have_text("2 ausgewählt")


def save_as(page: Page, name: str) -> None:
    page.get_by_role("link", name="Ansicht speichern").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#view-name")).to_be_focused()
    page.keyboard.type(name)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text(name)


def test_what_is_found_is_narrowed_chosen_changed_and_saved_by_keys_alone(
    anna: Page, house: House, live_server: LiveServer
) -> None:
    look_up_before_scripts_start(anna, live_server.url)
    expect(anna.locator(TAB)).to_have_text("Anliegen 27")
    assert accessibility_faults(anna) == []
    anna.locator("[data-more]").focus()
    anna.keyboard.press("Enter")
    expect(anna.locator("[data-row]")).to_have_count(27)

    narrow_to_this_time(anna)
    choose_two(anna)
    assert accessibility_faults(anna) == []
    anna.keyboard.press("i")
    expect(anna.locator(".toast")).to_contain_text("2 Anliegen geändert.")
    assert Ticket.objects.filter(owner=house.anna).count() == 2
    expect(anna.locator("#find-q")).to_have_value("Request")

    save_as(anna, "Neuere")
    expect(anna.locator(TAB)).to_have_text("Anliegen 26")
