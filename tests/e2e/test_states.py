"""Signed out while working: signing in in a dialog goes on with what was done, text and all."""

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from helpdesk.tickets.enums import ArticleKind
from tests.e2e.desk_data import WITHOUT_SOCKET, Desk, make_desk, sign_in
from tests.e2e.support import Watch, accessibility_faults
from tests.factories.house import PASSWORD
from tests.helpdesk.desk.pages import page_of

pytestmark = pytest.mark.django_db(transaction=True)
LONG_AGO = "Date.now = ((then) => () => then() + 120000)(Date.now)"


@pytest.fixture
def desk(transactional_db: None) -> Desk:
    del transactional_db
    return make_desk()


@pytest.fixture
def anna(page: Page, desk: Desk, live_server: LiveServer, watch: Watch) -> Page:
    """A browser in which Anna is signed in."""
    # A draft that is saved just while the token changes stays on the device for a second more.
    watch.expected.extend([*WITHOUT_SOCKET, "401", "422", "403"])
    sign_in(page, desk.house.anna, live_server.url)
    return page


def sign_in_again(page: Page, desk: Desk) -> None:
    dialog = page.locator("dialog.session-dialog")
    expect(dialog.locator("[name=login]")).to_be_focused()
    assert accessibility_faults(page) == []
    dialog.locator("[name=login]").fill(desk.house.anna.email)
    dialog.locator("[name=password]").fill("falsch-geraten")
    page.keyboard.press("Enter")
    expect(dialog.locator(".error-summary")).to_be_visible()
    dialog.locator("[name=login]").fill(desk.house.anna.email)
    dialog.locator("[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)


def test_a_change_and_an_answer_go_on_after_signing_in_again(
    anna: Page, desk: Desk, live_server: LiveServer
) -> None:
    anna.goto(f"{live_server.url}{page_of(desk.fresh)}")
    expect(anna.locator("[data-key=i]")).to_have_attribute("aria-keyshortcuts", "i")
    Session.objects.all().delete()
    anna.keyboard.press("i")
    sign_in_again(anna, desk)
    expect(anna.locator("[data-undo-change]")).to_be_visible()
    desk.fresh.refresh_from_db()
    assert desk.fresh.owner == desk.house.anna

    anna.keyboard.press("r")
    anna.keyboard.type("Wir kommen morgen.")
    Session.objects.all().delete()
    anna.evaluate(LONG_AGO)
    anna.keyboard.press("Control+Enter")
    sign_in_again(anna, desk)
    expect(anna.locator("[data-undo]").last).to_be_visible()
    (answer,) = desk.fresh.articles.filter(kind=ArticleKind.ANSWER)
    assert answer.text == "Wir kommen morgen."
