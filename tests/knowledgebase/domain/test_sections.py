"""Sections: a tree of three levels without circles."""

import pytest
from django.core.exceptions import ValidationError

from knowledgebase.domain.sections import (
    SectionDetails,
    change_section,
    delete_section,
    move_section,
)
from knowledgebase.models import Section
from tests.factories.house import make_house
from tests.factories.knowledge import make_draft, make_section

pytestmark = pytest.mark.django_db


def test_create_section_makes_an_address_of_its_own_from_the_name() -> None:
    authority = make_house().authority
    above = make_section(authority, "Müll und Straßen")

    twin = make_section(authority, "Müll und Straßen", parent_id=above.pk)

    assert (above.slug, twin.slug) == ("muell-und-strassen", "muell-und-strassen-2")


def test_change_section_keeps_the_address() -> None:
    house = make_house()
    section = make_section(house.authority)

    change_section(section_id=section.pk, details=SectionDetails("Pässe"), user=house.anna)

    section.refresh_from_db()
    assert (section.name, section.slug) == ("Pässe", "ausweise")


def test_sections_refuse_a_circle_a_fourth_level_and_a_name_that_is_taken() -> None:
    house = make_house()
    first = make_section(house.authority, "Eins")
    second = make_section(house.authority, "Zwei", parent_id=first.pk)
    third = make_section(house.authority, "Drei", parent_id=second.pk)

    for key, details in (
        (first.pk, SectionDetails("Eins", parent_id=third.pk)),
        (first.pk, SectionDetails("Eins", parent_id=first.pk)),
    ):
        with pytest.raises(ValidationError, match="parent"):
            change_section(section_id=key, details=details, user=house.anna)
    with pytest.raises(ValidationError, match="parent"):
        make_section(house.authority, "Vier", parent_id=third.pk)
    with pytest.raises(ValidationError, match="name"):
        make_section(house.authority, "eins")


def test_delete_section_refuses_while_something_is_in_it() -> None:
    house = make_house()
    full, empty = make_section(house.authority, "Voll"), make_section(house.authority, "Leer")
    make_draft(full)

    with pytest.raises(ValidationError):
        delete_section(section_id=full.pk, user=house.anna)
    delete_section(section_id=empty.pk, user=house.anna)

    assert list(Section.objects.all()) == [full]


def test_move_section_swaps_with_its_neighbour_and_stays_at_the_end() -> None:
    house = make_house()
    first, second = make_section(house.authority, "Eins"), make_section(house.authority, "Zwei")

    move_section(section_id=second.pk, up=True, user=house.anna)
    move_section(section_id=second.pk, up=True, user=house.anna)

    assert list(Section.objects.all()) == [second, first]
