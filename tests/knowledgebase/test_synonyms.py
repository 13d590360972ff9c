"""Synonyms of editors help at once, as words and as phrases, in the same way on both engines."""

from collections.abc import Iterator

import pytest
from django.core.exceptions import ValidationError

from knowledgebase.domain.synonyms import add_synonym, change_synonym, delete_synonym
from knowledgebase.domain.write import TextDraft
from knowledgebase.models import Synonym
from knowledgebase.search import search_public
from knowledgebase.synonyms import variants_of
from tests.factories.house import House, make_authority, make_house
from tests.factories.knowledge import make_answer, make_section
from tests.helpdesk.search.making import begin_anew, index_everything

pytestmark = pytest.mark.django_db

BIN = TextDraft("Wertstofftonne bestellen", "Sie ist kostenlos.", "<p>Für Verpackungen.</p>")
DOG = TextDraft("Hundesteuer anmelden", "Für jeden Hund.", "<p>Binnen zwei Wochen.</p>")


@pytest.fixture
def house() -> Iterator[House]:
    yield make_house()
    begin_anew()


def found(house: House, words: str) -> list[int]:
    return list(search_public(house.authority.pk, words).keys)


@pytest.mark.both_engines
def test_a_synonym_finds_at_once_and_no_longer_when_it_is_gone(house: House) -> None:
    answer = make_answer(make_section(house.authority, "Müll"), BIN)
    index_everything()
    before = found(house, "gelber Sack")
    words = ["gelber Sack", "Wertstofftonne", "Raschelbeutel"]
    row = add_synonym(authority_id=house.authority.pk, words=words, user=house.anna)

    after = [found(house, asked) for asked in ("Gelbe Säcke", "gelber sack kostenlos", "Katze")]
    beginning = search_public(house.authority.pk, "raschelbeutel kost", typing=True).keys
    change_synonym(synonym_id=row.pk, words=["Katze", "Wertstofftonne"], user=house.anna)
    changed = [found(house, asked) for asked in ("gelber Sack", "Katze")]
    delete_synonym(synonym_id=row.pk, user=house.anna)

    assert (before, after, list(beginning)) == ([], [[answer.pk], [answer.pk], []], [answer.pk])
    assert (changed, found(house, "Katze")) == ([[], [answer.pk]], [])


@pytest.mark.both_engines
def test_what_holds_the_words_themselves_comes_before_what_holds_a_synonym(house: House) -> None:
    section = make_section(house.authority)
    by_synonym = make_answer(section, TextDraft("Wau", "Kurz", "<p>x</p>"))
    by_word = make_answer(section, TextDraft("Hund", "Kurz", "<p>x</p>"))
    index_everything()
    add_synonym(authority_id=house.authority.pk, words=["Hund", "Wau"], user=house.anna)

    assert found(house, "Hund") == [by_word.pk, by_synonym.pk]


def test_variants_are_few_and_of_the_own_town(house: House) -> None:
    other = make_authority("Stadt Anderswo", "AW")
    words = [f"Wort{'abcdefgh'[at]}" for at in range(8)]
    add_synonym(authority_id=house.authority.pk, words=words, user=house.anna)
    add_synonym(authority_id=other.pk, words=["Worta", "Kanarienvogel"], user=house.anna)

    variants = variants_of(house.authority.pk, "neue worta bitte")

    assert variants == [
        "neue Wortb bitte",
        "neue Wortc bitte",
        "neue Wortd bitte",
        "neue Worte bitte",
    ]
    assert variants_of(house.authority.pk, "!!!") == []


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["Hund"],
        ["Hund", "hunde"],
        ["Hund", "?!"],
        ["Hund", "x" * 61],
        ["w" + "e" * n for n in range(20)],
    ],
)
def test_add_synonym_refuses_what_means_nothing(house: House, words: list[str]) -> None:
    with pytest.raises(ValidationError) as refused:
        add_synonym(authority_id=house.authority.pk, words=words, user=house.anna)

    assert list(refused.value.message_dict) == ["words"]
    assert not Synonym.objects.exists()
