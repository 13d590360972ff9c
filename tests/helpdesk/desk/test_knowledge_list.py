"""The desk's list of answers: by their words, by what they are, and only what one may know of."""

import re
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from helpdesk.agents.models import User
from knowledgebase.domain.write import TextDraft, save_copy
from knowledgebase.models import Answer
from tests.factories.house import House, make_house
from tests.factories.knowledge import (
    PASSPORT,
    PASSPORT_EN,
    make_answer,
    make_draft,
    make_editor,
    make_section,
)
from tests.helpdesk.search.making import begin_anew, index_everything

pytestmark = pytest.mark.django_db

TAX = TextDraft("Hundesteuer", "Für jeden Hund.", "<p>Die Marke gehört ans Halsband.</p>")
DRAFT = TextDraft("Ölheizung", "Noch nicht fertig.", "<p>Schornsteinfeger</p>")
WEDDING = TextDraft("Zusage", "Für Brautpaare.", "<p>Trauung</p>")


@pytest.fixture
def house() -> Iterator[House]:
    found = make_house()
    make_editor(found.authority, found.anna)
    yield found
    begin_anew()


def listed(user: User, **asked: str) -> list[str]:
    """Return the titles in the rows of the list, in their order."""
    client = Client()
    client.force_login(user)
    page = client.get(f"{reverse('desk:knowledge')}?{urlencode(asked)}")
    assert page.status_code == 200
    rows = re.findall(r'<td>\s*<a\s+href="[^"]*"\s*>([^<]*)</a>', page.content.decode())
    return [row.strip() for row in rows]


def test_list_without_words_is_in_order_of_titles_with_umlauts_where_they_belong(
    house: House,
) -> None:
    section = make_section(house.authority)
    for text in (WEDDING, DRAFT, PASSPORT, TAX):
        make_draft(section, text)

    assert listed(house.anna) == [TAX.title, DRAFT.title, PASSPORT.title, WEDDING.title]


@pytest.mark.both_engines
def test_list_finds_by_the_body_and_the_number_for_editors_what_is_unpublished_too(
    house: House,
) -> None:
    section = make_section(house.authority)
    make_answer(section, TAX)
    draft = make_draft(section, DRAFT)
    index_everything()

    assert listed(house.anna, q="halsband") == [TAX.title]
    assert listed(house.anna, q="Schornsteinfeger") == [DRAFT.title]
    assert listed(house.anna, q=str(draft.pk))[:1] == [DRAFT.title]
    assert listed(house.bert, q="Schornsteinfeger") == []
    assert listed(house.bert, q="halsband") == [TAX.title]


def test_list_shows_readers_the_published_title_and_editors_the_working_one(house: House) -> None:
    answer = make_answer(make_section(house.authority), TAX)
    save_copy(answer_id=answer.pk, texts={"de": DRAFT}, internal="", revision=1, user=house.anna)
    index_everything()

    assert listed(house.bert) == [TAX.title]
    assert listed(house.anna) == [DRAFT.title]
    assert listed(house.bert, q="Ölheizung") == []
    assert listed(house.anna, q="Ölheizung") == [DRAFT.title]


def test_list_is_narrowed_by_section_state_language_readers_and_owner(house: House) -> None:
    papers, home = make_section(house.authority), make_section(house.authority, "Haus")
    make_answer(papers, PASSPORT, texts={"en": PASSPORT_EN})
    make_answer(home, TAX, visibility="staff")
    draft = make_draft(home, DRAFT)
    Answer.objects.filter(pk=draft.pk).update(owner=house.anna)
    index_everything()

    assert listed(house.anna, section=str(home.pk)) == [TAX.title, DRAFT.title]
    assert listed(house.anna, state="draft") == [DRAFT.title]
    assert listed(house.anna, language="en") == [PASSPORT.title]
    assert listed(house.bert, language="en") == [PASSPORT.title]
    assert listed(house.anna, visibility="staff") == [TAX.title]
    assert listed(house.anna, owner="me") == [DRAFT.title]
    assert listed(house.anna, owner="none") == [TAX.title, PASSPORT.title]
    assert listed(house.anna, q="Hundesteuer", section=str(papers.pk)) == []


def test_list_finds_nothing_of_a_team_one_is_not_in(house: House) -> None:
    section = make_section(house.authority)
    make_answer(section, TAX, visibility="team", team_id=house.roads.pk)
    index_everything()

    assert listed(house.bert, q="Hundesteuer") == []
    assert listed(house.anna, q="Hundesteuer") == [TAX.title]


@pytest.mark.parametrize("given", ["x", "-1", "9" * 30, "\u00b2", "\0"])
def test_list_takes_any_address(house: House, given: str) -> None:
    make_answer(make_section(house.authority), TAX)
    index_everything()
    names = ("section", "state", "language", "visibility", "owner", "page")

    assert listed(house.anna, **dict.fromkeys(names, given))
