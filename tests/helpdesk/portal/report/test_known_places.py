"""The place of a report: chosen among those the town knows, told when it is not the town's."""

import json

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from helpdesk.forms.models import Draft
from helpdesk.pages.domain.places import PlaceDetails, write_places
from helpdesk.pages.places import lines_of
from helpdesk.tickets.models import PlaceNeed
from tests.factories.house import House, make_administrator, make_house
from tests.helpdesk.desk.pages import signed_in, without_second_factor
from tests.helpdesk.portal.report.walking import TEXT, Walk, make_topic

pytestmark = pytest.mark.django_db
PHOTOS, PLACE = "/melden/fotos/", "/melden/ort/"
SQUARE = {"type": "Polygon", "coordinates": [[[11.0, 51.0], [12.0, 51.0], [12.0, 52.0], [11, 52]]]}
PLACES = PlaceDetails(
    streets="Lindenstraße\nHauptstraße; Nord\nHauptstraße; Süd",
    outside="Nachbarstadt; Stadt Nachbarstadt",
    border=json.dumps(SQUARE),
    beyond="Der Landkreis",
)


@pytest.fixture
def house() -> House:
    cache.clear()
    house = make_house()
    write_places(authority_id=house.authority.pk, details=PLACES, user=house.anna)
    return house


def walk_with(house: House, place: str, **point: str) -> Walk:
    topic = make_topic(house, place=PlaceNeed.REQUIRED)
    walk = Walk().open(f"/melden/thema/{topic.pk}/").send({"text": TEXT})
    return walk.send({"place": place, **point})


def kept() -> str:
    return str(Draft.objects.get().data.get("place", {}).get("place", ""))


def test_a_known_place_is_asked_nothing(house: House) -> None:
    walk = walk_with(house, "Lindenstr. 12")

    assert (walk.path, kept()) == (PHOTOS, "Lindenstr. 12")


def test_one_of_several_is_chosen_without_a_script(house: House) -> None:
    walk = walk_with(house, "Hauptstr. 5")
    asked = walk.page.context["asked"]

    walk.send({"place": "Hauptstr. 5", "asked": asked.about, "match": "Hauptstraße 5, Süd"})

    assert asked.choices == ("Hauptstraße 5, Nord", "Hauptstraße 5, Süd")
    assert (walk.path, kept()) == (PHOTOS, "Hauptstraße 5, Süd")


@pytest.mark.parametrize("match", ["", "as_typed", "Hauptstraße 5, Ost"])
def test_whoever_chooses_none_goes_on_with_their_own_words(house: House, match: str) -> None:
    walk = walk_with(house, "Hauptstr. 5")

    walk.send({"place": "Hauptstr. 5", "asked": walk.page.context["asked"].about, "match": match})

    assert (walk.path, kept()) == (PHOTOS, "Hauptstr. 5")


def test_another_place_typed_instead_is_looked_at_anew(house: House) -> None:
    walk = walk_with(house, "Hauptstr. 5")
    about = walk.page.context["asked"].about

    walk.send({"place": "Hauptstr. 7", "asked": about, "match": "Hauptstraße 5, Süd"})

    assert walk.page.context["asked"].choices[0] == "Hauptstraße 7, Nord"
    assert kept() == ""


def test_a_place_outside_says_who_is_responsible_and_is_no_wall(house: House) -> None:
    walk = walk_with(house, "Bahnhof, Nachbarstadt")

    told, status = walk.errors, walk.page.status_code
    walk.send({"place": "Bahnhof, Nachbarstadt", "asked": walk.page.context["asked"].about})

    assert status == 422
    assert told == ["Dieser Ort liegt außerhalb unserer Stadt. Zuständig ist: Stadt Nachbarstadt"]
    assert (walk.path, kept()) == (PHOTOS, "Bahnhof, Nachbarstadt")


def test_a_position_outside_of_the_border_is_told_as_well(house: House) -> None:
    walk = walk_with(house, "", latitude="51.5", longitude="12.5")

    assert walk.errors == ["Dieser Ort liegt außerhalb unserer Stadt. Zuständig ist: Der Landkreis"]


@pytest.mark.usefixtures("house")
def test_addresses_are_offered_while_somebody_types_and_caches_may_keep_them() -> None:
    page = Walk().client.get("/melden/ort/vorschlaege/?q=haupt")

    assert page.json() == {"results": ["Hauptstraße, Nord", "Hauptstraße, Süd"]}
    assert set(page["Cache-Control"].split(", ")) == {"public", "max-age=60"}


def test_an_administrator_takes_the_list_from_a_file_of_an_old_program(house: House) -> None:
    chief = make_administrator(without_second_factor(house).authority)
    page, url = signed_in(chief), reverse("desk:settings_places")
    file = SimpleUploadedFile("strassen.csv", "Mühlweg;Ost\r\nAm Anger".encode("cp1252"))

    answer = page.post(url, {"streets": "Altes", "file": file})

    assert answer.status_code == 302
    assert lines_of(house.authority.pk, outside=False) == "Am Anger\nMühlweg; Ost"


def test_a_list_that_is_wrong_says_in_which_line_and_keeps_what_was_typed(house: House) -> None:
    chief = make_administrator(without_second_factor(house).authority)
    page, url = signed_in(chief), reverse("desk:settings_places")

    answer = page.post(url, {"streets": "Neuweg\n;Ost"})

    assert answer.status_code == 422
    assert answer.context["form"].errors["streets"] == ["Zeile 2 beginnt nicht mit einem Namen."]
    assert answer.context["form"]["streets"].value() == "Neuweg\n;Ost"
