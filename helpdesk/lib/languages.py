"""The languages in which citizens are spoken to, each named in its own words.

Two are whole: the desk, too, speaks them. The others are those of the citizens' pages and mails,
and an authority offers those it wants.
"""

from collections.abc import Iterable, Sequence
from typing import Final

WHOLE: Final = ("de", "en")
FURTHER: Final = ("tr", "uk", "ar", "fr")
NAMES: Final = {
    "de": "Deutsch",
    "en": "English",
    "tr": "Türkçe",
    "uk": "Українська",
    "ar": "العربية",
    "fr": "Français",
}
RIGHT_TO_LEFT: Final = frozenset({"ar"})


def direction(language: str) -> str:
    """Return the direction in which a language is written, as HTML names it."""
    return "rtl" if language[:2] in RIGHT_TO_LEFT else "ltr"


def first_offered(wanted: Iterable[str], offered: Sequence[str]) -> str:
    """Return the first wanted language that is offered, whatever its region; the first of all else.

    ``wanted`` holds tags such as "fr-CA" (RFC 9110, section 12.5.4), the most wanted first.
    """
    codes = (tag.partition("-")[0].lower() for tag in wanted)
    return next((code for code in codes if code in offered), offered[0])
