"""Conditions as data: an operator, a value, and one test compiled of both; linear and safe.

What a person writes here is compared, never executed: there are no regular expressions.
A pattern knows one sign, ``*``, and is matched in one walk over the text.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

Test = Callable[[str], bool]

ANY = "*"


@dataclass(frozen=True, slots=True)
class Operator:
    """How a text is compared: ``make`` compiles a value into a test of one text.

    A field may have several texts (recipients, attachments): one that passes is
    enough, and with ``is_negative`` none of them may. ``takes_value`` is False where
    the mere presence counts.
    """

    make: Callable[[str], Test]
    is_negative: bool = False
    takes_value: bool = True


def fold(text: str) -> str:
    """Return text as it is compared: without regard to case."""
    return text.casefold()


def _contains(value: str) -> Test:
    return lambda text: value in text


def _equals(value: str) -> Test:
    return lambda text: text.strip() == value


def _starts(value: str) -> Test:
    return lambda text: text.lstrip().startswith(value)


def _ends(value: str) -> Test:
    return lambda text: text.rstrip().endswith(value)


def _matches(value: str) -> Test:
    pattern = value.split(ANY)
    return lambda text: matches_pattern(pattern, text)


def _is_present(_value: str) -> Test:
    return lambda text: bool(text.strip())


def _at_least(value: str) -> Test:
    limit = int(value)
    return lambda text: int(text) >= limit


def _at_most(value: str) -> Test:
    limit = int(value)
    return lambda text: int(text) <= limit


OPERATORS: dict[str, Operator] = {
    "contains": Operator(_contains),
    "contains_not": Operator(_contains, is_negative=True),
    "is": Operator(_equals),
    "is_not": Operator(_equals, is_negative=True),
    "starts": Operator(_starts),
    "ends": Operator(_ends),
    "matches": Operator(_matches),
    "present": Operator(_is_present, takes_value=False),
    "absent": Operator(_is_present, is_negative=True, takes_value=False),
    "at_least": Operator(_at_least),
    "at_most": Operator(_at_most),
}
TEXT = (
    *("contains", "contains_not", "is", "is_not", "starts", "ends", "matches"),
    *("present", "absent"),
)
CHOICE = ("is", "is_not")
NUMBER = ("at_least", "at_most")


def matches_pattern(pieces: list[str], text: str) -> bool:
    """Tell whether ``text`` is made of these pieces with anything between them.

    Each piece is looked for behind the one before it and never looked for again, so the
    time grows with the text and not with what the pattern makes of it.
    """
    first, *rest = pieces
    if not rest:
        return text == first
    *middle, last = rest
    if not text.startswith(first):
        return False
    at, end = len(first), len(text) - len(last)
    if end < at or not text.endswith(last):
        return False
    for piece in middle:
        found = text.find(piece, at, end)
        if found < 0:
            return False
        at = found + len(piece)
    return True


def compile_condition(operator: str, value: str) -> Callable[[Iterable[str]], bool]:
    """Return the test that tells whether the folded texts of a field meet a condition.

    Raises KeyError for an unknown operator, ValueError for a number that is none.
    """
    known = OPERATORS[operator]
    test = known.make(fold(value).strip())
    if known.is_negative:
        return lambda texts: not any(map(test, texts))
    return lambda texts: any(map(test, texts))
