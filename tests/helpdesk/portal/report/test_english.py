"""Topics as visitors see them who read English: a topic without English words says so."""

import pytest
from django.test import Client

from helpdesk.tickets.models import Category
from tests.factories.house import House, make_house
from tests.helpdesk.portal.report.walking import TEXT, Walk, make_topic

pytestmark = pytest.mark.django_db
GERMAN_ONLY = '<span lang="de">Sperrmüll</span>'


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture
def lamp(house: House) -> Category:
    roads = make_topic(house, "Straßen", name_en="Roads")
    return make_topic(
        house,
        "Straßenbeleuchtung",
        parent=roads,
        keywords="Laterne dunkel",
        description="Laterne dunkel oder beschädigt",
        name_en="Street lighting",
        description_en="Lamp is dark or damaged",
        place="none",
        asks_photos=False,
    )


@pytest.fixture
def waste(house: House) -> Category:
    above = make_topic(house, "Abfall")
    return make_topic(house, "Sperrmüll", parent=above, description="Sofa und Schrank")


def in_english() -> Walk:
    return Walk(Client(headers={"accept-language": "en"}))


def test_every_page_shows_the_english_name_and_hint(lamp: Category) -> None:
    begun = in_english().open(f"/melden/thema/{lamp.pk}/").html
    walk = in_english().open("/melden/").send({"text": TEXT})
    suggested = walk.html
    listed = walk.open("/melden/thema/alle/").html
    checked = walk.send({"topic": str(lamp.pk)}).send({"way": "anonymous"}).html

    for page in (begun, suggested, listed, checked):
        assert "Street lighting" in page
        assert "Straßenbeleuchtung" not in page
        assert 'lang="de">' not in page.partition("<main")[2]
    assert "Lamp is dark or damaged" in suggested
    assert "Roads: Street lighting" in checked


def test_what_is_there_in_german_only_is_marked_as_german(waste: Category) -> None:
    listed = in_english().open("/melden/").send({"text": TEXT}).open("/melden/thema/alle/").html
    begun = in_english().open(f"/melden/thema/{waste.pk}/").html

    assert GERMAN_ONLY in listed
    assert '<span lang="de">Abfall</span>' in listed
    assert '<span lang="de">Sofa und Schrank</span>' in listed
    assert GERMAN_ONLY in begun


def test_a_german_page_shows_german_words_without_a_mark(lamp: Category, waste: Category) -> None:
    listed = Walk().open("/melden/").send({"text": TEXT}).open("/melden/thema/alle/").html

    assert lamp.name in listed
    assert waste.name in listed
    assert "Street lighting" not in listed
    assert 'lang="de">' not in listed.partition("<main")[2]


def test_the_list_is_searched_by_english_words(lamp: Category, waste: Category) -> None:
    walk = in_english().open("/melden/").send({"text": TEXT})

    found = walk.open("/melden/thema/alle/?q=lighting").html

    assert "Street lighting" in found
    assert waste.name not in found
    assert lamp.name not in found
