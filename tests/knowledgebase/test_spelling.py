"""What was meant by a misspelt word: one of the answers that this reader may read, and no other."""

from collections.abc import Iterator

import pytest

from helpdesk.agents.models import User
from knowledgebase.domain.publish import archive_answer
from knowledgebase.domain.snippets import create_snippet
from knowledgebase.domain.write import TextDraft, save_copy
from knowledgebase.models import Answer
from knowledgebase.search import portal_door, search_through
from knowledgebase.spelling import meant
from tests.factories.house import House, make_authority, make_house
from tests.factories.knowledge import make_answer, make_draft, make_section
from tests.helpdesk.search.making import begin_anew, index_everything

pytestmark = [pytest.mark.both_engines, pytest.mark.django_db]

DOG = TextDraft(
    "Hundesteuer anmelden",
    "So melden Sie Ihren Hund an.",
    "<p>Der Beitrag richtet sich nach der Rasse des <strong>Vierbeiners</strong>.</p>",
)
SECRET = TextDraft("Kanarienvogel", "Kanarienvogel kurz", "<p>Kanarienvogel</p>")
TYPED = "Kanarienfogel"


@pytest.fixture
def house() -> Iterator[House]:
    yield make_house()
    begin_anew()


def proposed(house: House, words: str, *, signed_in: bool = False) -> str:
    door = portal_door(house.authority.pk, signed_in=signed_in)
    found = search_through(door, words)
    return meant(door, words, is_in_vain=not found.keys)


def write_over(answer: Answer, user: User) -> None:
    save_copy(answer_id=answer.pk, texts={"de": SECRET}, internal="", revision=1, user=user)


@pytest.mark.parametrize(
    "typed,better",
    [
        ("Hundestuer", "Hundesteuer"),
        ("hundesteuer anmleden", "hundesteuer anmelden"),
        # Too far for the search, near enough to be asked about.
        ("Huntesteur", "Hundesteuer"),
        ("Vierpeinars", "Vierbeiners"),
        # Both ends are wrong, and sound right.
        ("Hontesteuar", "Hundesteuer"),
        ("Firbeiners", "Vierbeiners"),
        ("Hundesteuer anmmelten", "Hundesteuer anmelden"),
        ("Hundesteuer", ""),
        ("Hund", ""),
        ("Gundesteuer", "Hundesteuer"),
        ("Gundesteur", ""),
        ("Waschbär", ""),
        ("2026 12345", ""),
        ("", ""),
        ("!?", ""),
    ],
)
def test_a_misspelt_word_is_proposed_as_the_answers_spell_it(
    house: House, typed: str, better: str
) -> None:
    make_answer(make_section(house.authority), DOG)
    index_everything()

    assert proposed(house, typed) == better


def test_no_word_is_proposed_of_what_the_reader_may_not_read(house: House) -> None:
    section = make_section(house.authority)
    write_over(make_answer(section, DOG, internal="<p>Kanarienvogel</p>"), house.anna)
    make_draft(section, SECRET)
    make_answer(section, SECRET, visibility="staff")
    make_answer(section, SECRET, visibility="team", team_id=house.roads.pk)
    make_answer(make_section(make_authority("Stadt Anderswo", "AW")), SECRET)
    archive_answer(answer_id=make_answer(section, SECRET).pk, user=house.anna)
    mine = make_answer(section, SECRET, visibility="account")
    index_everything()

    assert proposed(house, TYPED) == ""
    assert proposed(house, TYPED, signed_in=True) == "Kanarienvogel"
    # The tables decide, also while the index is behind them.
    Answer.objects.filter(pk=mine.pk).update(visibility="staff")
    assert proposed(house, TYPED, signed_in=True) == ""


def test_what_would_find_no_more_is_not_proposed(house: House) -> None:
    section = make_section(house.authority)
    make_answer(section, DOG)
    make_answer(section, TextDraft("Bauantrag stellen", "Kurz", "<p>Für Ihr Haus.</p>"))
    index_everything()

    # Something is found for a part of it already; with "Hundesteuer" it would be no more.
    assert proposed(house, "Hundesteuerr Waschbär") == ""


def test_without_an_index_nothing_is_proposed(house: House) -> None:
    make_answer(make_section(house.authority), DOG)
    begin_anew()

    assert proposed(house, "Hundestuer") == ""


def test_a_shared_text_is_proposed_as_readers_see_it_and_never_by_its_name(house: House) -> None:
    create_snippet(
        authority_id=house.authority.pk,
        name="gebuehrenordnung",
        about="",
        bodies={"de": "<p>Verwaltungskosten fallen an.</p>"},
        user=house.anna,
    )
    text = TextDraft("Reisepass", "Kurz", "<p>{{ gebuehrenordnung }}</p>")
    make_answer(make_section(house.authority), text)
    index_everything()

    assert proposed(house, "Verwaltungsgosten") == "Verwaltungskosten"
    assert proposed(house, "Gebührenortnung") == ""
