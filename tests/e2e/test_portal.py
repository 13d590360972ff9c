"""The citizens' pages in a browser, with and without scripts, on a phone and in the dark."""

import pytest
from playwright.sync_api import ViewportSize, expect
from pytest_django.live_server_helper import LiveServer

from channels_in.models import Account
from helpdesk.portal.report import guard
from helpdesk.tickets.links import status_token
from tests.e2e.conftest import NewPage
from tests.e2e.desk_data import Desk, make_desk
from tests.e2e.support import PHONE, Watch, accessibility_faults, overflows

pytestmark = pytest.mark.django_db(transaction=True)
SMALLEST: ViewportSize = {"width": 320, "height": 640}
SIZES: tuple[ViewportSize, ...] = (
    {"width": 1440, "height": 900},
    {"width": 390, "height": 844},
    SMALLEST,
)


@pytest.fixture
def desk(transactional_db: None) -> Desk:
    del transactional_db
    desk = make_desk()
    Account.objects.update(is_active=True)
    desk.house.authority.contact_phone = "0123 456-0"
    desk.house.authority.contact_address = "Marktplatz 1, 12345 Musterstadt"
    desk.house.authority.save()
    return desk


def pages_of(desk: Desk) -> dict[str, str]:
    return {
        "home": "/",
        "status": f"/s/{status_token(desk.busy)}/",
        "unknown": "/s/1-aaaaaaaaaaaaaaaaaaaaaaaaaa/",
        "not there": "/nirgends/",
    }


@pytest.fixture(autouse=True)
def _expected(watch: Watch) -> None:
    watch.expected.append("404 (Not Found)")


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    new_page: NewPage, desk: Desk, live_server: LiveServer, scheme: str, language: str
) -> None:
    page = new_page(color_scheme=scheme, java_script_enabled=True)
    page.goto(f"{live_server.url}/language/{language}/")
    faults, wide = {}, []

    for name, path in pages_of(desk).items():
        page.goto(f"{live_server.url}{path}")
        expect(page.locator("html")).to_have_attribute("lang", language)
        faults[name] = accessibility_faults(page)
        for size in SIZES:
            page.set_viewport_size(size)
            if overflows(page):
                wide.append((name, size["width"]))

    assert {name: found for name, found in faults.items() if found} == {}
    assert wide == []


def test_the_status_page_is_whole_without_scripts_on_a_phone(
    new_page: NewPage, desk: Desk, live_server: LiveServer
) -> None:
    page = new_page(viewport=PHONE, java_script_enabled=False)

    page.goto(f"{live_server.url}{pages_of(desk)['status']}")

    expect(page.locator(".state")).to_be_visible()
    expect(page.locator(".timeline li").first).to_be_visible()
    expect(page.locator(".from-authority")).to_have_count(0)
    page.get_by_role("button", name="Anliegen öffnen").click()
    expect(page.locator(".from-authority")).to_contain_text("Wir sehen es uns an.")
    expect(page.locator("body")).not_to_contain_text("Der Bauhof weiß Bescheid.")
    page.get_by_role("link", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator(".from-authority")).to_be_visible()


@pytest.fixture
def _in_no_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take what comes at once: a browser that is driven is as quick as a program."""
    monkeypatch.setattr(guard, "SHORTEST_SECONDS", -1)


@pytest.mark.usefixtures("_in_no_haste")
def test_a_barrier_is_reported_by_keyboard_alone_from_the_page_it_is_on(
    new_page: NewPage, desk: Desk, live_server: LiveServer
) -> None:
    del desk
    page = new_page()
    page.goto(f"{live_server.url}/status/")
    page.locator("footer").get_by_role("link", name="Barriere melden").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Seite")).to_have_value("/status/")
    page.get_by_label("Was hat nicht funktioniert?").focus()
    page.keyboard.type("Ich komme nicht ins Menü.")
    page.get_by_role("button", name="Barriere melden").focus()
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("Ihr Anliegen ist angekommen")
    expect(page.locator(".code-signs")).to_be_visible()
    assert accessibility_faults(page) == []
    assert not overflows(page)


@pytest.mark.usefixtures("_in_no_haste")
def test_a_call_is_asked_for_without_scripts_on_a_phone(
    new_page: NewPage, desk: Desk, live_server: LiveServer
) -> None:
    del desk
    page = new_page(viewport=PHONE, java_script_enabled=False)
    page.goto(f"{live_server.url}/rueckruf/")
    page.get_by_label("Ihre Telefonnummer").fill("0171 5550132")
    page.get_by_label("Worum geht es?").fill("Frage zur Hundesteuer")
    page.get_by_role("button", name="Um Rückruf bitten").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Ihr Anliegen ist angekommen")
    page.get_by_role("button", name="Auf diesem Gerät schließen").click()
    page.goto(f"{live_server.url}/angekommen/")
    expect(page).to_have_url(f"{live_server.url}/")
