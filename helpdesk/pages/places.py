"""The places a town knows: what somebody may have meant, and what lies outside.

Read from the town's own list; nothing is asked of anybody else. A place that the list does not
know is taken as it was written.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice

from django.db.models import QuerySet

from helpdesk.lib.german import fold
from helpdesk.pages.models import Border, KnownPlace

SHOWN = 6
SHORTEST = 3
# So long a place of a request may be.
LONGEST = 250
# Names with the same first letters are compared for slips of the finger, and this many at most.
SAME_LETTERS = 2
COMPARED = 500
ALIKE = 0.82
_NUMBER = re.compile(r"\s+(\d{1,4}\s?[a-z]?(?:\s?[-–/+]\s?\d{1,4}\s?[a-z]?)?)$", re.IGNORECASE)
_STREET = re.compile(r"str(?:\.|\b)")
_NO_LETTER = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Typed:
    """A place as somebody wrote it: "Linden Str. 12, Mitte" is street, number and the rest."""

    street: str
    number: str
    rest: str


@dataclass(frozen=True, slots=True)
class Recognised:
    """What the list knows of a typed place; nothing where it stands there once, or not at all.

    ``outside`` says who is responsible for what is not the town's.
    """

    choices: tuple[str, ...] = ()
    outside: str = ""


def read_place(text: str) -> Typed:
    """Return the parts of a typed place."""
    first, _comma, rest = text.partition(",")
    first = first.strip()
    found = _NUMBER.search(first)
    street = first[: found.start()] if found else first
    return Typed(street.strip(), found[1].strip() if found else "", rest.strip())


def key_of(name: str) -> str:
    """Return a name as it is compared: "Linden Str." and "Lindenstraße" are one."""
    return _NO_LETTER.sub("", _words(name))


def _words(text: str) -> str:
    return _STREET.sub("strasse ", fold(text))


def recognise(authority_id: int, text: str) -> Recognised:
    """Return what has to be asked about a typed place, and whether it lies outside."""
    typed = read_place(text)
    key = key_of(typed.street)
    own = list(_own(authority_id).filter(key=key)[: SHOWN + 1]) if key else []
    # "Kieler Straße" is a street of ours whatever lies in Kiel.
    outside = _outside(authority_id, typed.rest if own else text)
    if outside:
        return Recognised(outside=outside)
    if own:
        return Recognised(_among(own, typed))
    near = _beginning(authority_id, key) or _alike(authority_id, key)
    return Recognised(_choices(near, typed))


def suggest_places(authority_id: int, text: str) -> list[str]:
    """Return the addresses that begin with what has been typed so far."""
    typed = read_place(text)
    return [_address(row, typed) for row in _beginning(authority_id, key_of(typed.street))]


def is_beyond(border: Border | None, latitude: float, longitude: float) -> bool:
    """Tell whether a point lies outside of a town whose border is known."""
    if border is None or not border.rings:
        return False
    crossed = sum(_crosses(ring, latitude, longitude) for ring in border.rings)
    return crossed % 2 == 0


def border_of(authority_id: int) -> Border | None:
    """Return the border of a town, None where it is not known."""
    return Border.objects.filter(authority_id=authority_id).first()


def lines_of(authority_id: int, *, outside: bool) -> str:
    """Return the list as its administrator writes it, a place a line."""
    rows = KnownPlace.objects.filter(authority_id=authority_id).exclude(is_outside=not outside)
    second = "responsible" if outside else "part"
    found = rows.order_by("name", "part", "pk").values_list("name", second)
    return "\n".join(f"{name}; {more}" if more else name for name, more in found)


def _own(authority_id: int) -> QuerySet[KnownPlace]:
    rows = KnownPlace.objects.filter(authority_id=authority_id, is_outside=False)
    return rows.order_by("key", "part", "pk")


def _outside(authority_id: int, text: str) -> str:
    """Return who is responsible for a place outside that is named as whole words."""
    if not text:
        return ""
    said = f" {_NO_LETTER.sub(' ', _words(text)).strip()} "
    rows = KnownPlace.objects.filter(authority_id=authority_id, is_outside=True)
    for name, responsible in rows.order_by("pk").values_list("name", "responsible"):
        if f" {_NO_LETTER.sub(' ', _words(name)).strip()} " in said:
            return responsible
    return ""


def _among(own: Sequence[KnownPlace], typed: Typed) -> tuple[str, ...]:
    """Return the choice where a street is there several times and it was not said in which part."""
    if len(own) == 1 or any(row.part and key_of(row.part) in key_of(typed.rest) for row in own):
        return ()
    return _choices(own, typed)


def _choices(rows: Sequence[KnownPlace], typed: Typed) -> tuple[str, ...]:
    """Return the addresses to choose from, each with what else was written: nothing is lost by it.

    But for the part of town, which each names itself; none that is too long to be kept.
    """
    parts = {key_of(row.part) for row in rows if row.part}
    pieces = [piece.strip() for piece in typed.rest.split(",")]
    rest = [piece for piece in pieces if piece and key_of(piece) not in parts]
    found = (", ".join([_address(row, typed), *rest]) for row in rows)
    return tuple(dict.fromkeys(choice for choice in found if len(choice) <= LONGEST))


def _beginning(authority_id: int, key: str) -> list[KnownPlace]:
    if len(key) < SHORTEST:
        return []
    return list(_own(authority_id).filter(key__startswith=key)[:SHOWN])


def _alike(authority_id: int, key: str) -> list[KnownPlace]:
    if len(key) < SHORTEST:
        return []
    rows = list(_own(authority_id).filter(key__startswith=key[:SAME_LETTERS])[:COMPARED])
    keys = get_close_matches(key, [row.key for row in rows], n=SHOWN, cutoff=ALIKE)
    return list(islice((row for row in rows if row.key in keys), SHOWN))


def _address(row: KnownPlace, typed: Typed) -> str:
    name = f"{row.name} {typed.number}".strip()
    return f"{name}, {row.part}" if row.part else name


def _crosses(ring: Sequence[Sequence[float]], latitude: float, longitude: float) -> int:
    """Count how often a line to the east of a point crosses a ring of [longitude, latitude]."""
    ends = zip(ring, [*ring[1:], ring[0]], strict=True)
    return sum(
        (north > latitude) != (north_too > latitude)
        and longitude < (east_too - east) * (latitude - north) / (north_too - north) + east
        for (east, north), (east_too, north_too) in ends
    )
