"""Lists in a browser: narrowed, saved, worked off by keys alone; without scripts; by touch."""

import re
from typing import Literal

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from helpdesk.tickets.enums import ArticleKind, Priority
from helpdesk.tickets.models import Article, Ticket
from helpdesk.worklists.models import SavedView
from tests.e2e.conftest import NewPage
from tests.e2e.desk_data import WITHOUT_SOCKET, sign_in
from tests.e2e.support import PHONE, Watch, accessibility_faults, overflows
from tests.factories.house import House, make_agent, make_house
from tests.helpdesk.desk.pages import make_tickets

Scheme = Literal["light", "dark"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def house(transactional_db: None) -> House:
    del transactional_db
    return make_house()


@pytest.fixture(autouse=True)
def _without_socket(watch: Watch) -> None:
    watch.expected.extend(WITHOUT_SOCKET)


@pytest.fixture
def anna(page: Page, house: House, live_server: LiveServer) -> Page:
    """A browser in which Anna is signed in."""
    sign_in(page, house.anna, live_server.url)
    return page


def test_a_list_is_narrowed_saved_and_opened_again_by_keys_alone(
    anna: Page, house: House, live_server: LiveServer
) -> None:
    _low, high = make_tickets(house, 2)
    Ticket.objects.filter(pk=high.pk).update(priority=Priority.URGENT)
    anna.goto(f"{live_server.url}/a/v/all/")

    anna.keyboard.press("f")
    expect(anna.locator(".chip-input .option").first).to_have_text("Status …")
    assert accessibility_faults(anna) == []
    anna.keyboard.type("dringend")
    anna.keyboard.press("Enter")

    expect(anna.locator(".chip-on")).to_contain_text("Priorität: dringend")
    expect(anna.locator("[data-row]")).to_have_count(1)
    anna.get_by_role("link", name="Ansicht speichern").focus()
    anna.keyboard.press("Enter")
    expect(anna.locator("#view-name")).to_be_focused()
    anna.keyboard.type("Eilig")
    anna.keyboard.press("Enter")
    expect(anna.locator("h1")).to_have_text("Eilig")
    view = SavedView.objects.get()
    expect(anna.locator(f'[data-count="s-{view.pk}"]')).to_have_text("1")

    chip = anna.locator(".chip-on")
    chip.focus()
    anna.keyboard.press("Delete")
    expect(anna.locator("[data-row]")).to_have_count(2)
    expect(anna).to_have_url(re.compile(re.escape(f"/a/v/s-{view.pk}/?f=1")))


def test_five_requests_go_to_a_colleague_in_ten_keys_and_come_back_by_one(
    anna: Page, house: House, live_server: LiveServer
) -> None:
    tickets = make_tickets(house, 6)
    carl = make_agent(house.authority, "Carl Colleague", house.roads)
    anna.goto(f"{live_server.url}/a/v/unassigned/")
    anna.keyboard.press("j")

    for key in ("x", "Shift+J", "Shift+J", "Shift+J", "Shift+J", "a"):
        anna.keyboard.press(key)
    expect(anna.locator("[data-choose-q]")).to_be_focused()
    assert accessibility_faults(anna) == []
    anna.keyboard.type("car")
    anna.keyboard.press("Enter")

    expect(anna.locator(".toast")).to_contain_text("5 Anliegen geändert.")
    assert [each.owner for each in Ticket.objects.order_by("id")] == [carl] * 5 + [None]
    anna.keyboard.press("z")
    expect(anna.locator("#toasts")).to_contain_text("Rückgängig gemacht.")
    expect(anna.locator("[data-row]")).to_have_count(6)
    assert set(Ticket.objects.values_list("owner", flat=True)) == {None}
    assert len(tickets) == 6


def test_a_key_of_the_bar_means_the_row_one_stands_on_and_escape_changes_nothing(
    anna: Page, house: House, live_server: LiveServer
) -> None:
    make_tickets(house, 2)
    anna.goto(f"{live_server.url}/a/v/unassigned/")
    anna.keyboard.press("j")
    anna.keyboard.press("p")
    expect(anna.locator("[data-choose-q]")).to_be_focused()
    anna.keyboard.press("Escape")
    expect(anna.locator("dialog[open]")).to_have_count(0)
    expect(anna.locator("[data-bulk-count]")).to_have_text("1 ausgewählt")

    # Typed before the buttons are there.
    anna.keyboard.press("p")
    anna.keyboard.type("hoch")
    anna.keyboard.press("Enter")

    expect(anna.locator(".toast")).to_contain_text("1 Anliegen geändert.")
    assert sorted(Ticket.objects.values_list("priority", flat=True)) == [20, 30]


def test_fifty_more_are_loaded_below_and_what_fails_is_said_with_the_rows_kept(
    anna: Page, house: House, live_server: LiveServer, watch: Watch
) -> None:
    watch.expected.append("500")
    make_tickets(house, 53)
    anna.goto(f"{live_server.url}/a/v/all/")
    expect(anna.locator("[data-row]")).to_have_count(50)

    anna.route("**/?page=2", lambda route: route.fulfill(status=500, body="x"))
    anna.locator("[data-more]").click()
    expect(anna.locator("#list-failed")).to_contain_text("Die Liste ist nicht aktualisiert.")
    expect(anna.locator("[data-row]")).to_have_count(50)
    assert accessibility_faults(anna) == []

    anna.unroute("**/?page=2")
    anna.locator("#list-failed button").click()
    expect(anna.locator("[data-row]")).to_have_count(53)
    expect(anna.locator("[data-row]").nth(50).locator(".row-link")).to_be_focused()
    expect(anna.locator("#list-failed")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_answer_to_several_is_looked_at_and_sent(
    anna: Page, house: House, live_server: LiveServer, watch: Watch, scheme: Scheme
) -> None:
    watch.expected.append("422")
    make_tickets(house, 3)
    anna.emulate_media(color_scheme=scheme)
    anna.goto(f"{live_server.url}/a/v/all/")
    anna.keyboard.press("j")
    anna.keyboard.press("*")
    anna.keyboard.press("r")
    expect(anna.locator("h1")).to_have_text("Mehrere Anliegen beantworten")
    anna.locator("#answer-text").fill("{{termin}}")
    anna.get_by_role("button", name="Vor dem Senden ansehen").click()
    expect(anna.locator("main .error-summary")).to_contain_text("{{termin}}")
    assert accessibility_faults(anna) == []

    anna.locator("#answer-text").fill("{{buerger.anrede}}, morgen.")
    anna.get_by_role("button", name="Vor dem Senden ansehen").click()
    expect(anna.locator(".previews .art-body").first).to_have_text("Guten Tag Citizen 1, morgen.")
    assert accessibility_faults(anna) == []
    anna.get_by_role("button", name="3 Antworten senden").click()

    expect(anna.locator(".toast")).to_contain_text("3 Antworten gesendet.")
    assert Article.objects.filter(kind=ArticleKind.ANSWER).count() == 3


def test_without_scripts_a_list_is_narrowed_and_worked_off_by_forms(
    new_page: NewPage, house: House, live_server: LiveServer
) -> None:
    first, _second = make_tickets(house, 2)
    page = new_page(java_script_enabled=False)
    sign_in(page, house.anna, live_server.url)
    page.goto(f"{live_server.url}/a/v/all/")

    page.locator(".chip-field").first.click()
    page.get_by_role("checkbox", name="Neu", exact=True).check()
    page.get_by_role("button", name="Liste anzeigen").click()
    expect(page.locator(".chip-on")).to_contain_text("Status: Neu")
    page.locator(f"#t-{first.pk} [data-select]").check()
    page.get_by_role("button", name="Zuweisen", exact=True).click()
    page.get_by_role("button", name="Mir").click()

    expect(page.locator(".toast")).to_contain_text("1 Anliegen geändert.")
    assert Ticket.objects.get(pk=first.pk).owner == house.anna


def test_the_phone_has_cards_filters_and_everything_one_can_do_with_many(
    new_page: NewPage, house: House, live_server: LiveServer
) -> None:
    make_tickets(house, 3)
    page = new_page(viewport=PHONE, has_touch=True)
    sign_in(page, house.anna, live_server.url)
    page.goto(f"{live_server.url}/a/v/all/?status=new&due=none&owner=none")
    assert not overflows(page)

    page.locator("[data-select]").first.check()
    page.get_by_role("button", name="Zuweisen", exact=True).tap()
    expect(page.locator("[data-choose-q]")).to_be_focused()
    assert not overflows(page)
    assert accessibility_faults(page) == []
    page.locator("dialog").get_by_role("button", name="Mir").tap()

    expect(page.locator(".toast")).to_contain_text("1 Anliegen geändert.")
