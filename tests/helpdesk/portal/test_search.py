"""The search of the portal: the page, the list while one types, offers beside the report form."""

from collections.abc import Iterator

import pytest
from django.test import Client

from knowledgebase.domain.write import TextDraft
from tests.factories.house import House, make_house
from tests.factories.knowledge import make_answer, make_section
from tests.helpdesk.search.making import begin_anew, index_everything

pytestmark = pytest.mark.django_db

WASTE = TextDraft(
    "Sperrmüll anmelden", "Wir holen Sperrmüll ab.", "<p>Die Abholung kostet 20 Euro.</p>"
)
SECRET = "Kanarienvogel"
HIDDEN = TextDraft(f"{SECRET} Sperrmüll", f"{SECRET} kurz", f"<p>{SECRET} Text</p>")


@pytest.fixture
def house() -> Iterator[House]:
    found = make_house()
    section = make_section(found.authority, "Müll")
    make_answer(section, WASTE, internal=f"<p>{SECRET}</p>")
    make_answer(section, HIDDEN, visibility="staff")
    index_everything()
    yield found
    begin_anew()


def test_the_page_shows_hits_with_marks_and_offers_to_write(house: House) -> None:
    del house
    html = Client().get("/suche", {"q": "sperrmuell"}).content.decode()

    assert "<mark>Sperrmüll</mark> anmelden" in html
    assert "1 Antwort" in html
    assert "geprüft am" in html
    assert "/melden/?text=sperrmuell" in html
    assert SECRET not in html


def test_the_page_without_hits_leads_to_topics_and_to_the_form(house: House) -> None:
    del house
    html = Client().get("/suche", {"q": f"{SECRET} <script>"}).content.decode()

    assert "Nichts gefunden" in html
    assert 'href="/wissen/muell/"' in html
    assert f"/melden/?text={SECRET}%20%3Cscript%3E" in html
    assert f"{SECRET} <script>" not in html
    assert f"{SECRET} &lt;script&gt;" in html


def test_the_page_without_hits_asks_whether_a_word_of_an_answer_was_meant(house: House) -> None:
    del house
    client = Client()

    # With three mistakes it is too far for the search itself.
    page = client.get("/suche", {"q": "Spermühls"})
    better = client.get("/suche", {"q": page.context["meant"]})

    assert (page.context["hits"], page.context["meant"]) == ([], "Sperrmüll")
    assert 'href="/suche?q=Sperrm%C3%BCll"' in page.content.decode()
    assert [hit["section"] for hit in better.context["hits"]] == ["Müll"]
    assert client.get("/suche", {"q": "Kanarienfogel"}).context["meant"] == ""


def test_the_words_of_a_search_begin_the_report(house: House) -> None:
    del house
    html = Client().get("/melden/", {"text": "alte Matratze <b>"}).content.decode()

    assert "alte Matratze &lt;b&gt;</textarea>" in html


def test_the_list_while_typing_names_answers_and_addresses(house: House) -> None:
    del house
    client = Client()

    found = client.get("/suche/liste/", {"q": "sper"}).json()["results"]
    short = client.get("/suche/liste/", {"q": "s"}).json()["results"]
    hidden = client.get("/suche/liste/", {"q": SECRET}).json()["results"]

    assert [(one["title"], one["url"].partition("-")[2]) for one in found] == [
        (WASTE.title, "sperrmuell-anmelden/")
    ]
    assert (short, hidden) == ([], [])


def test_the_form_offers_answers_to_what_is_written_and_nothing_hidden(house: House) -> None:
    del house
    client = Client()

    near = client.post("/suche/vorschlaege/", {"text": f"Hier liegt Sperrmüll. {SECRET}"})
    far = client.post("/suche/vorschlaege/", {"text": "Vielen Dank"})

    html = near.content.decode()
    assert WASTE.title in html
    assert (SECRET in html, near["Cache-Control"]) == (False, "no-store")
    assert far.content.decode().strip() == ""


def test_an_answer_read_from_the_form_leads_back_to_it(house: House) -> None:
    del house
    page = Client().get(Client().get("/suche/liste/", {"q": "sperr"}).json()["results"][0]["url"])

    back = Client().get(page.request["PATH_INFO"], {"von": "anliegen"}).content.decode()

    assert "Zurück zu meinem Anliegen" in back
