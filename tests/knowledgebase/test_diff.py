"""What changed between two texts, word by word."""

import pytest

from knowledgebase.diff import Change, Line, compare

SAME, GONE, NEW = Change.SAME, Change.GONE, Change.NEW


def shown(lines: list[Line]) -> list[list[tuple[str, str]] | int]:
    return [
        line.left_out or [(str(piece.change), piece.text) for piece in line.pieces]
        for line in lines
    ]


def test_a_changed_word_is_marked_within_its_line() -> None:
    lines = compare("Der Pass kostet 60 Euro.", "Der Pass kostet 70 Euro.")

    assert shown(lines) == [
        [("same", "Der Pass kostet "), ("gone", "60"), ("new", "70"), ("same", " Euro.")]
    ]


def test_words_that_changed_side_by_side_are_one_phrase() -> None:
    lines = compare(
        "Der Pass kostet siebzig Euro und mehr.", "Der Pass kostet neunzig Mark und mehr."
    )

    assert [(str(piece.change), piece.text) for piece in lines[0].pieces[1:3]] == [
        ("gone", "siebzig Euro"),
        ("new", "neunzig Mark"),
    ]


def test_lines_that_share_only_blanks_and_signs_went_and_came() -> None:
    lines = compare("Zweimal im Jahr, kostenfrei.", "Kurz und gut, neu gesagt.")

    assert [str(line.pieces[0].change) for line in lines] == ["gone", "new"]


def test_lines_that_stayed_are_left_out_but_beside_a_change() -> None:
    old = [f"Zeile {number}" for number in range(8)]

    lines = compare("\n".join(old), "\n".join([*old, "Ganz neu"]))

    assert shown(lines) == [7, [("same", "Zeile 7")], [("new", "Ganz neu")]]


def test_lines_with_little_in_common_went_and_came() -> None:
    lines = compare("Bitte Ausweis mitbringen", "Nur online möglich, ganz ohne Termin vor Ort")

    assert [str(line.pieces[0].change) for line in lines] == ["gone", "new"]


@pytest.mark.parametrize("text", ["", "Eine Zeile", "Eins\n\nZwei\n"])
def test_the_same_text_has_no_changes(text: str) -> None:
    assert compare(text, text) == []


def test_blank_lines_and_trailing_blanks_are_no_change() -> None:
    assert compare("Eins\n\nZwei", "Eins \nZwei") == []


def test_everything_is_new_where_nothing_was() -> None:
    assert shown(compare("", "Eins\nZwei")) == [[("new", "Eins")], [("new", "Zwei")]]


def test_both_texts_can_be_read_off_the_pieces() -> None:
    old, new = "Eins zwei drei\nvier fünf", "Eins drei\nvier fünf sechs\nsieben"

    lines = compare(old, new)

    for wanted, text in ((GONE, old), (NEW, new)):
        kept = [
            "".join(piece.text for piece in line.pieces if piece.change in {SAME, wanted})
            for line in lines
        ]
        assert [line for line in kept if line] == text.split("\n")


def test_texts_made_to_be_slow_are_compared_as_a_whole() -> None:
    words = " ".join(["a b"] * 50_000)

    lines = compare(words, f"b {words}")
    many = compare("x\n" * 5_000, "y\n" * 5_000)

    assert [str(line.pieces[0].change) for line in lines] == ["gone", "new"]
    assert len(many) == 10_000
