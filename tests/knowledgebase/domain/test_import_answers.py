"""Where imported answers go: by names, which may be spelled otherwise or mean several things."""

from dataclasses import replace

import pytest

from helpdesk.agents.models import Team
from knowledgebase.domain.import_answers import import_answers, placed
from knowledgebase.domain.sections import SectionDetails, create_section
from knowledgebase.domain.write import TextDraft
from knowledgebase.enums import Visibility
from knowledgebase.importing import ImportRow
from knowledgebase.models import Section
from tests.factories.house import House, make_house

pytestmark = pytest.mark.django_db
ROW = ImportRow("x.md", text=TextDraft("Reisepass", "Kurz", "<p>Lang</p>"))


def section(house: House, name: str, parent: Section | None = None) -> Section:
    details = SectionDetails(name, parent_id=parent.pk if parent else None)
    return create_section(authority_id=house.authority.pk, details=details, user=house.anna)


def test_a_name_means_what_is_spelled_so_and_else_what_differs_in_capitals_alone() -> None:
    house = make_house()
    small = section(house, "ausweise")
    large = section(house, "Ausweise", section(house, "Kinder"))
    fees = section(house, "Gebühren")
    rows = [replace(ROW, section=name) for name in ("Ausweise", "ausweise", "gebühren", "neu")]

    made = import_answers(
        rows=rows, section_id=small.pk, visibility=Visibility.PUBLIC, user=house.anna
    )

    assert [answer.section for answer in made] == [large, small, fees, small]


def test_a_name_of_several_is_refused_until_it_says_which() -> None:
    house = make_house()
    cars, dogs = section(house, "Autos"), section(house, "Hunde")
    section(house, "Gebühren", cars)
    fees = section(house, "Gebühren", dogs)
    rows = [replace(ROW, section=name) for name in ("Gebühren", "hunde > gebühren")]

    shown = placed(rows=rows, user=house.anna)
    made = import_answers(
        rows=rows, section_id=cars.pk, visibility=Visibility.PUBLIC, user=house.anna
    )

    assert [bool(row.errors) for row in shown] == [True, False]
    assert [answer.section for answer in made] == [fees]


def test_teams_that_differ_in_capitals_are_told_apart() -> None:
    house = make_house()
    name = house.roads.name
    other = Team.objects.create(authority=house.authority, name=name.upper(), slug="gross")
    other.memberships.create(user=house.anna, can_read=True)
    row = replace(ROW, visibility=Visibility.TEAM)
    rows = [replace(row, team=each) for each in (name, name.upper(), name.swapcase())]

    shown = placed(rows=rows, user=house.anna)

    assert [bool(each.errors) for each in shown] == [False, False, True]
