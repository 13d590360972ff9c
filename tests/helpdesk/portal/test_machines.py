"""Feeds, sitemap, linked data and caching: what machines are told of public answers."""

import json
import re
from xml.etree import ElementTree as ET

import pytest
from django.test import Client, override_settings

from helpdesk.portal.views import machines
from knowledgebase.addresses import path_of
from knowledgebase.domain.write import TextDraft
from knowledgebase.models import Answer, AnswerFeedback
from tests.factories.house import House, make_house
from tests.factories.knowledge import PASSPORT, PASSPORT_EN, make_answer, make_section

pytestmark = pytest.mark.django_db

ATOM = "{http://www.w3.org/2005/Atom}"
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
LINK = "{http://www.w3.org/1999/xhtml}link"
HERE = "https://stadt.example"


@pytest.fixture
def house() -> House:
    found = make_house()
    found.authority.base_url = HERE
    found.authority.save()
    return found


def read(path: str) -> ET.Element:
    response = Client().get(path)
    assert response.status_code == 200, path
    assert response["Cache-Control"] == "public, max-age=900"
    return ET.fromstring(response.getvalue())  # noqa: S314 - our own answer


def test_feed_names_the_newest_answers_by_addresses_that_never_change(house: House) -> None:
    section = make_section(house.authority)
    below = make_section(house.authority, "Kinderausweise", parent_id=section.pk)
    old = make_answer(section)
    new = make_answer(below, TextDraft("Neu \x0b<b>", "Kurz & gut", "<p>x</p>"))
    make_answer(make_section(house.authority, "Anderes"), TextDraft("Fern", "Kurz", "<p>x</p>"))

    everything = read("/wissen/neues.atom")
    own = read(f"/wissen/{section.slug}/neues.atom")

    assert [one.findtext(f"{ATOM}id") for one in own.iter(f"{ATOM}entry")] == [
        f"{HERE}/w/{new.pk}",
        f"{HERE}/w/{old.pk}",
    ]
    entry = own.find(f"{ATOM}entry")
    assert entry is not None
    assert (entry.findtext(f"{ATOM}title"), entry.findtext(f"{ATOM}summary")) == (
        "Neu <b>",
        "Kurz & gut",
    )
    assert len(list(everything.iter(f"{ATOM}entry"))) == 3


def test_sitemap_names_each_answer_in_each_language_with_the_others(house: House) -> None:
    answer = make_answer(make_section(house.authority), texts={"en": PASSPORT_EN})
    pages = [
        HERE + path_of(answer.pk, title, language)
        for title, language in ((PASSPORT.title, "de"), (PASSPORT_EN.title, "en"))
    ]

    index = read("/sitemap.xml")
    first = read("/sitemap-1.xml")

    assert [one.text for one in index.iter(f"{MAP}loc")] == [f"{HERE}/sitemap-1.xml"]
    urls = [url for url in first.iter(f"{MAP}url") if url.find(LINK) is not None]
    assert [url.findtext(f"{MAP}loc") for url in urls] == pages
    assert [[link.get("href") for link in url.iter(LINK)] for url in urls] == [pages, pages]
    assert answer.published_at is not None
    assert urls[0].findtext(f"{MAP}lastmod") == answer.published_at.date().isoformat()


def test_sitemaps_share_many_answers_and_none_is_beyond_the_last(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machines, "PER_SITEMAP", 2)
    section = make_section(house.authority)
    answers = [make_answer(section) for _ in range(3)]

    found = [
        url.text or ""
        for number in (1, 2)
        for url in read(f"/sitemap-{number}.xml").iter(f"{MAP}loc")
    ]

    numbers = [int(match[1]) for url in found if (match := re.search(r"/w/(\d+)-", url))]
    assert numbers == [answer.pk for answer in answers]
    assert [Client().get(f"/sitemap-{number}.xml").status_code for number in (0, 3)] == [404, 404]


@pytest.mark.usefixtures("house")
def test_robots_and_the_description_of_the_search() -> None:
    robots = Client().get("/robots.txt").content.decode()
    described = read("/suche/beschreibung.xml")

    assert f"Sitemap: {HERE}/sitemap.xml" in robots
    assert "Disallow: /a/" in robots
    (url,) = described.iter("{http://a9.com/-/spec/opensearch/1.1/}Url")
    assert url.get("template") == f"{HERE}/suche?q={{searchTerms}}"


def page(answer: Answer) -> str:
    return Client().get(f"/w/{answer.pk}", follow=True).content.decode()


def test_an_answer_says_what_it_is_as_linked_data_that_can_end_no_script(house: House) -> None:
    nasty = TextDraft('</script><script src="x">', "Kurz & gut", "<p>x</p>")
    section = make_section(house.authority)
    answer = make_answer(section, nasty, team_id=house.roads.pk)

    html = page(answer)

    (raw,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    article, crumbs = json.loads(raw)["@graph"]
    assert (article["headline"], article["@id"]) == (nasty.title, f"{HERE}/w/{answer.pk}")
    assert article["reviewedBy"]["name"] == house.roads.name
    assert [one["name"] for one in crumbs["itemListElement"]][-2:] == [section.name, nasty.title]


def test_an_answer_names_itself_and_its_languages_by_full_addresses(house: House) -> None:
    answer = make_answer(make_section(house.authority), texts={"en": PASSPORT_EN})
    german = HERE + path_of(answer.pk, PASSPORT.title, "de")
    english = HERE + path_of(answer.pk, PASSPORT_EN.title, "en")

    html = page(answer)

    assert re.findall(r'rel="canonical" href="([^"]+)"', html) == [german]
    assert re.findall(r'hreflang="([\w-]+)"\s+href="(https[^"]+)"', html) == [
        ("de", german),
        ("en", english),
        ("x-default", german),
    ]


@override_settings(ALLOWED_HOSTS=["*"])
def test_caches_keep_what_is_the_same_for_everybody_and_nothing_else(house: House) -> None:
    answer = make_answer(make_section(house.authority))
    paths = ["/", "/wissen/", "/wissen/ausweise/", path_of(answer.pk, PASSPORT.title, "de")]
    paths += ["/impressum/", "/barrierefreiheit/", "/hilfe/"]
    agent = Client()
    agent.force_login(house.anna)
    known = Client()
    known.cookies["language"] = "de"

    for path in paths:
        answers = [client.get(path) for client in (Client(), known, agent)]
        assert [one["Cache-Control"] for one in answers] == [
            "public, max-age=60",
            "private, no-cache",
            "private, no-cache",
        ], path
        varied = {name.strip().lower() for name in answers[0]["Vary"].split(",")}
        assert {"accept-language", "cookie"} <= varied
        assert not answers[0].cookies, path
    assert not Client().get("/w/999999").has_header("Cache-Control")


def test_a_page_is_sent_again_only_when_it_has_changed(house: House) -> None:
    reader = Client(headers={"Accept-Encoding": "gzip"})
    first = reader.get("/")
    mark = {"If-None-Match": first["ETag"]}

    same, english = (
        reader.get("/", headers=mark | {"Accept-Language": one}) for one in ["de", "en"]
    )
    make_answer(make_section(house.authority))
    changed = reader.get("/", headers=mark)

    assert [one.status_code for one in (same, english, changed)] == [304, 200, 200]
    assert same.content == b""
    assert {name.strip() for name in same["Vary"].split(",")} == {
        name.strip() for name in first["Vary"].split(",")
    }


def test_feedback_from_another_site_is_refused_and_not_counted(house: House) -> None:
    answer = make_answer(make_section(house.authority))
    strict = Client(enforce_csrf_checks=True)
    path = f"/w/{answer.pk}/hilfreich/"
    elsewhere: tuple[dict[str, str], ...] = (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    )

    refused = [strict.post(path, {"helpful": "yes"}, headers=one).status_code for one in elsewhere]
    before = AnswerFeedback.objects.count()
    own = {"Sec-Fetch-Site": "same-origin", "Origin": "http://testserver"}
    taken = strict.post(path, {"helpful": "yes"}, headers=own)

    assert (refused, before) == ([403] * 4, 0)
    assert (taken.status_code, AnswerFeedback.objects.count()) == (302, 1)
