"""Choosing related answers in a browser: by keys alone, and without scripts."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from knowledgebase.domain.write import TextDraft
from knowledgebase.models import Answer
from tests.e2e.desk_data import WITHOUT_SOCKET, make_desk, sign_in
from tests.e2e.support import Watch, accessibility_faults, overflows
from tests.factories.knowledge import make_answer, make_draft, make_editor, make_section
from tests.helpdesk.search.making import begin_anew, index_everything

pytestmark = pytest.mark.django_db(transaction=True)
FIELD = "#id_details_related_0"
OFFERS = "[data-related] [role=option]"
CHOSEN = "[data-related-chosen] > li"


@pytest.fixture
def answer(transactional_db: None, watch: Watch) -> Iterator[Answer]:
    del transactional_db
    watch.expected.extend(WITHOUT_SOCKET)
    desk = make_desk()
    make_editor(desk.house.authority, desk.house.anna)
    section = make_section(desk.house.authority)
    for title in ("Perso verloren", "Perso verlängern"):
        make_answer(section, TextDraft(title, "Kurz erklärt.", "<p>So geht es.</p>"))
    made = make_draft(section, owner_id=desk.house.anna.pk)
    index_everything()
    yield made
    begin_anew()


def opened(page: Page, answer: Answer, url: str) -> Page:
    """Show the editor to the one who is responsible."""
    assert answer.owner is not None
    sign_in(page, answer.owner, url)
    page.goto(f"{url}/a/wissen/{answer.pk}/schreiben/")
    return page


def titles(answer: Answer) -> list[str]:
    rows = Answer.related.through.objects.filter(from_answer=answer).order_by("pk")
    return [row.to_answer.texts.get(version=None).title for row in rows]


def picked(page: Page, words: str, at: int) -> str:
    """Type words, go down to a suggestion by keys and take it; return its title."""
    offers = page.locator(OFFERS)
    # At once: of letters that come slowly each brings a list of its own, with nothing chosen.
    page.keyboard.insert_text(words)
    expect(offers.first).to_be_visible()
    for _ in range(at):
        page.keyboard.press("ArrowDown")
    taken = offers.nth(at)
    expect(page.locator(FIELD)).to_have_attribute(
        "aria-activedescendant", str(taken.get_attribute("id"))
    )
    title = taken.inner_text().removesuffix(" (Ausweise)")
    page.keyboard.press("Enter")
    expect(page.locator(FIELD)).to_have_value("")
    return title


def saved(page: Page) -> None:
    page.get_by_role("button", name="Angaben speichern").press("Enter")
    expect(page.locator(".toast")).to_contain_text("Gespeichert")


def test_related_answers_are_chosen_in_an_order_by_keys_alone(
    page: Page, answer: Answer, live_server: LiveServer
) -> None:
    opened(page, answer, live_server.url)
    page.locator(FIELD).focus()

    chosen = [picked(page, "perso", 1), picked(page, "perso", 0)]
    expect(page.locator(CHOSEN)).to_have_count(2)
    assert accessibility_faults(page) == []
    saved(page)

    assert set(chosen) == {"Perso verloren", "Perso verlängern"}
    assert titles(answer) == chosen


def test_a_button_takes_an_answer_out_and_the_focus_stays_in_the_list(
    page: Page, answer: Answer, live_server: LiveServer
) -> None:
    others = Answer.objects.exclude(pk=answer.pk).order_by("pk")
    answer.related.set(others)
    opened(page, answer, live_server.url)

    page.locator(CHOSEN).first.get_by_role("button").press("Enter")
    expect(page.locator(CHOSEN)).to_have_count(1)
    expect(page.locator(CHOSEN).get_by_role("button")).to_be_focused()
    saved(page)

    assert len(titles(answer)) == 1


def test_the_field_is_a_combobox_that_escape_closes(
    page: Page, answer: Answer, live_server: LiveServer
) -> None:
    opened(page, answer, live_server.url)
    field, offers = page.locator(FIELD), page.locator(OFFERS)
    expect(field).to_have_attribute("role", "combobox")
    field.press_sequentially("perso")
    expect(offers).to_have_count(2)
    expect(offers.first).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-expanded", "true")
    assert accessibility_faults(page) == []

    page.keyboard.press("Escape")

    expect(offers.first).to_be_hidden()
    expect(field).to_have_attribute("aria-expanded", "false")
    expect(field).to_have_value("perso")


def test_what_was_written_in_the_text_is_saved_while_an_answer_is_picked(
    page: Page, answer: Answer, live_server: LiveServer
) -> None:
    opened(page, answer, live_server.url)
    page.fill("#id_summary_de", "Geschrieben")
    page.locator(FIELD).press_sequentially("verloren")
    expect(page.locator(OFFERS)).to_have_count(1)
    page.keyboard.press("Enter")

    expect(page.locator("[data-saved-state]")).to_contain_text("Entwurf gespeichert")
    expect(page.locator(CHOSEN)).to_contain_text("Perso verloren")
    assert answer.texts.get(version=None).summary == "Geschrieben"


def test_without_scripts_boxes_are_ticked(
    browser: Browser, answer: Answer, live_server: LiveServer
) -> None:
    context = browser.new_context(java_script_enabled=False, locale="de-DE")
    page = opened(context.new_page(), answer, live_server.url)
    page.fill(FIELD, "verloren")
    page.locator("[data-related]").get_by_role("button", name="Suchen").click()
    page.get_by_label("Perso verloren").check()
    page.get_by_role("button", name="Angaben speichern").click()

    expect(page.locator(CHOSEN)).to_contain_text("Perso verloren")
    assert titles(answer) == ["Perso verloren"]
    context.close()


def test_the_list_fits_on_a_phone(page: Page, answer: Answer, live_server: LiveServer) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    opened(page, answer, live_server.url)
    page.locator(FIELD).press_sequentially("perso")

    expect(page.locator(OFFERS)).to_have_count(2)
    assert not overflows(page)
