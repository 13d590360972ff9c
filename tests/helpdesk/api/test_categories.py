"""Categories by the interface: their names in the language that is asked for."""

import pytest

from helpdesk.tickets.models import Category
from tests.factories.house import House, make_house
from tests.helpdesk.api.client import Program, program_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    found = make_house()
    for name, english in (("Laterne", "Street lamp"), ("Schlagloch", "")):
        Category.objects.create(authority=found.authority, name=name, name_en=english)
    return found


@pytest.fixture
def anna(house: House) -> Program:
    return program_of(house.anna)


def names(anna: Program, query: str = "", **headers: str) -> list[str]:
    return [one["name"] for one in anna.get(f"/categories{query}", **headers).json()["results"]]


def test_names_are_english_where_it_is_asked_for_and_there_is_one(anna: Program) -> None:
    assert names(anna, "?language=en") == ["Street lamp", "Schlagloch"]
    assert names(anna, "?language=de") == ["Laterne", "Schlagloch"]


def test_no_header_changes_names_that_a_program_may_keep(anna: Program) -> None:
    assert names(anna, Accept_Language="en") == ["Laterne", "Schlagloch"]


def test_the_address_of_the_next_page_keeps_the_language(anna: Program) -> None:
    first = anna.get("/categories?language=en&limit=1").json()

    assert "language=en" in first["next"]
    assert first["results"][0]["name"] == "Street lamp"


def test_a_language_that_is_none_is_refused(anna: Program) -> None:
    refused = anna.get("/categories?language=fr")

    assert refused.status_code == 400
    assert refused.json()["parameter"] == "language"
