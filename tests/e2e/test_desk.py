"""The desk in a browser: the keyboard's way through an answer, and every page as it looks."""

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from helpdesk.tickets.domain.articles import write_note
from helpdesk.tickets.enums import ArticleKind, Priority, Status
from helpdesk.tickets.models import Ticket
from tests.e2e.conftest import NewPage
from tests.e2e.desk_data import WITHOUT_SOCKET, Desk, make_desk, pages_of, sign_in
from tests.e2e.support import DESKTOP, PHONE, Watch, accessibility_faults, overflows
from tests.factories.house import make_agent
from tests.helpdesk.desk.pages import page_of

pytestmark = pytest.mark.django_db(transaction=True)
EDITOR, NOTE = "#pane-answer textarea", "#pane-note textarea"
SMALLEST = {"width": 320, "height": 640}
STALE = "409"


@pytest.fixture
def desk(transactional_db: None) -> Desk:
    del transactional_db
    return make_desk()


@pytest.fixture(autouse=True)
def _without_socket(watch: Watch) -> None:
    watch.expected.extend(WITHOUT_SOCKET)
    watch.expected.append("404 (Not Found)")


@pytest.fixture
def anna(page: Page, desk: Desk, live_server: LiveServer) -> Page:
    """A browser in which Anna is signed in."""
    sign_in(page, desk.house.anna, live_server.url)
    return page


def answers_of(ticket: Ticket) -> list[str]:
    found = ticket.articles.filter(kind=ArticleKind.ANSWER, is_withdrawn=False)
    return list(found.values_list("text", flat=True))


def has_keys(page: Page) -> None:
    """Wait until the scripts of a ticket have started: its words are there before."""
    expect(page.locator("#tab-answer")).to_have_attribute("aria-keyshortcuts", "r")
    expect(page.locator(EDITOR)).to_have_attribute("aria-autocomplete", "list")


def test_an_answer_is_written_sent_taken_back_and_sent_again_by_keys_alone(
    anna: Page, desk: Desk, live_server: LiveServer
) -> None:
    anna.goto(f"{live_server.url}/a/v/unassigned/")
    anna.keyboard.press("j")
    expect(anna.locator(f"#t-{desk.fresh.pk} .row-link")).to_be_focused()
    anna.keyboard.press("Enter")
    expect(anna.locator("h1")).to_have_text(desk.fresh.title)
    has_keys(anna)
    anna.keyboard.press("r")
    anna.keyboard.type("Guten Tag,\n::haft")
    expect(anna.locator(".picker .option")).to_contain_text("Haftung Straße")
    anna.keyboard.press("Enter")
    text = "Guten Tag,\nFür Schadenersatz schreiben Sie bitte ans Rechtsamt."
    expect(anna.locator(EDITOR)).to_have_value(text)
    anna.keyboard.press("Control+Enter")

    expect(anna.locator("[data-undo]")).to_be_visible()
    # To the next request of the list, as the profile says unless it is changed.
    expect(anna.locator("h1")).not_to_have_text(desk.fresh.title)
    assert answers_of(desk.fresh) == [text]

    anna.keyboard.press("z")
    expect(anna.locator(EDITOR)).to_have_value(text)
    assert answers_of(desk.fresh) == []

    has_keys(anna)
    anna.keyboard.press("r")
    anna.keyboard.press("Control+Enter")
    expect(anna.locator("[data-undo]")).to_be_visible()
    desk.fresh.refresh_from_db()
    assert answers_of(desk.fresh) == [text]
    assert desk.fresh.status == Status.RESOLVED


def test_a_note_is_written_by_keys_and_looks_like_nothing_else(
    anna: Page, desk: Desk, live_server: LiveServer
) -> None:
    anna.goto(f"{live_server.url}{page_of(desk.fresh)}")
    anna.keyboard.press("n")
    anna.keyboard.type("Bauhof fragen")
    composer = anna.locator("#composer")
    expect(composer).to_have_css("border-top-style", "dashed")
    anna.keyboard.press("Control+Enter")

    expect(anna.locator(".art-internal .art-body")).to_have_text("Bauhof fragen")
    assert answers_of(desk.fresh) == []


def test_a_stale_answer_is_stopped_and_can_be_sent_all_the_same(
    anna: Page, desk: Desk, live_server: LiveServer, watch: Watch
) -> None:
    watch.expected.append(STALE)
    anna.goto(f"{live_server.url}{page_of(desk.fresh)}")
    anna.locator(EDITOR).fill("Wir kommen morgen.")
    stale_by_a_colleague(desk)
    anna.keyboard.press("Control+Enter")

    conflict = anna.locator(".conflict")
    expect(conflict).to_contain_text("Schon beauftragt.")
    expect(anna.locator(EDITOR)).to_have_value("Wir kommen morgen.")
    assert accessibility_faults(anna) == []

    conflict.get_by_role("button", name="Trotzdem senden").click()
    expect(anna.locator("[data-undo]")).to_be_visible()
    assert answers_of(desk.fresh) == ["Schon beauftragt.", "Wir kommen morgen."]


def stale_by_a_colleague(desk: Desk) -> None:
    colleague = make_agent(desk.house.authority, "Carla Cohn", desk.house.roads)
    note = write_note(ticket_id=desk.fresh.pk, user=colleague, text="Schon beauftragt.")
    # What counts as newer is decided by the door; here only the page matters.
    type(note).objects.filter(pk=note.pk).update(kind=ArticleKind.ANSWER)


def test_a_draft_survives_a_crash_of_the_page(
    anna: Page, desk: Desk, live_server: LiveServer
) -> None:
    anna.goto(f"{live_server.url}{page_of(desk.fresh)}")
    # What comes slowly may be saved by halves before.
    with anna.expect_response(lambda one: "Halb geschrieben" in (one.request.post_data or "")):
        anna.locator(EDITOR).press_sequentially("Halb geschrieben")
    expect(anna.locator("#pane-answer [data-draft-state]")).to_contain_text("Entwurf gespeichert")

    anna.evaluate("localStorage.clear()")
    anna.reload()

    expect(anna.locator(EDITOR)).to_have_value("Halb geschrieben")


def test_a_property_is_saved_when_it_is_chosen(
    anna: Page, desk: Desk, live_server: LiveServer
) -> None:
    anna.goto(f"{live_server.url}{page_of(desk.fresh)}")
    anna.locator(EDITOR).fill("Bleibt stehen")

    anna.locator("#p-priority").select_option("40")

    expect(anna.locator(".toast")).to_contain_text("Priorität geändert.")
    expect(anna.locator(".event").last).to_contain_text("Priorität: dringend")
    expect(anna.locator(EDITOR)).to_have_value("Bleibt stehen")
    desk.fresh.refresh_from_db()
    assert desk.fresh.priority == Priority.URGENT


def test_taking_a_ticket_changes_the_page_in_place(
    anna: Page, desk: Desk, live_server: LiveServer
) -> None:
    anna.goto(f"{live_server.url}{page_of(desk.fresh)}")

    anna.keyboard.press("i")

    expect(anna.locator("#p-owner")).to_have_value(str(desk.house.anna.pk))
    expect(anna.get_by_role("button", name="Mir zuweisen")).to_have_count(0)


def test_without_scripts_a_ticket_is_answered_and_changed(
    new_page: NewPage, desk: Desk, live_server: LiveServer
) -> None:
    page = new_page(java_script_enabled=False)
    sign_in(page, desk.house.anna, live_server.url)
    page.goto(f"{live_server.url}{page_of(desk.fresh)}")

    page.locator("#p-priority").select_option("30")
    page.locator("form:has(#p-priority) button").click()
    page.locator(EDITOR).fill("Ohne Skript")
    page.get_by_role("button", name="Senden und erledigen").click()
    page.locator("[data-undo]").click()

    expect(page.locator(EDITOR)).to_have_value("Ohne Skript")
    desk.fresh.refresh_from_db()
    assert (desk.fresh.priority, answers_of(desk.fresh)) == (Priority.HIGH, [])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page_or_state(
    new_page: NewPage, desk: Desk, live_server: LiveServer, scheme: str
) -> None:
    page = new_page(color_scheme=scheme, reduced_motion="reduce")
    sign_in(page, desk.operator, live_server.url)
    found = {}

    for name, path in pages_of(desk).items():
        page.goto(f"{live_server.url}{path}")
        found[name] = accessibility_faults(page)
    page.goto(f"{live_server.url}{page_of(desk.busy)}")
    for state, key in (("note mode", "n"), ("menu", "e"), ("keys", "?")):
        page.keyboard.press(key)
        found[state] = accessibility_faults(page)
        page.keyboard.press("Escape")

    assert {name: faults for name, faults in found.items() if faults} == {}


@pytest.mark.parametrize("size", [PHONE, SMALLEST], ids=["390", "320"])
def test_no_page_scrolls_sideways_on_a_phone(
    new_page: NewPage, desk: Desk, live_server: LiveServer, size: dict[str, int]
) -> None:
    page = new_page(viewport=size, has_touch=True)
    sign_in(page, desk.operator, live_server.url)
    wide = []

    for name, path in pages_of(desk).items():
        page.goto(f"{live_server.url}{path}")
        if overflows(page):
            wide.append(name)
    page.goto(f"{live_server.url}{page_of(desk.busy)}")
    page.get_by_role("tab").last.click()
    if overflows(page):
        wide.append("composer")
    page.get_by_role("tab").first.click()
    page.locator(".split summary").click()
    if overflows(page):
        wide.append("ways to send")

    assert wide == []


def test_the_phones_bar_assigns_opens_the_menu_and_takes_the_composer_back(
    new_page: NewPage, desk: Desk, live_server: LiveServer
) -> None:
    page = new_page(viewport=PHONE, has_touch=True)
    sign_in(page, desk.house.anna, live_server.url)
    page.goto(f"{live_server.url}{page_of(desk.fresh)}")
    has_keys(page)
    bar, answer = page.locator(".bar-acts"), page.locator("#tab-answer")

    bar.get_by_role("button", name="Zuweisen").click()
    expect(page.locator("dialog.pick")).to_be_visible()
    page.keyboard.press("Escape")
    bar.get_by_role("button", name="Mehr").click()
    expect(page.get_by_role("button", name="Mir zuweisen")).to_be_in_viewport()
    assert accessibility_faults(page) == []
    page.keyboard.press("Escape")
    answer.click()
    expect(page.locator(EDITOR)).to_be_focused()
    page.locator("[data-composer-close]").click()
    expect(answer).to_be_focused()
    page.locator("h1").click()
    expect(page.locator("#p-title")).to_be_focused()


def test_fifteen_rows_of_forty_pixels_fit_a_desktop(
    anna: Page, desk: Desk, live_server: LiveServer
) -> None:
    assert anna.viewport_size == DESKTOP
    anna.goto(f"{live_server.url}/a/v/all/")

    row = anna.locator(f"#t-{desk.fresh.pk}").bounding_box()
    room = anna.evaluate(
        "(() => { const scroll = document.querySelector('.scroll');"
        " return scroll.clientHeight - scroll.querySelector('thead').offsetHeight; })()"
    )

    assert row is not None
    assert row["height"] == 40
    assert room >= 15 * 40
