"""What both engines must do alike."""

from typing import Any

import pytest

from helpdesk.search.engines import engine
from helpdesk.search.find import Scope, search
from tests.helpdesk.search.making import KIND, META, begin_anew, thing, write

pytestmark = [pytest.mark.both_engines, pytest.mark.django_db]
EVERYBODY = Scope(keys=(("open",),))


@pytest.fixture(autouse=True)
def _empty() -> None:
    begin_anew()


def found(text: str, scope: Scope = EVERYBODY, **options: Any) -> list[int]:
    return [hit.id for hit in search(text, kind=KIND, scope=scope, **options).hits]


def test_search_without_an_index_says_so() -> None:
    result = search("Haus", kind=KIND, scope=EVERYBODY)

    assert (list(result.hits), result.is_ready) == ([], False)


def test_search_finds_compounds_umlauts_and_word_order() -> None:
    write([thing(1, "Sperrmüllabholung anmelden"), thing(2, "Biotonne leeren")])

    assert found("sperrmuell abholung") == [1]
    assert found("Abholung Sperrmüll") == [1]
    assert found("Tonne") == [2]


def test_search_ranks_the_heading_before_notes_before_the_text() -> None:
    write(
        [
            thing(1, "Etwas anderes", "hier steht Laterne im Text"),
            thing(2, "Noch etwas", noted="Laterne"),
            thing(3, "Laterne"),
        ]
    )

    assert found("Laterne") == [3, 2, 1]


def test_search_ranks_what_says_nothing_else_first_then_the_newest() -> None:
    write(
        [
            thing(1, "Reisepass beantragen und verlängern", rank=9),
            thing(2, "Reisepass", rank=1),
            thing(3, "Reisepass verloren", rank=5),
            thing(4, "Reisepass gestohlen", rank=7),
        ]
    )

    assert found("Reisepass") == [2, 4, 3, 1]


def test_search_ranks_a_compound_written_whole_before_its_parts() -> None:
    write(
        [thing(1, "Müll, der sperrig ist: Sperr und Müll"), thing(2, "Wohin mit Sperrmüll heute")]
    )

    assert found("Sperrmüll")[0] == 2


def test_search_takes_a_mistyped_word_for_what_was_meant_only_when_it_finds_nothing() -> None:
    write([thing(1, "Führerschein umtauschen"), thing(2, "Fürherschein")])

    assert found("Fürherschein") == [2]
    assert found("Führerschien") == [1]
    result = search("Fuhrerscheim", kind=KIND, scope=EVERYBODY)
    assert ([hit.id for hit in result.hits], result.is_guessed) == ([1], True)


def test_search_falls_back_to_a_part_of_what_was_asked() -> None:
    write([thing(1, "Reisepass Kosten"), thing(2, "Hundesteuer")])

    assert found("Reisepass Kosten Wochenende") == [1]


def test_search_while_typing_takes_the_last_word_as_a_beginning() -> None:
    write([thing(1, "Sperrmüllabholung"), thing(2, "Spielplatz")])

    assert found("sperrmü", typing=True) == [1]
    assert found("sp", typing=True) == [2, 1]
    assert found("sperrmü") == []


def test_search_finds_only_what_has_a_key_of_each_set_and_the_rank() -> None:
    write(
        [
            thing(1, "Baum", keys=("team:1", "new"), rank=10),
            thing(2, "Baum", keys=("team:2", "new"), rank=20),
            thing(3, "Baum", keys=("team:1", "old"), rank=30),
        ]
    )

    assert found("Baum", Scope((("team:1",),))) == [3, 1]
    assert found("Baum", Scope((("team:1", "team:2"), ("new",)))) == [2, 1]
    assert found("Baum", Scope((("team:1",), ("new",)))) == [1]
    assert found("Baum", Scope((("team:1", "team:2"),), newest=20)) == [3, 2]
    assert found("Baum", Scope(((),))) == []


def test_search_by_rank_finds_the_newest_of_all_and_not_of_the_best() -> None:
    write(
        [
            thing(1, "Reisepass", rank=1),
            thing(2, "Etwas anderes", "mit Reisepass im Text", rank=3),
            thing(3, "Reisepass verloren", rank=2),
        ]
    )
    by_rank = Scope(EVERYBODY.keys, by_rank=True)

    assert found("Reisepass", by_rank) == [2, 3, 1]
    assert found("Reisepass", by_rank, limit=1) == [2]
    assert found("Reisepass", limit=1) == [1]


def test_write_replaces_a_document_and_takes_out_what_is_gone() -> None:
    write([thing(1, "Alt"), thing(2, "Weg"), thing(3, "Bleibt")])

    write([thing(1, "Jung")], gone=[2])

    assert [found(word) for word in ("Alt", "Jung", "Weg", "Bleibt")] == [[], [1], [], [3]]
    assert sorted(engine().ids(KIND)) == [1, 3]


def test_write_keeps_the_languages_of_one_document_together() -> None:
    write([thing(1, "Reisepass", language="de"), thing(1, "Passport", language="en")])

    hits = search("Passport", kind=KIND, scope=EVERYBODY).hits
    write([], gone=[1])

    assert [(hit.id, hit.language) for hit in hits] == [(1, "en")]
    assert list(engine().ids(KIND)) == []


def test_meta_is_what_was_written_last() -> None:
    assert engine().meta() is None

    write([thing(1, "Haus")])

    assert engine().meta() == META


@pytest.mark.parametrize(
    "text",
    [
        "", "   ", "der die das", "🙂", "& | ! ( '", "\\", "a' OR 'x", "x:*", "<->", "\x00", "%_",
        "h:haus", "=kind:thing", "'" * 500, "wort " * 2000, "ü" * 10_000, "\ud800", "haus\u202e",
    ],
)  # fmt: skip
def test_search_of_anything_typed_is_an_answer_and_no_error(text: str) -> None:
    write([thing(1, "Haus")])

    for typing in (False, True):
        assert search(text, kind=KIND, scope=EVERYBODY, typing=typing).is_ready


def test_search_hands_over_the_best_and_no_more() -> None:
    write([thing(number, "Haus", rank=number) for number in range(1, 8)])

    assert found("Haus", limit=3) == [7, 6, 5]


def test_other_ways_to_ask_are_met_as_well_and_count_a_little_less() -> None:
    write([thing(1, "Sperrmüll abholen"), thing(2, "Großes Zeug wegbringen"), thing(3, "Anderes")])

    both = search("Sperrmüll", kind=KIND, scope=EVERYBODY, variants=["großes Zeug", "…"])
    guessed = search("Sperrmull abhollen", kind=KIND, scope=EVERYBODY, variants=["Nirgends"])

    assert [hit.id for hit in both.hits] == [1, 2]
    assert both.hits[0].score > both.hits[1].score
    assert [hit.id for hit in guessed.hits] == [1]
