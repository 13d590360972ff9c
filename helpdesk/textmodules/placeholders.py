"""The placeholders of text modules: a fixed list, replaced as plain text and nothing else.

No template engine ever sees a text module: ``{{buerger.anrede}}`` is looked up in a
mapping; whatever is not on the list stays as it was written and is reported.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

PLACEHOLDERS: Mapping[str, StrOrPromise] = {
    "buerger.anrede": _("salutation, as far as the name is known"),
    "buerger.name": _("name of the citizen"),
    "anliegen.nummer": _("number of the request"),
    "anliegen.kennung": _("reference the citizen was given"),
    "anliegen.betreff": _("subject of the request"),
    "anliegen.eingang": _("day on which it arrived"),
    "anliegen.link": _("address of the status page"),
    "mitarbeiter.name": _("your name"),
    "mitarbeiter.telefon": _("your phone number"),
    "team.name": _("name of the team"),
    "behoerde.name": _("name of the authority"),
    "behoerde.telefon": _("phone number of the authority"),
    "behoerde.anschrift": _("postal address of the authority"),
    "heute": _("today's date"),
    "termin": _("an appointment: you fill it in"),
    "frist": _("a date until which something is due: you fill it in"),
    "betrag": _("an amount: you fill it in"),
}
# Nobody but the agent knows these; they stay in the text until filled in.
BY_HAND = frozenset({"termin", "frist", "betrag"})

_PLACEHOLDER = re.compile(r"\{\{\s{0,5}([a-zäöüß_.]{1,40})\s{0,5}\}\}", re.IGNORECASE)
# Whatever stands between double braces, be it a name or not: no citizen should read that.
_OPEN = re.compile(r"\{\{[^{}]{1,200}\}\}")


@dataclass(frozen=True, slots=True)
class Filled:
    """A text with its placeholders replaced, and what could not be replaced."""

    text: str
    unknown: tuple[str, ...] = ()
    empty: tuple[str, ...] = ()


def find_placeholders(text: str) -> tuple[str, ...]:
    """Return the names of all placeholders in a text once each, in order."""
    return tuple(dict.fromkeys(found.group(1).lower() for found in _PLACEHOLDER.finditer(text)))


def find_open(text: str) -> tuple[str, ...]:
    """Return what still has to be filled in, as it stands in the text: "{{termin}}"."""
    return tuple(dict.fromkeys(found.group(0) for found in _OPEN.finditer(text)))


def unknown_placeholders(text: str) -> tuple[str, ...]:
    """Return those that no list knows; a citizen would read them as they are written."""
    return tuple(name for name in find_placeholders(text) if name not in PLACEHOLDERS)


def substitute(text: str, values: Mapping[str, str]) -> Filled:
    """Replace every known placeholder that has a value.

    A value is inserted as it is and never searched for placeholders again.
    Unknown ones and those without a value stay literally and are reported.
    """

    def value_of(found: re.Match[str]) -> str:
        name = found.group(1).lower()
        value = values.get(name, "") if name in PLACEHOLDERS else ""
        return value or found.group(0)

    names = find_placeholders(text)
    known = [name for name in names if name in PLACEHOLDERS]
    return Filled(
        text=_PLACEHOLDER.sub(value_of, text),
        unknown=tuple(name for name in names if name not in PLACEHOLDERS),
        empty=tuple(name for name in known if not values.get(name)),
    )
