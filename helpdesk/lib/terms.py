"""The terms by which a person is found while somebody types: folded words, ends of numbers."""

import re
import unicodedata

MAX_TERM = 40
# Fewer digits fit too many numbers; fewer letters too many names.
FEWEST_DIGITS = 3
FEWEST_LETTERS = 2
# Nobody has more words in name and address; a whole text in the field must not become rows.
MAX_TERMS = 60

_GERMAN = str.maketrans(
    {
        "ä": "ae",
        "ö": "oe",
        "ü": "ue",
        "\N{LATIN SMALL LETTER DOTLESS I}": "i",
        "ø": "o",
        "ł": "l",
        "đ": "d",
    }
)
_ONE_SOUND = str.maketrans({"-": " ", "'": "", "’": ""})
_WORD = re.compile(r"[^\W_]+")
_NUMBER = re.compile(r"[+(]?\d[\d\s()/.+-]*\Z")
_NOT_DIGITS = re.compile(r"\D+")


def fold(text: str) -> str:
    """Return ``text`` so that Müller, Mueller and Muller are one, whatever their case."""
    composed = unicodedata.normalize("NFC", text).casefold().translate(_GERMAN)
    for written, sound in (("ae", "a"), ("oe", "o"), ("ue", "u")):
        composed = composed.replace(written, sound)
    apart = unicodedata.normalize("NFKD", composed)
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


def words_of(text: str) -> list[str]:
    """Return the folded words of a name or an address, each once, in their order."""
    found = _WORD.findall(fold(text.translate(_ONE_SOUND)))
    return list(dict.fromkeys(word[:MAX_TERM] for word in found))[:MAX_TERMS]


def name_terms(text: str) -> list[str]:
    """Return the terms of a name or postal address."""
    return words_of(text)


def mail_terms(address: str) -> list[str]:
    """Return the terms of a mail address: the whole, and the words before the @."""
    whole = address.casefold()[:MAX_TERM]
    return list(dict.fromkeys([whole, *words_of(address.partition("@")[0])]))


def phone_terms(number: str) -> list[str]:
    """Return every end of a normalised number, and its national form, so that any part is found.

    A part of a number is the beginning of one of its ends.
    """
    digits = _NOT_DIGITS.sub("", number)[:MAX_TERM]
    ends = [digits[at:] for at in range(len(digits) - FEWEST_DIGITS + 1)]
    if number.startswith("+49"):
        ends.append(f"0{digits[2:]}")
    return list(dict.fromkeys(ends))


def is_number(typed: str) -> bool:
    """Tell whether somebody types a phone number: digits and the signs between them."""
    return bool(_NUMBER.match(typed.strip()))


def asked_terms(typed: str) -> list[str]:
    """Return what must begin terms of the person that ``typed`` looks for; nothing if too short."""
    if is_number(typed):
        digits = _NOT_DIGITS.sub("", typed)[:MAX_TERM]
        digits = digits.removeprefix("00")
        return [digits] if len(digits) >= FEWEST_DIGITS else []
    if "@" in typed and " " not in typed.strip():
        return [typed.strip().casefold()[:MAX_TERM]]
    return [word for word in words_of(typed) if _is_long_enough(word)]


def _is_long_enough(word: str) -> bool:
    return len(word) >= (FEWEST_DIGITS if word.isdigit() else FEWEST_LETTERS)
