"""The page of a request in a browser: where one begins on it, and what takes long."""

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.e2e.desk_data import WITHOUT_SOCKET, Desk, make_desk, sign_in
from tests.e2e.support import Held, Watch

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def desk(transactional_db: None) -> Desk:
    del transactional_db
    return make_desk()


def test_one_begins_at_the_title_and_a_sheet_that_takes_long_shows_where_it_will_stand(
    page: Page, desk: Desk, live_server: LiveServer, watch: Watch
) -> None:
    watch.expected.extend(WITHOUT_SOCKET)
    sign_in(page, desk.house.anna, live_server.url)
    page.goto(f"{live_server.url}/a/v/all/")
    page.locator(f"#t-{desk.fresh.pk} .row-link").click()
    # Its last script has started, so that a key opens a sheet and not a page.
    expect(page.locator("#pane-answer textarea")).to_have_attribute("aria-autocomplete", "list")
    expect(page.locator("h1")).to_be_focused()

    held = Held(page, "**/zusammenfuehren/**")
    page.keyboard.press("m")
    expect(page.locator("#sheet .skeletons")).to_be_visible()
    held.let_go()
    expect(page.locator("#sheet form").first).to_be_visible()
    expect(page.locator("#sheet .skeletons")).to_have_count(0)
