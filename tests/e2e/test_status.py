"""A citizen follows a request to its end and back, with and without scripts."""

import pytest
from django.core.cache import cache
from playwright.sync_api import FilePayload, Page, expect
from pytest_django.live_server_helper import LiveServer

from helpdesk.tickets.domain.articles import Answer, write_answer
from helpdesk.tickets.enums import Status
from helpdesk.tickets.links import access_code, status_token
from helpdesk.tickets.models import Article, Rating, Ticket
from tests.e2e.conftest import NewPage
from tests.e2e.desk_data import WITHOUT_SOCKET, sign_in
from tests.e2e.support import PHONE, Watch
from tests.factories.house import House, make_house, make_ticket
from tests.helpdesk.desk.pages import page_of, without_second_factor
from tests.helpdesk.portal.report.walking import photo

pytestmark = pytest.mark.django_db(transaction=True)
PHOTO: FilePayload = {
    "name": "laterne.jpg",
    "mimeType": "image/jpeg",
    "buffer": photo().read(),
}
TOO_LARGE: FilePayload = {
    "name": "film.mov",
    "mimeType": "video/quicktime",
    "buffer": b"0" * 10_485_761,
}


@pytest.fixture
def house(transactional_db: None, watch: Watch) -> House:
    del transactional_db
    cache.clear()
    # A refusal is an answer like any other; browsers write it into their console.
    watch.expected.append("422 (Unprocessable")
    watch.expected.extend(WITHOUT_SOCKET)
    return without_second_factor(make_house())


def answer(house: House, ticket: Ticket, text: str, then: Status) -> None:
    ticket.refresh_from_db()
    write_answer(
        answer=Answer(
            ticket.pk,
            text,
            f"key-{ticket.version}",
            ticket.last_article_id,
            then=then,
            outcome="fixed" if then == Status.RESOLVED else "",
            undo_seconds=0,
        ),
        user=house.anna,
    )


def reply(page: Page, text: str, *files: FilePayload) -> None:
    page.get_by_label("Ihre Nachricht").fill(text)
    page.locator("input[type=file]").set_input_files(list(files))
    page.get_by_role("button", name="Nachricht senden").click()


@pytest.mark.parametrize("scripts", [False, True], ids=["without scripts", "with scripts"])
def test_a_request_is_followed_to_its_end_and_opened_again(
    new_page: NewPage, house: House, live_server: LiveServer, *, scripts: bool
) -> None:
    ticket = make_ticket(house)
    answer(house, ticket, "Welche Laterne genau?", Status.WAITING_CITIZEN)
    page = new_page(viewport=PHONE, java_script_enabled=scripts)

    page.goto(f"{live_server.url}/s/{status_token(ticket)}/")
    expect(page.locator("body")).not_to_contain_text("Welche Laterne genau?")
    page.get_by_role("button", name="Öffnen und antworten").click()
    expect(page.locator(".question")).to_contain_text("Welche Laterne genau?")
    reply(page, "Die vor Nummer 14.", PHOTO, TOO_LARGE)
    expect(page.locator(".error-summary")).to_contain_text("„film.mov“ ist zu groß.")
    expect(page.get_by_label("Ihre Nachricht")).to_have_value("Die vor Nummer 14.")
    expect(page.locator(".files")).to_contain_text("laterne.jpg")
    page.get_by_role("button", name="Nachricht senden").click()
    expect(page.locator(".notice-ok")).to_contain_text("Ihre Nachricht ist angekommen.")
    expect(page.locator(".state")).to_have_text("In Bearbeitung")
    expect(page.get_by_role("link", name="laterne.jpg")).to_be_visible()

    answer(house, ticket, "Sie leuchtet wieder.", Status.RESOLVED)
    page.reload()
    page.get_by_label("Nein").check()
    page.get_by_role("button", name="Antwort senden").click()
    page.get_by_label("Was ist noch offen?").fill("Sie flackert.")
    page.get_by_role("button", name="Wieder öffnen").click()
    expect(page.locator(".notice-ok")).to_contain_text("Ihr Anliegen ist wieder geöffnet.")
    page.get_by_role("link", name="Anliegen zurückziehen").click()
    page.get_by_role("button", name="Anliegen zurückziehen").click()
    expect(page.locator(".state")).to_have_text("Zurückgezogen")

    ticket.refresh_from_db()
    assert (ticket.status, ticket.outcome, ticket.reopened) == ("resolved", "withdrawn", 1)
    assert Rating.objects.get().solved == "no"
    assert Article.objects.filter(attachments__name="laterne.jpg").count() == 1


def test_the_desk_shows_what_the_citizen_did(
    new_page: NewPage, house: House, live_server: LiveServer
) -> None:
    ticket = make_ticket(house)
    answer(house, ticket, "Erledigt.", Status.RESOLVED)
    citizen, agent = new_page(java_script_enabled=False), new_page()
    citizen.goto(f"{live_server.url}/s/{status_token(ticket)}/")
    citizen.get_by_role("button", name="Anliegen öffnen").click()
    citizen.get_by_label("Teilweise").check()
    citizen.get_by_role("button", name="Antwort senden").click()
    citizen.get_by_label("4", exact=True).check()
    citizen.get_by_label("Was sollten wir wissen?").fill("Nur eine Seite geräumt.")
    citizen.get_by_role("button", name="Antwort senden").click()

    sign_in(agent, house.anna, live_server.url)
    agent.goto(f"{live_server.url}{page_of(ticket)}")

    expect(agent.locator("#panel")).to_contain_text("Nur eine Seite geräumt.")
    expect(agent.locator("#thread")).to_contain_text("bewertet – gelöst: Teilweise")
    citizen.get_by_role("link", name="Wieder öffnen").click()
    citizen.get_by_label("Was ist noch offen?").fill("Die andere Seite.")
    citizen.get_by_role("button", name="Wieder öffnen").click()
    agent.reload()
    expect(agent.locator("#thread")).to_contain_text("wieder geöffnet")
    expect(agent.locator("#thread")).to_contain_text("Die andere Seite.")


def test_reference_and_code_open_it_and_closing_shuts_it_on_this_device(
    new_page: NewPage, house: House, live_server: LiveServer
) -> None:
    ticket = make_ticket(house)
    page = new_page(java_script_enabled=False)

    page.goto(f"{live_server.url}/status/")
    page.get_by_role("link", name="Anliegen mit dem Zugangscode öffnen").click()
    page.get_by_label("Ihre Nummer").fill(ticket.reference.lower())
    page.get_by_label("Zugangscode").fill(access_code(ticket).replace("-", " ").lower())
    page.get_by_role("button", name="Anliegen öffnen").click()
    expect(page.locator(".message")).to_contain_text("Vor Nummer 14")
    page.get_by_role("button", name="Auf diesem Gerät schließen").click()
    expect(page.get_by_text("ist auf diesem Gerät geschlossen")).to_be_visible()
    expect(page.locator(".message")).to_have_count(0)
    page.wait_for_load_state()
    page.go_back()
    expect(page.locator(".message")).to_have_count(0)


def test_opening_one_request_opens_no_other_in_the_same_browser(
    new_page: NewPage, house: House, live_server: LiveServer
) -> None:
    first, second = make_ticket(house), make_ticket(house, message_id="<2@x>")
    page = new_page(java_script_enabled=False)

    page.goto(f"{live_server.url}/s/{status_token(first)}/")
    page.get_by_role("button", name="Anliegen öffnen").click()
    expect(page.locator(".message")).to_have_count(1)
    page.goto(f"{live_server.url}/s/{status_token(second)}/")

    expect(page.locator(".message")).to_have_count(0)
