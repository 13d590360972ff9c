"""The frame for the town's own website: who may show it, and that it can do nothing but lead."""

import re

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from helpdesk.pages.domain.embedding import MOST, allow_embedding
from helpdesk.pages.queries import embedding_origins
from tests.factories.house import House, make_administrator, make_house
from tests.helpdesk.desk.pages import signed_in, without_second_factor
from tests.helpdesk.portal.report.walking import make_topic

pytestmark = pytest.mark.django_db
TOWN = "https://www.musterstadt.de"


@pytest.fixture
def house() -> House:
    return without_second_factor(make_house())


def allow(house: House, *origins: str) -> None:
    allow_embedding(authority_id=house.authority.pk, origins=origins, user=None)


def ancestors(path: str = "/einbetten/") -> str:
    policy = Client().get(path).headers["Content-Security-Policy"]
    found = re.search(r"frame-ancestors ([^;]*)", policy)
    assert found is not None
    return found.group(1)


def test_no_cache_hands_one_reader_the_language_that_another_chose(house: House) -> None:
    del house

    page = Client().get("/einbetten/")

    assert "public" in page.headers["Cache-Control"]
    assert {"Cookie", "Accept-Language"} <= set(page.headers["Vary"].split(", "))


def test_only_named_sites_may_show_the_frame_and_only_that_page(house: House) -> None:
    before = Client().get("/einbetten/")

    allow(house, TOWN, "https://rathaus.example:8443")

    after = Client().get("/einbetten/")
    assert before.headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in before.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in after.headers
    assert ancestors() == f"{TOWN} https://rathaus.example:8443"
    assert ancestors("/melden/") == "'none'"
    assert Client().get("/melden/").headers["X-Frame-Options"] == "DENY"


def test_the_frame_has_no_script_no_form_no_cookie_and_links_for_the_whole_window(
    house: House,
) -> None:
    topic = make_topic(house, "Schlagloch")

    answer = Client().get("/einbetten/")

    html = answer.content.decode()
    links = re.findall(r"<a\s[^>]*>", html)
    assert not answer.cookies
    assert "<script" not in html
    assert "<form" not in html
    assert f"/melden/thema/{topic.pk}/" in html
    assert links
    assert all('target="_top"' in link for link in links)


@pytest.mark.usefixtures("house")
def test_the_frame_speaks_the_language_that_its_site_asks_for() -> None:
    english = Client().get("/einbetten/?sprache=en", headers={"Accept-Language": "de"})
    unknown = Client().get("/einbetten/?sprache=xx", headers={"Accept-Language": "de"})

    assert "Report now" in english.content.decode()
    assert 'lang="en"' in english.content.decode()
    assert "Jetzt melden" in unknown.content.decode()


@pytest.mark.parametrize(
    "wrong",
    [
        "http://www.musterstadt.de",
        "https://www.musterstadt.de/rathaus",
        "https://*",
        "https://a.de; script-src *",
        "https://a.de 'unsafe-inline'",
        "musterstadt.de",
        "https://localhost",
        "https://a.de\r\nX: y",
    ],
)
def test_what_is_no_site_gets_into_no_policy(house: House, wrong: str) -> None:
    allow(house, TOWN)

    with pytest.raises(ValidationError) as refused:
        allow(house, wrong)

    assert list(refused.value.message_dict) == ["origins"]
    assert ancestors() == TOWN


def test_more_sites_than_a_header_should_hold_are_refused(house: House) -> None:
    with pytest.raises(ValidationError):
        allow(house, *(f"https://s{number}.example.org" for number in range(MOST + 1)))


def test_an_administrator_sees_what_to_copy_and_names_the_sites(house: House) -> None:
    client = signed_in(make_administrator(house.authority))
    address = reverse("desk:settings_embedding")

    saved = client.post(address, {"origins": f"{TOWN}/\n\nhttps://RATHAUS.example"})
    wrong = client.post(address, {"origins": "rathaus"})

    assert saved.status_code == 302
    assert embedding_origins(house.authority.pk) == [TOWN, "https://rathaus.example"]
    assert wrong.status_code == 422
    assert (
        "/einbetten/&quot; title=&quot;Anliegen melden&quot;"
        in client.get(address).content.decode()
    )
