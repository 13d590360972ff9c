"""Three citizens reach their goal: with a screen reader, without scripts, for an answer alone.

Each walk counts what it costs (screens.md, 6.3): pages that are opened, and what is pressed or
filled in. The first one sees nothing: it reads what the browser tells assistive technology, and has
keys alone.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from helpdesk.outbox.models import OutgoingMessage
from helpdesk.portal.report import guard
from helpdesk.tickets.links import status_token
from helpdesk.tickets.models import Article, PlaceNeed, Ticket
from knowledgebase.models import AnswerFeedback
from tests.e2e.conftest import NewPage
from tests.e2e.support import PHONE, Watch
from tests.factories.house import House, make_house
from tests.factories.knowledge import PASSPORT, make_answer, make_section
from tests.helpdesk.portal.report.walking import make_topic, photo
from tests.helpdesk.search.making import begin_anew, index_everything

pytestmark = pytest.mark.django_db(transaction=True)
MOST_TABS = 60
# What the focus says to assistive technology, and what a page announces by itself.
STOP = re.compile(r"- (?P<role>[a-z]+)(?: \"(?P<name>(?:[^\"\\]|\\.)*)\")?")


@pytest.fixture
def house(transactional_db: None, watch: Watch, monkeypatch: pytest.MonkeyPatch) -> House:
    del transactional_db
    watch.expected.append("422 (Unprocessable")
    # A browser that is driven is as quick as a program.
    monkeypatch.setattr(guard, "SHORTEST_SECONDS", -1)
    return make_house()


@dataclass
class Costs:
    """What a walk has cost so far."""

    page: Page
    pages: list[str] = field(default_factory=list)
    acts: int = 0

    def arrive(self, heading: str) -> None:
        """Wait for a page by its only heading of the first level."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text(re.compile(heading))
        self.pages.append(heading)

    def press(self, name: str, *, exact: bool = True) -> None:
        """Press the button or link of this name in the page's main part."""
        main = self.page.locator("main")
        found = main.get_by_role("button", name=name, exact=exact)
        found.or_(main.get_by_role("link", name=name, exact=exact)).first.click()
        self.acts += 1

    def fill(self, name: str, words: str) -> None:
        """Fill in the field of this name."""
        self.page.get_by_label(name).first.fill(words)
        self.acts += 1

    def choose(self, name: str) -> None:
        """Tick the choice of this name."""
        self.page.get_by_label(name, exact=True).check()
        self.acts += 1


@dataclass
class Listener:
    """Somebody who hears a page and has its keys."""

    page: Page

    def heard(self) -> str:
        """Return role and name of what has the focus."""
        if self.page.evaluate(
            "!document.activeElement || document.activeElement === document.body"
        ):
            return "nothing"
        told = self.page.locator(":focus").first.aria_snapshot()
        found = STOP.match(told)
        return f"{found['role']} {found['name'] or ''}".strip() if found else told

    def go_to(self, wanted: str) -> None:
        """Press Tab until that is heard."""
        passed = []
        for _ in range(MOST_TABS):
            self.page.keyboard.press("Tab")
            passed.append(self.heard())
            if passed[-1] == wanted:
                return
        pytest.fail(f"never heard “{wanted}”, but: {passed}")

    def press(self, wanted: str) -> None:
        """Go to something and press Enter on it."""
        self.go_to(wanted)
        self.page.keyboard.press("Enter")

    def arrive(self, heading: str, title: str) -> None:
        """Hear a new page: its title first, and the heading, on which the focus is."""
        expect(self.page).to_have_title(re.compile(f"^{title}"))
        expect(self.page.locator("h1")).to_have_count(1)
        expect(self.page.locator(":focus")).to_have_text(re.compile(heading))


def test_somebody_who_sees_nothing_reports_a_lamp_by_what_is_heard_and_by_keys(
    new_page: NewPage, house: House, live_server: LiveServer
) -> None:
    make_topic(house, "Laternen", keywords="Laterne dunkel", place=PlaceNeed.REQUIRED)
    make_answer(make_section(house.authority))
    index_everything()
    page = new_page()
    citizen = Listener(page)
    page.goto(f"{live_server.url}/")
    citizen.go_to("link Zum Inhalt springen")
    citizen.press("link Jetzt melden")

    is_told_what_is_missing_and_what_may_help(citizen)
    answers_by_keys(citizen)
    citizen.press("button Anliegen senden")

    citizen.arrive("Ihr Anliegen ist angekommen", "Ihr Anliegen ist angekommen")
    ticket = Ticket.objects.get()
    expect(page.locator("main")).to_contain_text(ticket.reference)
    citizen.press("link Vorgang öffnen")
    expect(page).to_have_url(re.compile("/s/"))
    expect(page.locator("main")).to_contain_text(ticket.reference)
    begin_anew()


def is_told_what_is_missing_and_what_may_help(citizen: Listener) -> None:
    """Send nothing, hear what is wrong and get there by its link; hear offers while typing."""
    page = citizen.page
    expect(page).to_have_title(re.compile("^Worum geht es"))
    citizen.press("button Weiter")
    expect(page).to_have_title(re.compile("^Fehler: Worum geht es"))
    expect(page.get_by_role("alert")).to_contain_text("Bitte prüfen Sie Ihre Angaben")
    expect(page.locator(".error-summary")).to_be_focused()
    citizen.press("link Beschreiben Sie Ihr Anliegen in ein paar Worten")
    expect(page.get_by_role("textbox", name="Worum geht es?")).to_be_focused()
    assert citizen.heard() == "textbox Worum geht es?"
    page.keyboard.type("Die Laterne ist dunkel, mein Reisepass lag darunter.")
    # What may help is said without taking the focus away.
    expect(page.get_by_role("status").filter(has_text=PASSPORT.title)).to_be_visible()
    assert citizen.heard() == "textbox Worum geht es?"
    citizen.press("button Weiter")


def answers_by_keys(citizen: Listener) -> None:
    """Go from the topic to the check."""
    page = citizen.page
    citizen.arrive("Passt dieses Thema?", "Passt dieses Thema?")
    citizen.go_to("radio Laternen")
    page.keyboard.press("Space")
    citizen.press("button Weiter")
    expect(page).to_have_title(re.compile("^Wo ist es"))
    citizen.go_to("combobox Wo ist es?")
    page.keyboard.type("Lindenstraße 12")
    citizen.press("button Weiter")
    citizen.arrive("Haben Sie Fotos?", "Haben Sie Fotos?")
    citizen.press("button Weiter ohne Datei")
    citizen.arrive("Wie erreichen wir Sie?", "Wie erreichen wir Sie?")
    citizen.go_to("radio Per E-Mail")
    page.keyboard.press("Space")
    citizen.go_to("textbox E-Mail-Adresse")
    page.keyboard.type("aylin@example.org")
    citizen.press("button Weiter")
    citizen.arrive("Prüfen und senden", "Prüfen und senden")


def test_a_slow_phone_without_scripts_reports_with_place_and_photo_looks_it_up_and_replies(
    new_page: NewPage, house: House, live_server: LiveServer, tmp_path: Path
) -> None:
    make_topic(house, "Laternen", keywords="Laterne dunkel", place=PlaceNeed.REQUIRED)
    picture = tmp_path / "laterne.jpg"
    picture.write_bytes(photo().read())
    page = new_page(viewport=PHONE, java_script_enabled=False)
    page.goto(f"{live_server.url}/")
    walk = report_a_lamp(page, picture)

    ticket = Ticket.objects.get()
    assert len(walk.pages) <= 7
    assert ticket.articles.get().attachments.count() == 1
    look_up_and_reply(page, live_server.url, ticket)
    del house


def report_a_lamp(page: Page, picture: Path) -> Costs:
    """Go through the form with a place and a photo."""
    walk = Costs(page)
    walk.press("Jetzt melden")
    walk.arrive("Worum geht es?")
    walk.fill("Worum geht es?", "Die Laterne ist dunkel.")
    walk.press("Weiter")
    walk.arrive("Passt dieses Thema?")
    walk.choose("Laternen")
    walk.press("Weiter")
    walk.arrive("Wo ist es?")
    walk.fill("Wo ist es?", "Lindenstraße 12")
    walk.press("Weiter")
    walk.arrive("Haben Sie Fotos?")
    page.get_by_label("Fotos hinzufügen").set_input_files(picture)
    page.locator("main .btn-primary").click()
    walk.arrive("Wie erreichen wir Sie?")
    walk.choose("Per E-Mail")
    walk.fill("E-Mail-Adresse", "aylin@example.org")
    walk.press("Weiter")
    walk.arrive("Prüfen und senden")
    expect(page.locator(".summary img")).to_have_count(1)
    walk.press("Anliegen senden")
    walk.arrive("Ihr Anliegen ist angekommen")
    return walk


def look_up_and_reply(page: Page, url: str, ticket: Ticket) -> None:
    """Have the link sent again and answer a question, each within three acts on its page."""
    OutgoingMessage.objects.all().delete()
    page.goto(f"{url}/status/")
    asked = Costs(page)
    asked.fill("Ihre Nummer", ticket.reference)
    asked.fill("E-Mail-Adresse", "aylin@example.org")
    asked.press("Link anfordern")
    asked.arrive("Sehen Sie in Ihr Postfach")
    page.goto(f"{url}/s/{status_token(ticket)}/")
    replied = Costs(page)
    replied.press("Anliegen öffnen")
    replied.fill("Ihre Nachricht", "Sie flackert auch.")
    replied.press("Nachricht senden")
    expect(page.locator(".notice-ok")).to_contain_text("Ihre Nachricht ist angekommen.")

    assert (asked.acts, replied.acts) == (3, 3)
    assert Article.objects.filter(text__contains="Sie flackert auch.").exists()


def test_somebody_who_only_wants_an_answer_has_it_and_asks_what_it_does_not_say(
    new_page: NewPage, house: House, live_server: LiveServer
) -> None:
    topic = make_topic(house, "Ausweise", place=PlaceNeed.NONE, asks_photos=False)
    answer = make_answer(make_section(house.authority), category_id=topic.pk)
    index_everything()
    page = new_page(viewport=PHONE, java_script_enabled=False)
    walk = Costs(page)
    page.goto(f"{live_server.url}/")
    walk.fill("Wonach suchen Sie?", "reisepas")
    page.get_by_role("button", name="Suchen").first.click()
    walk.arrive("Suchen")
    walk.press(PASSPORT.title)
    walk.arrive(PASSPORT.title)
    expect(page.locator("main")).to_contain_text("Ein Foto und den alten Pass.")
    walk.press("Ja", exact=False)
    expect(page.locator("main")).to_contain_text("Danke für Ihre Rückmeldung")
    assert (len(walk.pages), walk.acts) == (2, 3)
    assert AnswerFeedback.objects.get().is_helpful

    page.goto(f"{live_server.url}/w/{answer.pk}")
    asked = ask_in_writing(page)

    assert len(asked.pages) <= 4
    assert asked.acts <= 12
    assert Ticket.objects.get().category == topic
    begin_anew()


def ask_in_writing(page: Page) -> Costs:
    """Write about what an answer leaves open."""
    asked = Costs(page)
    asked.press("Anliegen zu diesem Thema schreiben")
    asked.arrive("Worum geht es?")
    asked.fill("Worum geht es?", "Gilt das auch für Kinder?")
    asked.press("Weiter")
    asked.arrive("Wie erreichen wir Sie?")
    asked.choose("Per E-Mail")
    asked.fill("E-Mail-Adresse", "aylin@example.org")
    asked.press("Weiter")
    asked.arrive("Prüfen und senden")
    asked.press("Anliegen senden")
    asked.arrive("Ihr Anliegen ist angekommen")
    return asked
