"""Noting a call in a browser: by keys alone, in fifteen seconds, and without scripts too."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from helpdesk.tickets.enums import ArticleKind, Outcome, Status
from helpdesk.tickets.models import Article, Ticket
from tests.e2e.conftest import NewPage
from tests.e2e.desk_data import WITHOUT_SOCKET, Desk, make_desk, sign_in
from tests.e2e.support import PHONE, Held, Watch, accessibility_faults, overflows
from tests.helpdesk.desk.calls import DONE, callback, make_citizen, note_call, with_ticket
from tests.helpdesk.desk.pages import page_of

pytestmark = pytest.mark.django_db(transaction=True)
SMALLEST = {"width": 320, "height": 640}
CALLER, NOTE = "#call-caller", "#call-note"
# Sixty characters, as the design counts them.
SIXTY = "Biotonne seit zwei Wochen nicht geleert, Lindenstrasse 14 AB"
COUNT_KEYS = "window.keys = 0; addEventListener('keydown', () => { window.keys += 1; }, true)"

# Before the next frame: until then the closed dialog keeps the focus in its text.
Z_AT_ONCE = """
new MutationObserver((_changes, observer) => {
  if (!document.querySelector("[data-undo][data-key]")) return;
  observer.disconnect();
  const key = new KeyboardEvent("keydown", { key: "z", bubbles: true, cancelable: true });
  document.activeElement.dispatchEvent(key);
}).observe(document.getElementById("toasts"), { childList: true, subtree: true, attributes: true });
"""


@pytest.fixture
def desk(transactional_db: None) -> Desk:
    del transactional_db
    return make_desk()


@pytest.fixture(autouse=True)
def _without_socket(watch: Watch) -> None:
    watch.expected.extend(WITHOUT_SOCKET)


@pytest.fixture
def anna(page: Page, desk: Desk, live_server: LiveServer) -> Page:
    """A browser in which Anna is signed in and looks at the list."""
    sign_in(page, desk.house.anna, live_server.url)
    page.goto(f"{live_server.url}/a/v/unassigned/")
    return page


def newest() -> Article:
    article = Article.objects.select_related("ticket__citizen").order_by("pk").last()
    assert article is not None
    return article


def test_a_known_caller_is_noted_and_done_with_seven_keys_beside_sixty_characters(
    anna: Page, desk: Desk
) -> None:
    citizen = note_call(desk.house, DONE).ticket.citizen
    anna.evaluate(COUNT_KEYS)
    anna.keyboard.press("j")
    row = anna.locator(".row-link:focus")
    opened_from = row.get_attribute("href")
    anna.evaluate("window.keys = 0")

    anna.keyboard.press("t")
    anna.keyboard.type("0132")
    anna.keyboard.press("Enter")
    anna.keyboard.type(SIXTY)
    expect(anna.locator("[data-call-chosen]")).to_contain_text("Petra Lindner")
    pressed_before_saving = anna.evaluate("window.keys")
    anna.keyboard.press("Control+Enter")

    expect(anna.locator(".toast")).to_contain_text("gespeichert.")
    # t, four digits, Enter; the sixty; and one chord, of two events in the browser.
    assert (pressed_before_saving, anna.evaluate("window.keys")) == (66, 68)
    article = newest()
    assert (article.text, article.kind) == (SIXTY, ArticleKind.PHONE_NOTE)
    assert (article.ticket.status, article.ticket.outcome) == (Status.RESOLVED, Outcome.ANSWERED)
    assert article.ticket.citizen == citizen
    expect(anna.locator("#call-dialog")).to_be_hidden()
    assert anna.locator(".row-link:focus").get_attribute("href") == opened_from


def test_who_types_faster_than_the_search_answers_loses_no_letter_and_gets_the_first_hit(
    anna: Page, desk: Desk
) -> None:
    citizen = note_call(desk.house, DONE).ticket.citizen
    asked = Held(anna, "**/telefon/anrufer/")

    anna.keyboard.press("t")
    with anna.expect_request("**/telefon/anrufer/"):
        anna.keyboard.type("Lindner")
        anna.keyboard.press("Enter")
    anna.keyboard.type("Tonne voll")
    expect(anna.locator(NOTE)).to_have_value("Tonne voll")
    asked.let_go()
    expect(anna.locator("[data-call-chosen]")).to_contain_text("Petra Lindner")
    anna.keyboard.press("Control+Enter")
    expect(anna.locator(".toast")).to_be_visible()

    assert newest().ticket.citizen == citizen


def test_an_open_request_is_offered_first_and_joined_without_ending_it(
    anna: Page, desk: Desk
) -> None:
    citizen = make_citizen(desk.house, "Aylin Yıldız", "0171 5550199")
    ticket = with_ticket(desk.house, citizen)

    anna.keyboard.press("t")
    anna.keyboard.type("0199")
    expect(anna.locator(".call-hits [aria-selected=true]")).to_contain_text(
        f"Zu {ticket.number[5:]} hinzufügen"
    )
    anna.keyboard.press("Enter")
    anna.keyboard.type("Fragt, wann jemand kommt")
    anna.keyboard.press("Control+Enter")
    expect(anna.locator(".toast")).to_be_visible()

    ticket.refresh_from_db()
    assert newest().ticket_id == ticket.pk
    assert ticket.status == Status.OPEN


def test_somebody_new_is_taken_in_by_arrow_keys_though_others_are_found(
    anna: Page, desk: Desk
) -> None:
    known = note_call(desk.house, DONE).ticket.citizen

    anna.keyboard.press("t")
    # At once, as it is pasted: of letters each could bring a list of its own.
    expect(anna.locator(CALLER)).to_be_focused()
    anna.keyboard.insert_text("Lindner, 0172 4440000")
    expect(anna.locator(".call-hits [role=option]")).to_have_count(1)
    anna.keyboard.press("ArrowUp")
    anna.keyboard.press("Enter")
    anna.keyboard.type("Ausweis")
    anna.keyboard.press("Control+Enter")
    expect(anna.locator(".toast")).to_be_visible()

    citizen = newest().ticket.citizen
    assert citizen is not None
    assert citizen != known
    assert citizen.name == "Lindner"
    assert [point.normalised for point in citizen.contact_points.all()] == ["+491724440000"]


def test_undo_by_its_key_takes_the_note_back_and_the_words_return(anna: Page) -> None:
    anna.keyboard.press("t")
    anna.keyboard.type("Meyer")
    anna.keyboard.press("Enter")
    anna.keyboard.type("Falsch verstanden")
    anna.evaluate(Z_AT_ONCE)
    with anna.expect_response("**/zurueck/") as taken_back:
        anna.keyboard.press("Control+Enter")

    assert taken_back.value.status == 200
    expect(anna.locator(NOTE)).to_have_value("Falsch verstanden")
    expect(anna.locator(CALLER)).to_have_value("Meyer")
    ticket = newest().ticket
    assert (ticket.status, ticket.outcome) == (Status.CLOSED, Outcome.TAKEN_BACK)


def test_a_save_that_fails_keeps_the_words_and_the_next_try_makes_one_ticket(
    anna: Page, watch: Watch
) -> None:
    watch.expected.append("net::ERR_FAILED")
    before = Ticket.objects.count()
    anna.keyboard.press("t")
    anna.keyboard.type("Meyer")
    anna.keyboard.press("Enter")
    anna.keyboard.type("Wichtig")
    anna.route("**/a/telefon/", lambda route: route.abort())
    anna.keyboard.press("Control+Enter")

    expect(anna.locator("[data-call-errors]")).to_contain_text("Nicht gespeichert")
    expect(anna.locator(NOTE)).to_have_value("Wichtig")
    assert accessibility_faults(anna) == []

    anna.unroute("**/a/telefon/")
    anna.locator(NOTE).focus()
    anna.keyboard.press("Control+Enter")
    expect(anna.locator("[data-undo]")).to_be_visible()
    assert Ticket.objects.count() == before + 1


def test_words_survive_a_crash_of_the_page(anna: Page) -> None:
    anna.keyboard.press("t")
    anna.keyboard.type("Meyer")
    anna.keyboard.press("Enter")
    anna.keyboard.type("Halb geschrieben")
    anna.reload()
    anna.keyboard.press("t")

    expect(anna.locator(NOTE)).to_have_value("Halb geschrieben")
    expect(anna.locator(CALLER)).to_have_value("Meyer")


def test_a_call_back_is_noted_and_stands_in_the_list_with_its_number(
    anna: Page, live_server: LiveServer
) -> None:
    day = (timezone.localdate() + timedelta(days=2)).isoformat()
    anna.keyboard.press("t")
    anna.keyboard.type("Meyer, 0171 5550132")
    anna.keyboard.press("Enter")
    anna.keyboard.type("Bitte zurückrufen")
    anna.get_by_label("Rückruf", exact=True).check()
    expect(anna.locator("[name=callback_phone]")).to_have_value("0171 5550132")
    anna.locator("[name=callback_on]").fill(day)
    anna.keyboard.press("Control+Enter")
    expect(anna.locator("[data-undo]")).to_be_visible()
    anna.goto(f"{live_server.url}/a/v/mine/")

    link = anna.locator("tr .callback")
    expect(link).to_have_attribute("href", "tel:+491715550132")
    expect(link).to_contain_text("0171 5550132")


def test_without_scripts_a_call_is_noted_in_two_steps(
    new_page: NewPage, desk: Desk, live_server: LiveServer
) -> None:
    citizen = note_call(desk.house, DONE).ticket.citizen
    page = new_page(java_script_enabled=False)
    sign_in(page, desk.house.anna, live_server.url)
    page.goto(f"{live_server.url}/a/v/all/")
    page.get_by_role("link", name="Telefonnotiz").click()
    page.locator(CALLER).fill("Lindner")
    page.get_by_role("button", name="Suchen").click()
    page.get_by_role("radio", name="Petra Lindner").check()
    page.locator(NOTE).fill("Ohne Skript")
    page.get_by_role("button", name="Speichern").click()

    expect(page.locator(".toast")).to_contain_text("gespeichert.")
    assert (newest().text, newest().ticket.citizen) == ("Ohne Skript", citizen)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [None, PHONE, SMALLEST], ids=["desktop", "390", "320"])
def test_axe_finds_nothing_in_any_state_and_nothing_scrolls_sideways(
    new_page: NewPage,
    desk: Desk,
    live_server: LiveServer,
    watch: Watch,
    scheme: str,
    size: dict[str, int] | None,
) -> None:
    watch.expected.append("422")
    sized = {"viewport": size} if size else {}
    page = new_page(color_scheme=scheme, reduced_motion="reduce", **sized)
    sign_in(page, desk.house.anna, live_server.url)
    called = note_call(desk.house, callback()).ticket
    found = {}

    def look(state: str) -> None:
        faults = accessibility_faults(page)
        found[state] = [*faults, "sideways"] if overflows(page) else faults

    page.goto(f"{live_server.url}/a/v/all/")
    look("list with a call")
    page.keyboard.press("t")
    look("empty")
    page.keyboard.type("Lindner")
    expect(page.locator(".call-hits [role=option]").first).to_be_visible()
    look("hits")
    page.keyboard.press("Enter")
    look("joins")
    for kind in ("Schalter", "Brief"):
        page.get_by_role("radio", name=kind).check(force=True)
        look(kind)
    page.get_by_label("Rückruf", exact=True).check()
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-call-errors]")).to_be_visible()
    look("errors")
    for state, path in (("ticket", page_of(called)), ("page", "/a/telefon/?from=0171")):
        page.goto(f"{live_server.url}{path}")
        look(state)

    assert {state: faults for state, faults in found.items() if faults} == {}
