"""Finding answers in a browser: ``??`` in the composer, and the portal's field as one types."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from helpdesk.tickets.models import Ticket
from knowledgebase.models import Answer, AnswerDay
from tests.e2e.conftest import NewPage
from tests.e2e.desk_data import WITHOUT_SOCKET, Desk, make_desk, sign_in
from tests.e2e.support import PHONE, Watch, accessibility_faults
from tests.factories.knowledge import PASSPORT, PASSPORT_EN, make_answer, make_section
from tests.helpdesk.search.making import begin_anew, index_everything

pytestmark = pytest.mark.django_db(transaction=True)
EDITOR = '[data-pane="answer"] [data-editor]'
OFFERS = '[data-pane="answer"] [data-picker] .option'
FIELD = "form.search input[type=search]"
LIST = "form.search [role=listbox]"


@pytest.fixture
def desk(transactional_db: None, watch: Watch) -> Iterator[Desk]:
    del transactional_db
    watch.expected.extend(WITHOUT_SOCKET)
    made = make_desk()
    section = make_section(made.house.authority)
    make_answer(section, texts={"en": PASSPORT_EN})
    for name in ("Reisepass verlängern", "Reisepass verloren"):
        make_answer(section, type(PASSPORT)(name, "Kurz erklärt.", "<p>So geht es.</p>"))
    index_everything()
    yield made
    begin_anew()


@pytest.fixture
def composer(page: Page, desk: Desk, live_server: LiveServer) -> Page:
    """The composer's answer of a fresh request, the cursor in it, reached by a key."""
    sign_in(page, desk.house.anna, live_server.url)
    page.goto(f"{live_server.url}/a/t/{desk.fresh.number}/")
    page.keyboard.press("r")
    expect(page.locator(EDITOR)).to_be_focused()
    return page


def offered(page: Page, words: str, at: int) -> None:
    """Put in ``??`` and words, go down to an offer by keys, and take it.

    At once: of letters that come slowly each brings a list of its own, and the last to come
    takes the choice back.
    """
    page.keyboard.type("Guten Tag, ")
    page.keyboard.insert_text(f"??{words}")
    expect(page.locator(OFFERS).first).to_have_attribute("aria-selected", "true")
    for _ in range(at):
        page.keyboard.press("ArrowDown")
    expect(page.locator(OFFERS).nth(at)).to_have_attribute("aria-selected", "true")
    active = page.locator(EDITOR).get_attribute("aria-activedescendant")
    assert active == page.locator(OFFERS).nth(at).get_attribute("id")
    page.keyboard.press("Enter")


@pytest.mark.parametrize(
    "at, wanted",
    [
        (0, r"Guten Tag, Reisepass beantragen: http\S+/w/\d+-reisepass-beantragen/"),
        (
            1,
            r"Guten Tag, Den Reisepass beantragen Sie persönlich im Bürgerbüro\.\nhttp\S+/w/\d+-.*",
        ),
        (2, r"Guten Tag, (?s:.*)Was Sie brauchen(?s:.*)Ein Foto und den alten Pass\.(?s:.*)"),
    ],
    ids=["link", "summary", "full text"],
)
def test_an_answer_is_put_into_the_letter_by_keys_alone(
    composer: Page, at: int, wanted: str
) -> None:
    with composer.expect_response(re.compile(r"/wissen/\d+/$")) as counted:
        offered(composer, "beantrag", at)

    assert counted.value.status == 204
    expect(composer.locator(EDITOR)).to_have_value(re.compile(wanted))
    expect(composer.locator("[data-picker]").first).to_be_hidden()
    (counted_in,) = AnswerDay.objects.filter(insertions=1)
    assert counted_in.answer.texts.filter(title=PASSPORT.title).exists()


def test_an_answer_comes_in_the_language_of_the_citizen(composer: Page, desk: Desk) -> None:
    Ticket.objects.filter(pk=desk.fresh.pk).update(language="en")

    offered(composer, "passport", 0)

    expect(composer.locator(EDITOR)).to_have_value(
        re.compile(rf"{PASSPORT_EN.title}: http\S+/w/\d+-apply-for-a-passport/en/")
    )


def test_escape_closes_the_offers_and_leaves_what_was_typed(composer: Page) -> None:
    composer.keyboard.type("Guten Tag, ??reise")
    expect(composer.locator(OFFERS).first).to_be_visible()

    composer.keyboard.press("Escape")

    expect(composer.locator("[data-picker]").first).to_be_hidden()
    expect(composer.locator(EDITOR)).to_have_value("Guten Tag, ??reise")
    expect(composer.locator(EDITOR)).to_be_focused()


def test_the_portals_field_offers_answers_as_one_types_and_follows_the_keys(
    page: Page, desk: Desk, live_server: LiveServer
) -> None:
    del desk
    page.goto(f"{live_server.url}/")
    field, offers = page.locator(FIELD), page.locator(f"{LIST} [role=option]")
    expect(field).to_have_attribute("role", "combobox")
    field.focus()

    page.keyboard.insert_text("reisep")
    expect(offers).to_have_count(3)
    expect(field).to_have_attribute("aria-expanded", "true")
    expect(page.locator("form.search [role=status]")).to_contain_text("3")
    assert accessibility_faults(page) == []
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(offers.nth(1)).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", str(offers.nth(1).get_attribute("id")))
    page.keyboard.press("ArrowUp")
    expect(offers.first).to_have_attribute("aria-selected", "true")
    chosen = offers.first.inner_text()
    page.keyboard.press("Enter")

    expect(page.locator("h1")).to_have_text(chosen)
    assert Answer.objects.filter(texts__title=chosen).exists()


def test_the_portals_field_closes_by_escape_and_searches_by_enter(
    page: Page, desk: Desk, live_server: LiveServer
) -> None:
    del desk
    page.goto(f"{live_server.url}/")
    page.locator(FIELD).focus()
    page.keyboard.type("reisep")
    expect(page.locator(LIST)).to_be_visible()

    page.keyboard.press("Escape")
    expect(page.locator(LIST)).to_be_hidden()
    expect(page.locator(FIELD)).to_have_value("reisep")
    page.keyboard.type("ass verloren")
    page.keyboard.press("Enter")

    expect(page.locator("h1")).to_have_text("Suchen")
    expect(page.locator(".answers > li").first).to_contain_text("Reisepass verloren")
    expect(page.locator(".answers mark").first).to_be_visible()


def test_the_portals_search_is_whole_without_scripts_on_a_phone(
    new_page: NewPage, desk: Desk, live_server: LiveServer
) -> None:
    del desk
    page = new_page(viewport=PHONE, java_script_enabled=False)
    page.goto(f"{live_server.url}/")

    page.get_by_label("Wonach suchen Sie?").fill("reisepass verloren")
    page.get_by_role("button", name="Suchen").first.click()
    page.get_by_role("link", name="Reisepass verloren").first.click()

    expect(page.locator("h1")).to_have_text("Reisepass verloren")
    expect(page.locator("main")).to_contain_text("So geht es.")
