"""The palette and one's own keys in a browser: by keys alone, with commands of the page at once."""

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from helpdesk.agents.models import User
from tests.e2e.desk_data import WITHOUT_SOCKET, Desk, make_desk, sign_in
from tests.e2e.support import PHONE, Watch, accessibility_faults, overflows
from tests.helpdesk.desk.pages import page_of
from tests.helpdesk.search.making import index_everything

pytestmark = pytest.mark.django_db(transaction=True)
MARKED = "#palette [role=option][aria-selected=true]"


def ready(page: Page) -> None:
    """Wait until the scripts of a page have started: then keys work."""
    expect(page.locator("[data-palette]").first).to_have_attribute("aria-keyshortcuts", "/")


@pytest.fixture
def desk(transactional_db: None) -> Desk:
    del transactional_db
    made = make_desk()
    index_everything()
    return made


@pytest.fixture
def anna(page: Page, desk: Desk, live_server: LiveServer, watch: Watch) -> Page:
    """A browser in which Anna is signed in."""
    watch.expected.extend(WITHOUT_SOCKET)
    sign_in(page, desk.house.anna, live_server.url)
    return page


def test_a_request_a_person_and_a_command_are_reached_by_keys_alone(
    anna: Page, desk: Desk, live_server: LiveServer
) -> None:
    anna.goto(f"{live_server.url}/a/v/all/")
    ready(anna)
    anna.keyboard.press("/")
    expect(anna.locator("#palette input")).to_be_focused()
    expect(anna.locator(MARKED)).to_be_visible()
    assert accessibility_faults(anna) == []
    # Enter at once waits for what this number finds.
    anna.keyboard.type(desk.busy.number[5:])
    anna.keyboard.press("Enter")
    expect(anna.locator("h1")).to_have_text(desk.busy.title)

    ready(anna)
    anna.keyboard.press("Control+k")
    anna.keyboard.type("@rosa")
    expect(anna.locator(MARKED)).to_contain_text("Rosa Lind")
    anna.keyboard.press("Enter")
    expect(anna.locator("h1")).to_have_text("Rosa Lind")
    assert accessibility_faults(anna) == []

    anna.goto(f"{live_server.url}{page_of(desk.fresh)}")
    ready(anna)
    anna.keyboard.press("Control+k")
    anna.keyboard.type(">notiz")
    expect(anna.locator(MARKED)).to_contain_text("Interne Notiz")
    anna.keyboard.press("Enter")
    expect(anna.locator("#palette")).to_be_hidden()
    expect(anna.locator("#pane-note textarea")).to_be_focused()


def test_on_a_phone_the_palette_fits_and_shows_what_was_opened_last(
    anna: Page, desk: Desk, live_server: LiveServer
) -> None:
    anna.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
    anna.goto(f"{live_server.url}{page_of(desk.fresh)}")
    anna.goto(f"{live_server.url}/a/v/all/")
    anna.locator(".cmd-open").click()

    expect(anna.locator("#palette [data-palette-found]")).to_contain_text(desk.fresh.title)
    assert not overflows(anna)
    assert accessibility_faults(anna) == []
    anna.keyboard.type("Quarkspeise")
    more = anna.locator("#palette").get_by_role("option", name="Neues Anliegen „Quarkspeise“")
    more.click()
    expect(anna.locator("#call-note")).to_have_value("Quarkspeise")


def test_an_own_key_works_the_old_one_does_not_and_switched_off_all_is_still_there(
    anna: Page, desk: Desk, live_server: LiveServer
) -> None:
    User.objects.filter(pk=desk.house.anna.pk).update(key_changes={"n": "d", "r": "", "M": "V"})
    anna.goto(f"{live_server.url}{page_of(desk.fresh)}")
    ready(anna)
    anna.keyboard.press("n")
    expect(anna.locator("#composer")).to_have_attribute("data-mode", "answer")
    anna.keyboard.press("d")
    expect(anna.locator("#pane-note textarea")).to_be_focused()
    expect(anna.locator("#tab-note")).to_have_attribute("aria-keyshortcuts", "d")
    expect(anna.locator("#tab-note kbd")).to_have_text("d")
    expect(anna.locator("[data-key=M] kbd")).to_have_text("⇧V")

    User.objects.filter(pk=desk.house.anna.pk).update(keys_off=True)
    anna.reload()
    expect(anna.locator("#tab-note kbd")).to_be_hidden()
    anna.keyboard.press("d")
    expect(anna.locator("#composer")).to_have_attribute("data-mode", "answer")
    anna.keyboard.press("Control+k")
    anna.keyboard.type(">notiz")
    expect(anna.locator(MARKED)).to_contain_text("Interne Notiz")
    anna.keyboard.press("Enter")
    expect(anna.locator("#pane-note textarea")).to_be_focused()


def test_the_number_is_copied_with_its_title_and_its_link_and_mentions_are_a_key_away(
    anna: Page, desk: Desk, live_server: LiveServer
) -> None:
    anna.context.grant_permissions(["clipboard-read", "clipboard-write"])
    address = f"{live_server.url}{page_of(desk.fresh)}"
    anna.goto(address)
    ready(anna)
    # However long the machine takes from one press to the next, they are at once.
    anna.clock.set_fixed_time(timezone.now())
    named = f"{desk.fresh.number} {desk.fresh.title}"
    copied = []
    for said in (desk.fresh.number, named, f"{named}\n{address}"):
        anna.keyboard.press("y")
        expect(anna.locator("#number-copied")).to_have_text(f"Kopiert. {said}")
        copied.append(anna.evaluate("navigator.clipboard.readText()"))

    anna.keyboard.press("g")
    anna.keyboard.press("e")
    expect(anna.locator("h1")).to_have_text("Erwähnungen")
    assert copied == [desk.fresh.number, named, f"{named}\n{address}"]
