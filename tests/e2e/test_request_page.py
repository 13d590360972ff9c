"""The page of a request in a browser: its title, what is copied, the list beside it, the phone."""

import re

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.e2e.conftest import NewPage
from tests.e2e.desk_data import WITHOUT_SOCKET, Desk, make_desk, sign_in
from tests.e2e.support import PHONE, Held, Watch, accessibility_faults
from tests.helpdesk.desk.pages import page_of

pytestmark = pytest.mark.django_db(transaction=True)
WIDE = {"width": 1760, "height": 900}
# What a browser does with a page that came without https, and that may not copy at all.
COPIES_NOTHING = (
    "Object.defineProperty(navigator, 'clipboard', {value: undefined});"
    "document.execCommand = () => false;"
)


@pytest.fixture
def desk(transactional_db: None) -> Desk:
    del transactional_db
    return make_desk()


def came_from_the_list(page: Page, desk: Desk, url: str) -> None:
    sign_in(page, desk.house.anna, url)
    page.goto(f"{url}/a/v/all/")
    page.locator(f"#t-{desk.fresh.pk} .row-link").click()
    expect(page.locator("#tab-answer")).to_have_attribute("aria-keyshortcuts", "r")


def test_the_title_is_renamed_where_it_stands_and_the_list_comes_and_goes_beside_its_undo(
    new_page: NewPage, desk: Desk, live_server: LiveServer, watch: Watch
) -> None:
    watch.expected.extend(WITHOUT_SOCKET)
    page = new_page(viewport=WIDE)
    came_from_the_list(page, desk, live_server.url)
    expect(page.locator("h1")).to_be_focused()

    page.locator("h1").click()
    page.locator("#p-title").fill("Loch in der Lindenstraße")
    page.keyboard.press("Enter")
    undo = page.locator("[data-undo]")
    expect(undo).to_be_visible()
    expect(page.locator("h1")).to_have_text("Loch in der Lindenstraße")

    split, beside = page.locator("[data-split]"), page.locator("[data-beside]")
    for shown in (True, False, True):
        split.click()
        expect(beside).to_have_count(int(shown))
        expect(split).to_have_attribute("aria-pressed", str(shown).lower())
    expect(beside.locator(".is-open")).to_contain_text("Loch in der Lindenstraße")
    assert accessibility_faults(page) == []
    undo.click()
    expect(page.locator("h1")).to_have_text(desk.fresh.title)
    expect(beside).to_be_visible()


def test_what_cannot_be_copied_and_what_takes_long_is_said(
    page: Page, desk: Desk, live_server: LiveServer, watch: Watch
) -> None:
    watch.expected.extend(WITHOUT_SOCKET)
    page.add_init_script(COPIES_NOTHING)
    came_from_the_list(page, desk, live_server.url)
    address = page.locator("[data-copy-text]").first
    address.click()
    expect(page.locator("#toasts [role=alert]")).to_contain_text(
        str(address.get_attribute("data-copy-text"))
    )

    held = Held(page, re.compile(r"/zusammenfuehren/"))
    page.keyboard.press("m")
    expect(page.locator("#sheet .skeletons")).to_be_visible()
    held.let_go()
    expect(page.locator("#sheet form").first).to_be_visible()
    expect(page.locator("#sheet .skeletons")).to_have_count(0)


def test_on_the_phone_all_is_in_reach_of_the_thumb_and_what_closes_gives_the_focus_back(
    new_page: NewPage, desk: Desk, live_server: LiveServer, watch: Watch
) -> None:
    watch.expected.extend(WITHOUT_SOCKET)
    page = new_page(viewport=PHONE, has_touch=True)
    came_from_the_list(page, desk, live_server.url)
    assign, more = page.locator("[data-bar=a]"), page.locator("[data-bar='.']")

    assign.tap()
    expect(page.locator(".pick")).to_be_visible()
    page.keyboard.press("Escape")
    expect(assign).to_be_focused()

    more.tap()
    spam = page.locator(".acts [data-key='!']")
    expect(spam).to_be_in_viewport(ratio=1)
    assert accessibility_faults(page) == []
    page.keyboard.press("Escape")
    expect(spam).to_be_hidden()
    expect(more).to_be_focused()

    page.locator("#tab-note").tap()
    expect(page.locator("#pane-note textarea")).to_be_focused()
    page.locator("[data-composer-close]").tap()
    expect(page.locator("#tab-note")).to_be_focused()
    page.locator("#tab-answer").tap()
    page.keyboard.press("Escape")
    expect(page.locator("#tab-answer")).to_be_focused()
    expect(assign).to_be_visible()
