"""The desk's scripts in a real browser, under the product's content-security policy."""

import json
import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.helpdesk.ui.site import HOST, Site, error_page, wait_for

pytestmark = pytest.mark.e2e

MODULES = json.dumps(
    {"results": [{"title": "Liability", "excerpt": "For damages", "body": "Write to {{office}}."}]}
)
CHANGED_ROW = (
    '<tr class="row" id="t-1" data-row data-version="2"><td class="c-check">'
    '<input type="checkbox" data-select aria-label="Select 1"></td><td class="c-title">'
    '<a class="row-link" href="/ticket">Changed</a></td></tr>'
)
UNDO_TOAST = (
    '<div class="toast" data-toast role="status" data-undo-url="/undo" data-undo-seconds="10" '
    'data-ticket="7"><span>Sent.</span><button type="button" data-undo>Undo</button></div>'
)
ANY = re.compile(".")
ANSWER, NOTE = "#pane-answer textarea", "#pane-note textarea"


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    with browser.new_context(reduced_motion="reduce") as context:
        page = context.new_page()
        yield page
        complaints = [text for text in site.errors if "404" not in text]
    assert complaints == []


def test_j_moves_real_focus_and_x_selects_with_a_count(site: Site, page: Page) -> None:
    site.open(page, "/list")

    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("Shift+J")

    expect(page.locator("#t-2 .row-link")).to_be_focused()
    expect(page.locator("[data-bulk-count]")).to_have_text("2 selected")


def test_a_changed_row_is_replaced_in_place_and_keeps_the_focus(site: Site, page: Page) -> None:
    site.answers["/rows/1"] = (200, CHANGED_ROW)
    site.open(page, "/list")
    page.keyboard.press("j")

    site.tell(type="event", seq=5, ticket=1, version=2, kind="article")

    expect(page.locator("#t-1 .row-link")).to_have_text("Changed")
    expect(page.locator("#t-1 .row-link")).to_be_focused()


def test_a_row_that_no_longer_matches_stays_greyed(site: Site, page: Page) -> None:
    site.answers["/rows/2"] = (204, "")
    site.open(page, "/list")

    site.tell(type="event", seq=5, ticket=2, version=2, kind="status")

    expect(page.locator("#t-2")).to_contain_class("is-gone")


def test_a_new_row_never_pushes_but_waits_behind_a_pill(site: Site, page: Page) -> None:
    site.answers["/rows/9"] = (200, CHANGED_ROW.replace('"1"', '"9"'))
    site.open(page, "/list")

    site.tell(type="event", seq=5, ticket=9, version=1, kind="created")

    expect(page.locator("#pill-new")).to_have_text("Show 1 new request")
    expect(page.locator("[data-row]")).to_have_count(3)


def test_of_what_a_search_finds_only_requests_are_fetched_ahead(site: Site, page: Page) -> None:
    # The second is a citizen or an answer: nobody tells that these have changed.
    status, html = site.answers["/list"]
    site.answers["/list"] = (status, html.replace('id="t-2"', 'id="c-2"'))
    site.open(page, "/list")
    site.tell(type="ready", seq=1)

    page.locator("#t-1 .row-link").focus()

    for marked in ("#t-1", "#t-3"):
        expect(page.locator(f"{marked} .row-link")).to_have_attribute("data-ahead", ANY)
    expect(page.locator("[data-ahead]")).to_have_count(2)


def test_the_navigation_stays_narrow_on_a_device_also_after_signing_out(
    site: Site, page: Page
) -> None:
    site.answers["/a/list"] = site.answers["/list"]
    fold, link = page.locator("[data-nav-fold]"), page.locator(".side a")
    site.open(page, "/a/list")
    page.keyboard.press("Shift+N")
    expect(fold).to_have_attribute("aria-pressed", "true")

    # As Clear-Site-Data does.
    page.evaluate("localStorage.clear()")
    page.reload()

    expect(fold).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".side li")).to_have_attribute("title", "Mine")
    expect(link).to_have_accessible_description("")
    page.keyboard.press("Shift+N")
    expect(fold).to_have_attribute("aria-pressed", "false")
    page.reload()
    expect(fold).to_have_attribute("aria-pressed", "false")


def test_the_socket_comes_back_and_resumes_where_it_was(site: Site, page: Page) -> None:
    site.answers["/rows/2"] = (204, "")
    site.open(page, "/list")
    site.tell(type="event", seq=41, ticket=2, version=2, kind="status")
    expect(page.locator("#t-2")).to_contain_class("is-gone")
    assert site.socket is not None

    site.socket.close()
    wait_for(page, lambda: len(site.frames) == 2)

    assert site.frames == [{"type": "hello", "seq": 0}, {"type": "hello", "seq": 41}]


def test_a_new_article_is_appended_to_the_open_ticket(site: Site, page: Page) -> None:
    site.answers["/articles?after=12&shown=1"] = (
        200,
        '<article class="art" id="a-13" data-article="13">New</article>',
    )
    site.open(page, "/ticket")

    site.tell(type="event", seq=5, ticket=7, version=2, kind="article")

    expect(page.locator("#thread article")).to_have_count(3)


def test_note_mode_turns_the_whole_composer_amber_and_dashed(site: Site, page: Page) -> None:
    site.open(page, "/ticket")

    page.keyboard.press("n")

    composer = page.locator("#composer")
    expect(composer).to_have_css("border-top-style", "dashed")
    expect(composer).to_have_css("background-color", "rgb(255, 231, 182)")
    expect(page.locator(NOTE)).to_be_focused()


def test_switching_tabs_keeps_both_texts_and_keys_are_off_in_fields(site: Site, page: Page) -> None:
    site.open(page, "/ticket")

    page.keyboard.press("r")
    page.keyboard.type("answer n r")
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    page.keyboard.type("note")

    expect(page.locator(ANSWER)).to_have_value("answer n r")
    expect(page.locator(NOTE)).to_have_value("note")


def test_an_internal_note_is_never_quoted_into_an_answer(site: Site, page: Page) -> None:
    site.open(page, "/ticket")

    page.locator("#a-12 .art-body").select_text()
    page.keyboard.press("r")

    expect(page.locator(ANSWER)).to_have_value("")


def test_selected_words_of_the_citizen_are_quoted(site: Site, page: Page) -> None:
    site.open(page, "/ticket")

    page.locator("#a-11 .art-body").select_text()
    page.keyboard.press("r")

    expect(page.locator(ANSWER)).to_have_value("> The hole grows.\n\n")


def test_a_draft_is_saved_on_the_server_and_survives_a_crash(site: Site, page: Page) -> None:
    site.open(page, "/ticket")
    page.keyboard.press("r")
    page.keyboard.type("Half an ans")
    wait_for(page, lambda: any("Half an ans" in body for body in site.posted("/draft")))

    expect(page.locator("#pane-answer [data-draft-state]")).to_contain_text("Draft saved")
    page.keyboard.type("wer")
    page.reload()

    expect(page.locator(ANSWER)).to_have_value("Half an answer")


def test_a_draft_that_the_server_refuses_is_said_to_be_on_the_device(
    site: Site, page: Page
) -> None:
    site.answers["/draft"] = (404, "")
    site.open(page, "/ticket")

    page.keyboard.press("r")
    page.keyboard.type("Text")

    state = page.locator("#pane-answer [data-draft-state]")
    expect(state).to_have_text("Saved on this device only")


def test_a_text_module_is_inserted_and_its_empty_placeholder_blocks_sending(
    site: Site, page: Page
) -> None:
    site.answers["/modules"] = (200, MODULES)
    site.answers["/send"] = (200, '{"url": "/sent"}')
    site.open(page, "/ticket")
    page.keyboard.press("r")
    page.keyboard.type("::lia")
    expect(page.locator("#picker-answer .option")).to_have_count(1)

    page.keyboard.press("Enter")
    page.keyboard.press("Control+Enter")

    expect(page.locator(ANSWER)).to_have_value("Write to {{office}}.")
    expect(page.locator("[data-editor-alert]:visible")).to_have_text(
        "Placeholder {{office}} is empty"
    )
    assert site.posted("/send") == []
    page.keyboard.type("us")  # the placeholder was selected
    page.keyboard.press("Control+Enter")
    wait_for(page, lambda: bool(site.posted("/send")))
    assert 'name="then"\r\n\r\nresolve' in site.posted("/send")[0]


def test_undo_brings_the_sent_text_back(site: Site, page: Page) -> None:
    sent = site.answers["/list"][1].replace('id="toasts">', f'id="toasts">{UNDO_TOAST}')
    site.answers |= {
        "/send": (200, '{"url": "/sent"}'),
        "/sent": (200, sent),
        "/undo": (200, '{"url": "/ticket"}'),
    }
    site.open(page, "/ticket")
    page.keyboard.press("r")
    page.keyboard.type("Too early")
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-undo]")).to_contain_text("Undo (10 s)")

    # The server keeps what comes back, above what was begun since.
    status, shown = site.answers["/ticket"]
    kept = re.sub(r"(<textarea[^>]*>)(</textarea>)", r"\1Too early and more\2", shown, count=1)
    site.answers["/ticket"] = (status, kept)
    page.keyboard.press("z")

    expect(page).to_have_url(f"{HOST}/ticket")
    expect(page.locator(ANSWER)).to_have_value("Too early and more")


def test_the_chosen_theme_stays(site: Site, page: Page) -> None:
    site.open(page, "/list")

    page.locator(".user-menu summary").click()
    page.locator("[data-set-theme=dark]").click()
    page.reload()

    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.locator("body")).to_have_css("color", "rgb(243, 244, 247)")


def test_the_key_help_lists_the_keys_of_the_page(site: Site, page: Page) -> None:
    site.open(page, "/ticket")

    page.keyboard.press("?")

    expect(page.locator("#keys-dialog")).to_contain_text("Note")
    page.keyboard.press("Escape")
    expect(page.locator("#keys-dialog")).to_be_hidden()


@pytest.mark.parametrize("width", [390, 320])
@pytest.mark.parametrize("path", ["/list", "/ticket"])
def test_the_phone_never_scrolls_sideways(site: Site, page: Page, path: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})

    site.open(page, path)

    assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/list", "/ticket", "/error"])
def test_axe_finds_nothing(site: Site, page: Page, path: str, scheme: str) -> None:
    site.answers["/error"] = (200, error_page(404))
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    if path == "/error":
        page.route("**/*", site.answer)
        page.goto(HOST + path)
    else:
        site.open(page, path)

    found = Axe().run(page).response["violations"]

    assert [violation["id"] for violation in found] == []
