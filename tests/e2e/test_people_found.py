"""People are found while one types, and nothing is lost or added that was typed meanwhile."""

import pytest
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from tests.e2e.conftest import NewPage
from tests.e2e.desk_data import WITHOUT_SOCKET, Desk, make_desk, sign_in
from tests.e2e.support import Held, Watch
from tests.helpdesk.desk.pages import page_of

pytestmark = pytest.mark.django_db(transaction=True)
FOUND, NAME = "#requester-found", "#requester-name"


@pytest.fixture
def desk(transactional_db: None, watch: Watch) -> Desk:
    del transactional_db
    watch.expected.extend(WITHOUT_SOCKET)
    return make_desk()


def test_what_is_typed_while_people_are_looked_for_stays(
    new_page: NewPage, desk: Desk, live_server: LiveServer
) -> None:
    page = new_page()
    sign_in(page, desk.house.anna, live_server.url)
    page.goto(f"{live_server.url}{page_of(desk.busy)}")
    page.get_by_role("link", name="Bürger:in ändern").click()
    expect(page.locator("#requester-q")).to_be_visible()
    asked = Held(page, "**/buerger/")

    with page.expect_request("**/buerger/"):
        page.locator("#requester-q").fill("nobody@example.org")
    page.locator(NAME).fill("Egon Eilig")
    page.locator(FOUND).evaluate("(place) => { place.dataset.found = ''; }")
    asked.let_go()

    expect(page.locator(FOUND)).to_have_attribute("data-found", "0 gefunden")
    expect(page.locator(NAME)).to_have_value("Egon Eilig")
    expect(page.locator(NAME)).to_be_focused()
    expect(page.locator("#requester-email")).to_have_value("nobody@example.org")


def test_an_enter_that_waits_for_a_list_is_forgotten_once_one_goes_elsewhere_in_the_text(
    new_page: NewPage, desk: Desk, live_server: LiveServer
) -> None:
    page = new_page()
    sign_in(page, desk.house.anna, live_server.url)
    page.goto(f"{live_server.url}{page_of(desk.busy)}")
    asked = Held(page, "**/namen/**")
    page.keyboard.press("n")
    editor = page.locator("#pane-note [data-editor]")
    expect(editor).to_be_focused()

    with page.expect_request("**/namen/**"):
        page.keyboard.type("Hallo\n@be")
        page.keyboard.press("Enter")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Home")
    with page.expect_response("**/namen/**"):
        asked.let_go()
    expect(page.locator("#picker-note")).to_be_hidden()
    page.keyboard.type("Ach, ")

    expect(editor).to_have_value("Ach, Hallo\n@be")
