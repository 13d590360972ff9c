"""Terms by which people are found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.lib.terms import (
    FEWEST_DIGITS,
    MAX_TERM,
    asked_terms,
    fold,
    mail_terms,
    name_terms,
    phone_terms,
)


@pytest.mark.parametrize(
    "written",
    ["Müller", "MUELLER", "Muller", "mu\N{COMBINING DIAERESIS}ller"],
)
def test_fold_makes_one_of_every_way_to_write_a_name(written: str) -> None:
    assert fold(written) == "muller"


@pytest.mark.parametrize(
    "written,folded",
    [
        ("Weiß", "weiss"),
        ("Yıldız", "yildiz"),
        ("Ołena Łuk", "olena luk"),
        ("C\N{COMBINING BREVE}", "c"),
    ],
)
def test_fold_takes_signs_off_letters_of_many_languages(written: str, folded: str) -> None:
    assert fold(written) == folded


def test_name_terms_are_the_words_each_once() -> None:
    assert name_terms("Anna-Maria O’Neil, Anna") == ["anna", "maria", "oneil"]


def test_mail_terms_find_the_whole_and_the_words_before_the_at() -> None:
    assert mail_terms("Petra.Lindner@Example.org") == [
        "petra.lindner@example.org",
        "petra",
        "lindner",
    ]


@pytest.mark.parametrize(
    "typed",
    ["0171 555", "+49171", "0049 171", "0132", "5550", "171-5550132", "(0171) 5550132"],
)
def test_any_part_of_a_number_is_the_beginning_of_one_of_its_terms(typed: str) -> None:
    terms = phone_terms("+491715550132")

    [asked] = asked_terms(typed)

    assert any(term.startswith(asked) for term in terms)


@pytest.mark.parametrize("typed", ["", "1", "01", "M", "  ", "#", "-"])
def test_what_is_too_short_asks_for_nothing(typed: str) -> None:
    assert asked_terms(typed) == []


def test_asked_terms_of_a_name_with_a_street_are_its_words() -> None:
    assert asked_terms("Meyer Lindenstr. 14") == ["meyer", "lindenstr"]


@given(st.text(alphabet="0123456789", min_size=FEWEST_DIGITS, max_size=14), st.data())
def test_every_part_of_a_number_is_found(digits: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(digits) - FEWEST_DIGITS))
    end = data.draw(st.integers(start + FEWEST_DIGITS, len(digits)))

    terms = phone_terms(f"+{digits}")

    assert any(term.startswith(digits[start:end]) for term in terms)


@given(st.text(max_size=300))
def test_terms_are_never_longer_than_their_column(text: str) -> None:
    every = [*name_terms(text), *mail_terms(text), *phone_terms(text), *asked_terms(text)]

    assert all(0 < len(term) <= MAX_TERM for term in every if term)
