"""German analysis: what is typed finds what was written, whichever way either is spelt."""

import re
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from helpdesk.lib.german import (
    _TOKEN,
    LONGEST_ADDRESS,
    MOST_DIFFERENT,
    Sought,
    different_words,
    fold,
    query_tokens,
    split,
    stem,
    tokens,
    words,
)
from tests.helpdesk.lib.ratio import assert_linear

TEXTS = st.text(max_size=200)
TYPED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


# The signs on which the kinds of words border.
BORDERS = st.text("aä7 .,@-+%_'\u2019\u00ad\u0308(/:\nß", max_size=40)


def finds(query: str, text: str) -> bool:
    return set(query_tokens(query)) <= set(tokens(text))


@pytest.mark.parametrize(
    "query,text",
    [
        ("sperrmuell abholung", "Sperrmüllabholung"),
        ("Sperrmüllabholung", "die Abholung von Sperrmüll"),
        ("Müll", "Restmülltonne"),
        ("Gebühr", "Gebührenbescheid"),
        ("Gebühren", "eine Gebühr"),
        ("haeuser", "das Haus"),
        ("Haus", "Häuser"),
        ("Laterne", "Straßenlaternen"),
        ("strassenlaterne", "Die Laterne in unserer Straße"),
        ("Lindenstr. 14", "Lindenstraße 14"),
        ("Muller", "Mueller"),
        ("Yildiz", "Yıldız"),
        ("Wolanski", "Wołański"),
        ("0171 5550132", "Tel. +49 171 555-0132"),
        ("2026-000123", "zu Anliegen 2026-000123"),
        ("mu-7k4p-2q", "Ihre Nummer: MU-7K4P-2Q."),
        ("Clara@Example.org", "<clara@example.org>"),
        ("example.org", "clara@example.org"),
        ("12.10.2026", "am 12.10.2026, 14 Uhr"),
        ("Bürgerbüros", "Buergerbuero"),
        ("Schule", "Schulanmeldung"),
        ("neu", "die neue Mauer"),
    ],
)
def test_query_tokens_find_what_a_person_means(query: str, text: str) -> None:
    assert finds(query, text)


@pytest.mark.parametrize(
    "query,text",
    [
        ("Sperrmüllabholung", "Sperrmüll"),
        ("Sport", "Ort"),
        ("Auto", "Automat"),
        ("000124", "2026-000123"),
        ("Mauer", "Maus"),
    ],
)
def test_query_tokens_do_not_find_what_only_looks_alike(query: str, text: str) -> None:
    assert not finds(query, text)


def test_tokens_keep_the_compound_beside_its_parts_and_queries_do_not() -> None:
    assert tokens("Sperrmüllabholung") == ["sperrmullabhol", "sperr", "mull", "abhol"]
    assert query_tokens("Sperrmüllabholung") == ["sperr", "mull", "abhol"]


@pytest.mark.parametrize("text", ["", " ", "der die das und", "?!… — 🙂", "a b c", "& | ! ( '"])
def test_tokens_of_what_nobody_searches_for_are_none(text: str) -> None:
    assert tokens(text) == []


@pytest.mark.parametrize(
    "word,parts",
    [
        ("hundesteuer", ("hund", "steuer")),
        ("strassenlaterne", ("strassen", "laterne")),
        ("anwohnerparkausweis", ("anwohner", "park", "ausweis")),
        ("personal", ()),
        ("kanalratte", ("kanal", "ratte")),
        ("xylofonhaus", ()),
    ],
)
def test_split_takes_apart_only_what_it_knows_whole(word: str, parts: tuple[str, ...]) -> None:
    found = split(word)

    assert len(found) == len(parts)
    assert [stem(one) for one in found] == [stem(one) for one in parts]


@given(TEXTS)
def test_a_text_is_found_by_itself(text: str) -> None:
    assert set(query_tokens(text)) <= set(tokens(text))


@given(TEXTS)
def test_umlauts_may_be_typed_either_way(text: str) -> None:
    lowered = text.casefold()

    assert tokens(lowered.replace("ß", "ss")) == tokens(lowered)


@given(st.sampled_from(["Gebühr", "Sperrmüll", "Häuser", "Straße", "Bürgerbüro", "Ölofen", "Öl"]))
def test_typed_umlauts_are_umlauts(word: str) -> None:
    assert tokens(word.casefold().translate(TYPED)) == tokens(word) == tokens(word.upper())


@given(TEXTS)
def test_fold_is_stable_and_knows_no_marks(text: str) -> None:
    folded = fold(text)

    assert fold(folded.replace("e", "i")) == folded.replace("e", "i")
    assert not set("äöüßÄÖÜ") & set(folded)


@given(TEXTS)
def test_words_name_their_places_in_order(text: str) -> None:
    found = list(words(text))

    assert [word.start for word in found] == sorted(word.start for word in found)
    assert all(0 <= word.start < word.end <= len(text) for word in found)
    assert all(term and len(term) <= LONGEST_ADDRESS for word in found for term in word.terms)


@pytest.mark.parametrize(
    "piece",
    ["a", "1 ", "1-", "a-", "a.", "@", "_", "+1(", "1.1,", "a1-", "haus", "a\u0301", "x@y.", "Öl "],
)
def test_tokens_take_time_in_proportion_to_the_text(piece: str) -> None:
    assert_linear(tokens, piece)


def test_tokens_of_endless_new_words_stop_at_a_bound() -> None:
    text = " ".join(f"wort{chr(97 + n % 26)}{n}" for n in range(MOST_DIFFERENT + 500))

    assert len(set(tokens(text))) == MOST_DIFFERENT


def test_threads_that_stem_at_once_get_what_each_gets_alone() -> None:
    batches = [[f"beschwerden{'en' * (i % 3)}ungen{k}er" for i in range(400)] for k in range(4)]
    words_of_all = [word for batch in batches for word in batch]
    alone = {word: stem.__wrapped__(word) for word in words_of_all}
    patience = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(len(batches)) as pool:
            found = list(pool.map(lambda batch: [stem.__wrapped__(one) for one in batch], batches))
    finally:
        sys.setswitchinterval(patience)

    assert [stemmed for batch in found for stemmed in batch] == [
        alone[word] for word in words_of_all
    ]


@given(BORDERS | TEXTS)
@example("name.@docomo.example")
def test_the_quick_way_to_a_word_takes_none_that_is_read_otherwise(text: str) -> None:
    plain, _, others = _TOKEN.pattern.partition("| (?P<mail>")
    assert "(?P<plain>" in plain
    slow = re.compile(f"(?P<mail>{others}", re.VERBOSE)

    found = [(match.span(), match.lastgroup) for match in _TOKEN.finditer(text)]

    quick = [(span, "word" if kind == "plain" else kind) for span, kind in found]
    assert quick == [(match.span(), match.lastgroup) for match in slow.finditer(text)]


@given(TEXTS)
def test_different_words_are_the_words_each_at_its_first_place(text: str) -> None:
    first = {text[word.start : word.end]: word for word in reversed(list(words(text)))}

    assert list(different_words(text)) == sorted(first.values(), key=lambda word: word.start)


def test_of_very_many_different_words_the_first_are_read() -> None:
    found = list(different_words(" ".join(f"wort{number}" for number in range(MOST_DIFFERENT + 9))))

    assert len(found) == MOST_DIFFERENT


# A number with blanks within is one word to who seeks it, and several to anybody else.
NUMBER_WITH_BLANKS = re.compile(r"[\d/()-] [\d/()-]")


@given(st.lists(BORDERS | TEXTS, min_size=1, max_size=3), st.data())
def test_sought_words_are_those_of_each_text_that_have_one_of_the_terms(
    texts: list[str], data: st.DataObject
) -> None:
    assume(not any(NUMBER_WITH_BLANKS.search(text) for text in texts))
    known = sorted({term for text in texts for word in words(text) for term in word.terms})
    terms = data.draw(st.frozensets(st.sampled_from([*known, "haus"]), max_size=4))
    sought = Sought(terms)

    found = [list(sought.among(text)) for text in texts]

    assert found == [[word for word in words(text) if terms & {*word.terms}] for text in texts]


def test_sought_numbers_are_found_with_blanks_within() -> None:
    found = list(Sought(frozenset({"01715550132", "haus"})).among("Haus: 0171/555 0132."))

    assert [(word.start, word.end) for word in found] == [(0, 4), (6, 19)]
