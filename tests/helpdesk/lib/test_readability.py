"""How hard a text is to read: plain sentences are easy, those of an office are not."""

import pytest

from helpdesk.lib.readability import LONG_SENTENCE, read_level, syllables
from tests.helpdesk.lib.ratio import assert_linear

EASY = (
    "Sie wollen einen neuen Pass. Dann gehen Sie zum Amt. Bringen Sie ein Foto mit. "
    "Der Pass kostet 70 Euro. Sie können ihn nach vier Wochen holen. "
    "Wir rufen Sie an, wenn er da ist. Haben Sie noch eine Frage? Dann rufen Sie uns an."
)
HARD = (
    "Die Beantragung der Ausnahmegenehmigung erfolgt unter Vorlage der erforderlichen "
    "Nachweisunterlagen bei der zuständigen Straßenverkehrsbehörde, die nach Abschluss der "
    "Anhörung der betroffenen Baulastträger über die Erteilung der beantragten Genehmigung "
    "entscheidet. Gegen die ablehnende Entscheidung kann innerhalb eines Monats nach Bekanntgabe "
    "Widerspruch eingelegt werden."
)


@pytest.mark.parametrize(
    "word,count",
    [
        ("Pass", 1),
        ("Auto", 2),
        ("Häuser", 2),
        ("Bürgerbüro", 4),
        ("Straßenverkehrsbehörde", 7),
        ("Tee", 1),
        ("bzw", 1),
    ],
)
def test_syllables_are_counted_by_their_vowels(word: str, count: int) -> None:
    assert syllables(word) == count


def test_an_easy_text_has_a_low_grade_and_nothing_to_put_right() -> None:
    easy = read_level(EASY)

    assert easy is not None
    assert easy.grade <= 5
    assert (easy.sentences, easy.words) == ((), ())


def test_a_hard_text_has_a_high_grade_and_names_what_makes_it_hard() -> None:
    hard = read_level(HARD)

    assert hard is not None
    assert hard.grade >= 13
    (longest,) = hard.sentences
    assert longest.startswith("Die Beantragung")
    assert len(longest.split()) >= LONG_SENTENCE
    assert hard.words == ("Straßenverkehrsbehörde", "Ausnahmegenehmigung", "Nachweisunterlagen")


def test_headings_and_points_of_lists_are_no_sentences() -> None:
    listed = f"Was Sie brauchen\n- Foto\n- alter Pass\n{EASY}\n- Vollmacht"

    assert read_level(listed) == read_level(EASY)


def test_short_forms_end_no_sentence() -> None:
    text = f"{EASY} Das gilt z. B. für Kinder bis 12 Jahre nach Nr. 5 der Liste vom 12. Mai."

    shown = read_level(text)

    assert shown is not None
    assert shown.sentences == ()


@pytest.mark.parametrize("text", ["", "Kurz.", "1 2 3", "!? " * 50, "Wort " * 39])
def test_of_too_little_text_nothing_is_said(text: str) -> None:
    assert read_level(text) is None


@pytest.mark.parametrize("piece", ["a", "a ", "A. ", "Wort. ", "\n", "-a", "ie"])
def test_reading_takes_time_in_proportion_to_the_text(piece: str) -> None:
    assert_linear(read_level, piece)
