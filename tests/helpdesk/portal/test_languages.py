"""Citizens are spoken to in the languages that their town offers, staff in those that are whole."""

import re

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils.translation import override

from helpdesk.files.serve import respond_bytes
from helpdesk.tickets.domain.state import change_status
from helpdesk.tickets.enums import Outcome, Status
from helpdesk.tickets.links import status_url
from helpdesk.tickets.models import Ticket
from tests.factories.house import House, make_house, make_ticket
from tests.factories.knowledge import make_answer, make_section
from tests.helpdesk.portal.report.walking import make_topic

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    house = make_house()
    house.authority.further_languages = ["tr", "ar"]
    house.authority.contact_phone = "0123 456-0"
    house.authority.save()
    return house


def reader(accepts: str, **cookies: str) -> Client:
    client = Client(headers={"Accept-Language": accepts})
    client.cookies.load(cookies)
    return client


def html(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def language_of(page: str) -> str:
    """Return language and direction as the page names them."""
    found = re.search(r'<html\s+lang="(\w+)"\s+(?:dir="(\w+)")?', page)
    assert found is not None
    return " ".join(part for part in found.groups() if part)


@pytest.mark.parametrize(
    "accepts,spoken",
    [
        ("tr-TR,tr;q=0.9,de;q=0.5", "tr"),
        ("ar", "ar rtl"),
        ("fr,en;q=0.5", "en"),
        ("fr", "de"),
        ("de;q=0.5,ar;q=0.9", "ar rtl"),
        ("*", "de"),
        ("", "de"),
    ],
)
def test_a_page_speaks_the_first_wanted_language_that_is_offered(
    house: House, accepts: str, spoken: str
) -> None:
    del house

    page = html(reader(accepts), "/")

    assert language_of(page) == spoken


def test_the_choice_by_link_goes_before_the_browser_and_keeps_the_page(house: House) -> None:
    del house
    client = reader("en")

    answer = client.get("/language/ar/", {"next": "/melden/"})

    assert answer.headers["Location"] == "/melden/"
    assert language_of(html(client, "/melden/")) == "ar rtl"


@pytest.mark.parametrize("code", ["fr", "uk", "xx", "de-simple"])
def test_a_language_that_is_not_offered_can_not_be_chosen(house: House, code: str) -> None:
    del house

    answer = Client().get(f"/language/{code}/")

    assert answer.status_code == 404
    assert language_of(html(reader("de", django_language=code), "/")) == "de"


def test_every_page_links_the_languages_in_their_own_words(house: House) -> None:
    del house

    page = html(reader("de"), "/melden/")

    links = re.findall(r'hreflang="(\w+)"[^>]*>([^<]+)<', page)
    assert links == [
        ("de", "Deutsch"),
        ("en", "English"),
        ("tr", "Türkçe"),
        ("ar", "العربية"),
    ]


@pytest.mark.parametrize("address", ["/a/konto/anmelden/", "/a/"])
def test_the_desk_is_spoken_in_whole_languages_only(house: House, address: str) -> None:
    del house

    page = reader("ar,en;q=0.5", django_language="tr").get(address, follow=True)

    assert language_of(page.content.decode()) == "en"


def test_what_the_town_wrote_itself_is_marked_as_german(house: House) -> None:
    make_answer(make_section(house.authority, "Ausweise", name_en="Passports"))
    topic = make_topic(house, "Laterne", name_en="Street lamp")
    client = reader("tr")

    sections, topics = html(client, "/wissen/"), html(client, f"/melden/thema/{topic.pk}/")

    assert re.search(r'lang="de"\s*>Ausweise<', sections)
    assert "yalnızca Almanca" in sections
    assert '<span lang="de">Laterne</span>' in topics


def test_numbers_keep_their_order_from_right_to_left_and_stand_alone_elsewhere(
    house: House,
) -> None:
    del house

    arabic, german = html(reader("ar"), "/status/"), html(reader("de"), "/status/")

    assert '<bdi dir="ltr">0123 456-0</bdi>' in arabic
    assert "<bdi" not in german


def test_a_request_is_shown_in_its_citizens_language_while_none_was_chosen(house: House) -> None:
    ticket = make_ticket(house, language="ar")
    Ticket.objects.filter(pk=ticket.pk).update(language="ar")
    ticket.refresh_from_db()

    unasked = html(reader("de"), status_url(ticket))
    chosen = html(reader("de", django_language="en"), status_url(ticket))

    assert (language_of(unasked), language_of(chosen)) == ("ar rtl", "en")


def test_a_cache_keeps_each_language_apart(house: House) -> None:
    del house

    arabic, turkish = (reader(one).get("/") for one in ("ar", "tr"))

    assert arabic.headers["ETag"] != turkish.headers["ETag"]
    assert {"Accept-Language", "Cookie"} <= {
        name.strip() for name in arabic.headers["Vary"].split(",")
    }


def test_how_it_went_is_asked_in_the_citizens_language_with_all_answers(house: House) -> None:
    ticket = make_ticket(house)
    change_status(ticket_id=ticket.pk, user=house.anna, to=Status.RESOLVED, outcome=Outcome.FIXED)
    client = reader("tr", django_language="tr")
    client.post(f"{status_url(ticket)}oeffnen/")

    page = html(client, status_url(ticket))

    assert re.findall(r'name="solved"\s+value="(\w+)"\s*>\s*<span>(\w+)<', page) == [
        ("yes", "Evet"),
        ("partly", "Kısmen"),
        ("no", "Hayır"),
    ]


def test_a_file_that_is_not_opened_says_so_in_the_citizens_language() -> None:
    with override("tr"):
        refused = respond_bytes(b"MZ", "application/x-msdownload", "gruss.exe")

    assert isinstance(refused, HttpResponse)
    assert refused.content.decode() == "Bu türdeki dosyalar burada açılmaz."
