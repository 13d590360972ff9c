"""Operators of conditions: what each says yes to, and that none of them executes anything."""

import pytest

from helpdesk.lib.conditions import OPERATORS, TEXT, compile_condition, fold


@pytest.mark.parametrize(
    "operator, value, yes, no",
    [
        ("contains", "Rechnung", "Ihre RECHNUNG Nr. 5", "Ihre Quittung"),
        ("is", "noreply@shop.example", "NoReply@Shop.example", "noreply@shop.example.org"),
        ("starts", "[SPAM]", "[spam] Gewinn", "Kein [SPAM]"),
        ("ends", ".zip", "rechnung.ZIP", "rechnung.zip.pdf"),
        ("matches", "*@*.shop.example", "a@b.shop.example", "a@shop.example"),
        ("matches", "Bestellung * vom *", "Bestellung 17 vom 3. Mai", "Bestellung 17"),
        ("at_least", "100", "100", "99"),
        ("at_most", "100", "100", "101"),
        ("present", "", "x", " "),
    ],
)
def test_operator_says_yes_and_no(operator: str, value: str, yes: str, no: str) -> None:
    test = compile_condition(operator, value)

    assert test([fold(yes)])
    assert not test([fold(no)])


@pytest.mark.parametrize(
    "operator, value", [("contains_not", "zip"), ("is_not", "a.zip"), ("absent", "")]
)
def test_negative_operator_wants_none_of_several_texts(operator: str, value: str) -> None:
    test = compile_condition(operator, value)

    assert test([])
    assert not test(["b.pdf", "a.zip"])


def test_positive_operator_is_content_with_one_of_several_texts() -> None:
    test = compile_condition("ends", ".zip")

    assert test(["b.pdf", "a.zip"])
    assert not test([])


@pytest.mark.parametrize("value", ["(a+)+$", "[", "{{ x }}", "%s", "__import__('os')", "\\d+"])
@pytest.mark.parametrize("operator", [each for each in TEXT if OPERATORS[each].takes_value])
def test_value_is_compared_and_never_interpreted(operator: str, value: str) -> None:
    test = compile_condition(operator, value)

    assert test([fold(value)]) is not OPERATORS[operator].is_negative
    assert test(["aaaa"]) is OPERATORS[operator].is_negative


def test_pattern_of_many_stars_walks_once_over_a_long_text() -> None:
    text = "a" * 1_000_000

    # A matcher that tries every split would not come back in this life.
    assert not compile_condition("matches", "*a" * 90 + "*b")([text])
    assert compile_condition("matches", "*a" * 90 + "*")([text])


@pytest.mark.parametrize(
    "pattern, text, fits",
    [
        ("*", "", True),
        ("a*a", "a", False),
        ("a*a", "aa", True),
        ("*ab*ab*", "xabyabz", True),
        ("*ab*ab*", "xabyz", False),
        ("ab", "abc", False),
    ],
)
def test_pattern_pieces_never_overlap(pattern: str, text: str, *, fits: bool) -> None:
    assert compile_condition("matches", pattern)([text]) is fits
