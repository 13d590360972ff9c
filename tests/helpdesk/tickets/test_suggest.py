"""Topics by a citizen's words, computed here."""

import pytest

from helpdesk.tickets.domain.suggest import offered_topics, suggest_topics
from helpdesk.tickets.models import Category
from tests.factories.house import House, make_authority, make_house

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]


@pytest.fixture
def house() -> House:
    house = make_house()
    streets = topic(house, "Straßen und Wege")
    waste = topic(house, "Abfall und Sauberkeit")
    topic(house, "Straßenbeleuchtung", streets, keywords="Laterne, Lampe, dunkel, Licht")
    topic(house, "Schlagloch und Gehwegschaden", streets, keywords="Loch, Teer, Stolperfalle")
    topic(house, "Sperrmüll", waste, keywords="Sofa, Möbel, abholen")
    topic(house, "Wilder Müll", waste, keywords="Müllsack, Abfall im Park, Unrat")
    return house


def topic(house: House, name: str, parent: Category | None = None, **values: object) -> Category:
    return Category.objects.create(
        authority=house.authority,
        parent=parent,
        name=name,
        position=Category.objects.count(),
        **values,
    )


def names(house: House, text: str, limit: int = 3) -> list[str]:
    return [each.name for each in suggest_topics(house.authority.pk, text, limit)]


@pytest.mark.parametrize(
    "text, first",
    [
        ("Die Laternen in unserer Strasse sind dunkel", "Straßenbeleuchtung"),
        ("STRASSENLATERNE defekt", "Straßenbeleuchtung"),
        ("Auf dem Gehweg ist ein großes Loch, man stolpert", "Schlagloch und Gehwegschaden"),
        ("Wann wird mein altes Sofa abgeholt?", "Sperrmüll"),
        ("Sperrmuell Termin", "Sperrmüll"),
        ("Im Park liegen Müllsäcke", "Wilder Müll"),
    ],
)
def test_the_topic_that_fits_comes_first(house: House, text: str, first: str) -> None:
    assert names(house, text)[0] == first


def test_an_english_text_finds_topics_by_their_english_names_and_hints(house: House) -> None:
    Category.objects.filter(name="Sperrmüll").update(name_en="Bulky waste and furniture")
    Category.objects.filter(name="Straßenbeleuchtung").update(
        name_en="Lights and lamps", description_en="A lamp is dark or flickers"
    )

    assert names(house, "Please collect my old furniture") == ["Sperrmüll"]
    assert names(house, "It flickers all night") == ["Straßenbeleuchtung"]
    assert names(house, "This and that is not for a or with your") == []


def test_words_that_fit_nothing_suggest_nothing(house: House) -> None:
    assert names(house, "Quark und Xylophon") == []
    assert names(house, "") == []


def test_groups_are_never_suggested_and_the_number_is_bounded(house: House) -> None:
    found = names(house, "Müll Abfall Sofa Laterne Loch Straße", limit=2)

    assert len(found) == 2
    assert not {"Straßen und Wege", "Abfall und Sauberkeit"} & set(found)


def test_only_what_is_offered_in_this_town_is_suggested(house: House) -> None:
    Category.objects.filter(name="Sperrmüll").update(in_portal=False)
    Category.objects.filter(name="Straßen und Wege").update(is_active=False)
    other = make_authority("Stadt Anderswo", "AW")

    assert names(house, "Sofa") == []
    assert names(house, "Laterne") == []
    assert suggest_topics(other.pk, "Laterne Sofa") == []
    assert [each.name for each in offered_topics(house.authority.pk)] == [
        "Abfall und Sauberkeit",
        "Wilder Müll",
    ]
