"""Finds personal data in a text, so that it can be taken out before the text is shown to others.

Mail addresses, telephone and account numbers, licence plates, streets with a house number, names
behind a form of address or below a greeting, and names that are known. It marks rather too much:
a person looks at what was found. Pure, and linear in the length of the text.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a piece of text tells of a person."""

    MAIL = "mail"
    PHONE = "phone"
    ACCOUNT = "account"
    PLATE = "plate"
    ADDRESS = "address"
    NAME = "name"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Found:
    """A piece of personal data: where it stands, what it is."""

    start: int
    end: int
    kind: Kind
    text: str


_NAME = r"[^\W\d_a-z][^\W\d_A-Z]{1,30}(?:-[^\W\d_a-z][^\W\d_A-Z]{1,30})?"
_STREETS = (
    r"[Ss]tra(?:ß|ss)e|[Ss]tr\.|[Ww]eg|[Pp]latz|[Aa]llee|[Gg]asse|[Rr]ing|[Uu]fer|[Dd]amm|[Hh]of"
    r"|[Mm]arkt"
)
# Each begins with something that a text holds seldom, and each repetition is bounded.
_PATTERNS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    (Kind.MAIL, re.compile(r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")),
    (Kind.ACCOUNT, re.compile(r"\b[A-Z]{2}\d{2}(?: ?[0-9A-Z]{4}){3,7}(?: ?[0-9A-Z]{1,3})?\b")),
    (
        Kind.PHONE,
        re.compile(r"(?<![\w.,-])(?:\+\d{1,3}|\(?0\d)[\d ()/-]{5,22}\d(?![\w-])"),
    ),
    (Kind.PLATE, re.compile(r"\b[A-ZÄÖÜ]{1,3}[- ][A-Z]{1,2}[ -]?[1-9]\d{0,3}[EH]?\b")),
    (
        Kind.ADDRESS,
        re.compile(
            r"\b(?:[A-ZÄÖÜ][\w.]{1,30}[ -]){0,3}"
            rf"[A-ZÄÖÜ]?[\w-]{{0,30}}(?:{_STREETS}) ?\d{{1,4}} ?[a-z]?\b"
            r"(?:,? ?\d{5} [A-ZÄÖÜ][\w-]{1,30})?"
        ),
    ),
    (Kind.ADDRESS, re.compile(r"\b\d{5} [A-ZÄÖÜ][\w-]{2,30}")),
    (
        Kind.NAME,
        re.compile(
            r"\b(?:Frau|Herrn?|Familie|Mrs?\.?|Ms\.?)\s(?:Dr\.\s|Prof\.\s){0,2}"
            rf"({_NAME}(?: {_NAME}){{0,2}})"
        ),
    ),
    (
        Kind.NAME,
        re.compile(
            r"(?:Grüßen|Grüße|Gruß|Regards|regards|Dank|MfG|VG|LG),?[ \t]*\n\s{0,4}"
            rf"({_NAME}(?: {_NAME}){{0,3}})"
        ),
    ),
    (Kind.NUMBER, re.compile(r"\b(?=[A-Z0-9-]{0,24}\d)[A-Z]{1,4}-?[0-9][0-9A-Z-]{5,24}\b")),
    (Kind.NUMBER, re.compile(r"(?<![\w.,])\d{6,20}(?![\w,])")),
)


def find_personal(text: str, *, names: Iterable[str] = ()) -> list[Found]:
    """Return what was found, in order and without overlaps; ``names`` are those of people known."""
    found = sorted(
        [*_known(text, names), *_by_patterns(text)], key=lambda one: (one.start, -one.end)
    )
    kept: list[Found] = []
    for one in found:
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
    return kept


def _by_patterns(text: str) -> Iterator[Found]:
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            group = 1 if pattern.groups else 0
            yield Found(match.start(group), match.end(group), kind, match[group])


def _known(text: str, names: Iterable[str]) -> Iterator[Found]:
    """Yield where a known name stands, whole or each of its parts of three letters or more."""
    words = {part for name in names for part in re.findall(r"[^\W\d_]{3,40}", name)}
    whole = {name.strip() for name in names if len(name.strip()) >= len("Li X")}
    for word in sorted(whole | words, key=len, reverse=True):
        for match in re.finditer(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE):
            yield Found(match.start(), match.end(), Kind.NAME, match[0])
