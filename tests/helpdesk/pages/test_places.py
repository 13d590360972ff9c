"""The places a town knows: its lists, its border, and what is made of a typed place."""

import json

import pytest
from django.core.exceptions import ValidationError

from helpdesk.events.models import Event
from helpdesk.pages.domain.places import PlaceDetails, write_places
from helpdesk.pages.places import (
    Recognised,
    border_of,
    is_beyond,
    lines_of,
    recognise,
    suggest_places,
)
from tests.factories.house import House, make_authority, make_house

pytestmark = pytest.mark.django_db
STREETS = """Lindenstraße
Hauptstraße; Nord
Hauptstraße; Süd

Kieler Straße
Lindenstraße
"""
OUTSIDE = "Kiel; Stadt Kiel, Telefon 0431 901-0\nA 9; Die Autobahn GmbH"
SQUARE = {"type": "Polygon", "coordinates": [[[11.0, 51.0], [12.0, 51.0], [12.0, 52.0], [11, 52]]]}


@pytest.fixture
def house() -> House:
    return make_house()


def keep(house: House, **values: str) -> None:
    details = PlaceDetails(**({"streets": STREETS, "outside": OUTSIDE} | values))
    write_places(authority_id=house.authority.pk, details=details, user=house.anna)


def asked(house: House, text: str) -> Recognised:
    return recognise(house.authority.pk, text)


def test_the_lists_are_kept_once_a_line_and_shown_as_they_are_written(house: House) -> None:
    keep(house)

    shown = [lines_of(house.authority.pk, outside=outside) for outside in (False, True)]

    assert shown == [
        "Hauptstraße; Nord\nHauptstraße; Süd\nKieler Straße\nLindenstraße",
        "A 9; Die Autobahn GmbH\nKiel; Stadt Kiel, Telefon 0431 901-0",
    ]


def test_what_changed_is_a_fact_and_the_same_once_more_is_none(house: House) -> None:
    keep(house)
    keep(house)

    assert [fact.data["fields"] for fact in Event.objects.filter(kind="settings.changed")] == [
        ["outside", "streets"]
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Lindenstraße 12",
        "linden str. 12a",
        "LINDENSTR. 3-5",
        "Hauptstr. 5, Nord",
        "Kieler Straße 4",
    ],
)
def test_a_place_that_is_known_once_is_asked_nothing(house: House, text: str) -> None:
    keep(house)

    assert asked(house, text) == Recognised()


@pytest.mark.parametrize("text", ["Spielplatz im Stadtpark", "hinter der Schule", "?", "12"])
def test_a_place_that_is_not_known_is_taken_as_it_is(house: House, text: str) -> None:
    keep(house)

    assert asked(house, text) == Recognised()


def test_a_street_that_is_there_twice_is_asked_about_with_its_number(house: House) -> None:
    keep(house)

    assert asked(house, "Hauptstr. 5").choices == ("Hauptstraße 5, Nord", "Hauptstraße 5, Süd")


def test_a_slip_of_the_finger_and_half_a_name_are_asked_about(house: House) -> None:
    keep(house)

    assert asked(house, "Lidnenstraße 12").choices == ("Lindenstraße 12",)
    assert asked(house, "Linden 12").choices == ("Lindenstraße 12",)
    assert suggest_places(house.authority.pk, "haup") == ["Hauptstraße, Nord", "Hauptstraße, Süd"]
    assert suggest_places(house.authority.pk, "ha") == []


@pytest.mark.parametrize(
    "text, choices",
    [
        (
            "Hauptstr. 5, 2. Hof, links",
            ("Hauptstraße 5, Nord, 2. Hof, links", "Hauptstraße 5, Süd, 2. Hof, links"),
        ),
        ("Lidnenstraße 12, am Spielplatz", ("Lindenstraße 12, am Spielplatz",)),
        ("Haubtstraße 5, Süd", ("Hauptstraße 5, Nord", "Hauptstraße 5, Süd")),
        ("Hauptstr. 5, " + "x" * 237, ()),
    ],
)
def test_whatever_else_was_written_goes_along_with_what_is_chosen(
    house: House, text: str, choices: tuple[str, ...]
) -> None:
    keep(house)

    assert asked(house, text).choices == choices


def test_who_is_responsible_outside_is_told_where_whole_words_name_it(house: House) -> None:
    keep(house)

    assert asked(house, "Holstenstraße 2, Kiel").outside == "Stadt Kiel, Telefon 0431 901-0"
    assert asked(house, "Lindenstraße 12, 24103 Kiel").outside.startswith("Stadt Kiel")
    assert asked(house, "auf der A 9 bei km 12").outside == "Die Autobahn GmbH"
    assert asked(house, "Kieler Straße 9").outside == ""


def test_another_town_knows_nothing_of_it(house: House) -> None:
    keep(house)
    other = make_authority("Anderstadt")

    assert recognise(other.pk, "Hauptstraße 5") == Recognised()
    assert suggest_places(other.pk, "haupt") == []


def test_a_point_is_compared_with_the_border(house: House) -> None:
    shape = json.dumps(
        {"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": SQUARE}]}
    )
    keep(house, border=shape, beyond="Der Landkreis")

    border = border_of(house.authority.pk)

    assert [is_beyond(border, *point) for point in ((51.5, 11.5), (51.5, 12.5), (50.9, 11.5))] == [
        False,
        True,
        True,
    ]
    assert not is_beyond(None, 51.5, 12.5)


@pytest.mark.parametrize(
    "field, values",
    [
        ("streets", {"streets": "; Nord"}),
        ("streets", {"streets": "Lindenstraße\n" + "x" * 130}),
        ("streets", {"streets": "ß" * 120}),
        ("outside", {"outside": "Kiel"}),
        ("border", {"border": "{}"}),
        ("border", {"border": "[" * 5000}),
        ("border", {"border": '{"type": "Polygon", "coordinates": [[[1, 2], [500, 2], [1, 1]]]}'}),
        ("border", {"border": '{"type": "Polygon", "coordinates": [[[1, 2], [NaN, 2], [1, 1]]]}'}),
        ("border", {"border": json.dumps(SQUARE).replace("11.0", "1" * 400)}),
        ("beyond", {"border": json.dumps(SQUARE)}),
    ],
)
def test_what_cannot_be_read_is_refused_at_its_field_and_changes_nothing(
    house: House, field: str, values: dict[str, str]
) -> None:
    keep(house)

    with pytest.raises(ValidationError) as refused:
        keep(house, **values)

    assert list(refused.value.message_dict) == [field]
    assert asked(house, "Hauptstr. 5").choices
