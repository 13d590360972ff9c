"""Text nobody has sent: the tab dies, the line is down, the session ends; it is back (F28).

``FAULT_DRAFTS`` gives the full number under `make faults`; a crash and a lost line in small are
in test_composer, an ended session in test_states.
"""

import os
from collections.abc import Callable

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from helpdesk.tickets.inbound import Person
from helpdesk.tickets.models import ArticleDraft, Ticket
from tests.e2e.conftest import NewPage
from tests.e2e.desk_data import WITHOUT_SOCKET, Desk, make_desk, sign_in
from tests.e2e.support import Watch
from tests.factories.house import PASSWORD, make_ticket
from tests.helpdesk.desk.pages import page_of

pytestmark = [
    pytest.mark.faults,
    pytest.mark.proves("F28"),
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(3600),
]
DRAFTS = int(os.environ.get("FAULT_DRAFTS", "12"))
EDITOR = "#pane-answer [data-editor]"
STATE = "#pane-answer [data-draft-state]"
# From the last key on, as quality.md says it.
LATEST_MS = 5_000
TEN_MINUTES_MS = 600_000


@pytest.fixture
def desk(transactional_db: None, watch: Watch) -> Desk:
    del transactional_db
    lost = ("ERR_INTERNET_DISCONNECTED", "401", "403", "Failed to fetch", "crashed")
    watch.expected.extend([*WITHOUT_SOCKET, *lost])
    return make_desk()


def write(page: Page, text: str) -> None:
    page.keyboard.press("r")
    expect(page.locator(EDITOR)).to_be_focused()
    page.keyboard.type(text)


def tab_crash(page: Page, desk: Desk, text: str) -> None:
    """The tab dies as soon as the page says that the text is kept."""
    del desk
    write(page, text)
    expect(page.locator(STATE)).to_contain_text("Entwurf gespeichert", timeout=LATEST_MS)
    page.close()


def line_down(page: Page, desk: Desk, text: str) -> None:
    """Ten minutes without a line, then the tab is closed."""
    del desk
    page.context.set_offline(True)
    write(page, text)
    expect(page.locator(STATE)).to_contain_text("auf diesem Gerät", timeout=LATEST_MS)
    page.clock.fast_forward(TEN_MINUTES_MS)
    expect(page.locator(EDITOR)).to_have_value(text)
    page.close(run_before_unload=False)


def session_over(page: Page, desk: Desk, text: str) -> None:
    """The session ends while somebody writes; signing in again keeps what was written."""
    Session.objects.all().delete()
    write(page, text)
    dialog = page.locator("dialog.session-dialog")
    page.keyboard.press("Control+Enter")
    expect(dialog.locator("[name=login]")).to_be_focused(timeout=LATEST_MS)
    page.close()
    fresh = page.context.new_page()
    fresh.goto(f"{page.url.split('/a/')[0]}/a/konto/anmelden/")
    fresh.fill("[name=login]", desk.house.anna.email)
    fresh.fill("[name=password]", PASSWORD)
    fresh.press("[name=password]", "Enter")
    fresh.wait_for_url("**/a/v/**")
    fresh.close()


FAULTS: tuple[Callable[[Page, Desk, str], None], ...] = (tab_crash, line_down, session_over)


def opened(context: BrowserContext, address: str) -> Page:
    page = context.new_page()
    page.clock.install()
    page.goto(address)
    return page


def test_a_hundred_drafts_outlive_whatever_happens_to_the_browser(
    new_page: NewPage,
    desk: Desk,
    live_server: LiveServer,
    record_property: Callable[[str, object], None],
) -> None:
    first = new_page()
    sign_in(first, desk.house.anna, live_server.url)
    context, back = first.context, 0

    for number in range(DRAFTS):
        ticket: Ticket = make_ticket(
            desk.house,
            person=Person(f"Person {number}", f"person{number}@example.org"),
            message_id=f"<{number}@drafts.example>",
        )
        text = f"Antwort {number}: Wir kommen am Donnerstag."
        address = f"{live_server.url}{page_of(ticket)}"
        FAULTS[number % len(FAULTS)](opened(context, address), desk, text)
        context.set_offline(False)

        again = opened(context, address)
        expect(again.locator(EDITOR)).to_have_value(text)
        back += 1
        again.close()

    record_property("expected", DRAFTS)
    record_property("found", back)
    record_property("lost", DRAFTS - back)
    assert not ArticleDraft.objects.exclude(body__startswith="Antwort").exists()
