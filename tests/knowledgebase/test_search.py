"""Finding answers: what is not the reader's is in no hit, no suggestion and no count."""

from collections.abc import Iterator

import pytest

from helpdesk.agents.models import User
from helpdesk.tickets.models import Category
from knowledgebase.domain.publish import archive_answer
from knowledgebase.domain.write import TextDraft, save_copy
from knowledgebase.models import Answer
from knowledgebase.rules import public_answers, readable_by
from knowledgebase.search import (
    AnswerHit,
    hits_found,
    lines_found,
    search_for_staff,
    search_public,
    suggest_answers,
    suggest_for_staff,
)
from tests.factories.house import House, make_authority, make_house
from tests.factories.knowledge import PASSPORT_EN, make_answer, make_draft, make_section
from tests.helpdesk.search.making import begin_anew, index_everything

pytestmark = pytest.mark.django_db

WASTE = TextDraft(
    "Sperrmüll anmelden", "Wir holen Sperrmüll ab.", "<p>Die Abholung kostet 20 Euro.</p>"
)
SECRET = "Kanarienvogel"
HIDDEN = TextDraft(f"{SECRET} Sperrmüll", f"{SECRET} kurz", f"<p>{SECRET} Text</p>")


@pytest.fixture
def house() -> Iterator[House]:
    yield make_house()
    begin_anew()


def found_titles(house: House, words: str, *, typing: bool = False) -> list[str]:
    found = search_public(house.authority.pk, words, typing=typing)
    lines = lines_found(public_answers(house.authority.pk), found.keys, "de")
    assert len(lines) == len(found.keys)
    return [line.title for line in lines]


def hits_of(house: House, words: str, language: str) -> list[AnswerHit]:
    found = search_public(house.authority.pk, words)
    readers = public_answers(house.authority.pk)
    return hits_found(readers, found.keys, language, found.terms)


def hide_some(house: House) -> None:
    section = make_section(house.authority, "Geheim")
    foreign = make_section(make_authority("Stadt Anderswo", "AW"))
    make_draft(section, HIDDEN)
    make_answer(section, HIDDEN, visibility="staff")
    make_answer(section, HIDDEN, visibility="team", team_id=house.roads.pk)
    make_answer(foreign, HIDDEN)
    archive_answer(answer_id=make_answer(section, HIDDEN).pk, user=house.anna)


@pytest.mark.parametrize(
    "words", ["sperrmuell abholung", "Sperrmüll", "sperrmüllabholung", "anmeldung sperrmüll"]
)
def test_search_finds_an_answer_as_people_type(house: House, words: str) -> None:
    make_answer(make_section(house.authority), WASTE)
    index_everything()

    assert found_titles(house, words) == [WASTE.title]


def test_search_marks_what_was_asked_for_and_escapes_the_rest(house: House) -> None:
    make_answer(make_section(house.authority), TextDraft("Müll & <b>Co</b>", "Kurz", "<p>x</p>"))
    index_everything()

    hit = hits_of(house, "müll", "de")[0]

    assert hit.title == "<mark>Müll</mark> &amp; &lt;b&gt;Co&lt;/b&gt;"


def test_search_shows_citizens_nothing_that_is_not_public(house: House) -> None:
    section = make_section(house.authority)
    make_answer(section, WASTE, internal=f"<p>{SECRET}</p>")
    hide_some(house)
    index_everything()

    assert found_titles(house, "Sperrmüll") == [WASTE.title]
    assert found_titles(house, SECRET) == []
    assert found_titles(house, SECRET[:5], typing=True) == []
    lines = suggest_answers(house.authority.pk, f"{SECRET} Sperrmüll", "de")
    assert [line.title for line in lines] == [WASTE.title]


def test_search_asks_the_tables_even_when_the_index_is_behind(house: House) -> None:
    answer = make_answer(make_section(house.authority), WASTE)
    index_everything()
    Answer.objects.filter(pk=answer.pk).update(visibility="staff")

    assert found_titles(house, "Sperrmüll") == []
    assert suggest_answers(house.authority.pk, "Sperrmüll", "de") == []


def test_search_of_staff_finds_the_internal_block_and_keeps_to_the_teams(house: House) -> None:
    section = make_section(house.authority)
    make_answer(section, WASTE, internal="<p>Rufnummer des Bauhofs</p>")
    make_answer(section, HIDDEN, visibility="team", team_id=house.roads.pk)
    index_everything()

    def titles(user: User, words: str) -> list[str]:
        keys = search_for_staff(user, words).keys
        return [line.title for line in lines_found(readable_by(user), keys, "de")]

    assert titles(house.bert, "Bauhof") == [WASTE.title]
    assert (titles(house.anna, SECRET), titles(house.bert, SECRET)) == ([HIDDEN.title], [])
    assert [line.title for line in suggest_for_staff(house.bert, SECRET, "de")] == []


def test_staff_is_offered_what_was_written_about_the_topic_after_what_is_near_the_words(
    house: House,
) -> None:
    topic = Category.objects.create(authority=house.authority, name="Abfall")
    section = make_section(house.authority)
    about = make_answer(section, WASTE)
    make_answer(section, HIDDEN, visibility="team", team_id=house.roads.pk)
    Answer.objects.update(category=topic)
    index_everything()

    offered = suggest_for_staff(house.bert, "Gelbe Kanarien", "de", category_id=topic.pk)

    assert [line.pk for line in offered] == [about.pk]
    assert suggest_for_staff(house.bert, "Gelbe Kanarien", "de") == []


def test_search_shows_the_live_words_only(house: House) -> None:
    answer = make_answer(make_section(house.authority), WASTE)
    save_copy(answer_id=answer.pk, texts={"de": HIDDEN}, internal="", revision=1, user=house.anna)
    index_everything()

    assert found_titles(house, SECRET) == []
    assert found_titles(house, "Sperrmüll") == [WASTE.title]


def test_search_gives_one_line_for_an_answer_in_two_languages(house: House) -> None:
    text = TextDraft("Reisepass (passport)", "Kurz", "<p>Passport</p>")
    make_answer(make_section(house.authority), text, texts={"en": PASSPORT_EN})
    index_everything()

    english = hits_of(house, "passport", "en")

    assert [(hit.words, hit.only_in) for hit in english] == [(PASSPORT_EN.title, "")]


def test_suggestions_come_from_what_was_written_and_only_when_near(house: House) -> None:
    section = make_section(house.authority)
    make_answer(section, WASTE)
    make_answer(section, TextDraft("Hundesteuer anmelden", "Kurz", "<p>Für jeden Hund.</p>"))
    index_everything()

    def titles(text: str) -> list[str]:
        return [line.title for line in suggest_answers(house.authority.pk, text, "de")]

    written = "Guten Tag, bei uns steht seit gestern alter Sperrmüll vor der Tür. Wer holt das ab?"
    assert titles(written)[:1] == [WASTE.title]
    assert titles("Vielen Dank und schöne Grüße aus dem Urlaub") == []
    assert titles("") == []


@pytest.mark.parametrize(
    "words", ["' OR 1=1 --", '"', "a & ( | !", "\\", "%_", "\x00", "𝕏" * 300, "(" * 500]
)
def test_search_takes_whatever_is_typed(house: House, words: str) -> None:
    make_answer(make_section(house.authority), WASTE)
    index_everything()

    assert found_titles(house, words) == []
    assert suggest_answers(house.authority.pk, words, "de") == []


def test_without_an_index_nothing_is_found_and_nothing_breaks(house: House) -> None:
    make_answer(make_section(house.authority), WASTE)
    begin_anew()

    assert not search_public(house.authority.pk, "Sperrmüll").is_ready
    assert suggest_answers(house.authority.pk, "Sperrmüll", "de") == []
