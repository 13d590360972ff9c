"""Writing down the places a town knows, and where it ends."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from helpdesk.agents.changes import record_setting
from helpdesk.agents.models import Authority, User
from helpdesk.pages.models import Border, KnownPlace
from helpdesk.pages.places import border_of, key_of, lines_of

MOST_STREETS = 20_000
MOST_OUTSIDE = 200
MOST_POINTS = 20_000
LONGEST = {"name": 120, "part": 80, "responsible": 300}
LONGEST_KEY = 200
FEWEST_CORNERS = 3
DIGITS = 5

Ring = list[list[float]]


@dataclass(frozen=True, slots=True)
class PlaceDetails:
    """The lists, a place a line, and the border as GeoJSON (RFC 7946)."""

    streets: str = ""
    outside: str = ""
    border: str = ""
    beyond: str = ""


@transaction.atomic
def write_places(*, authority_id: int, details: PlaceDetails, user: User | None) -> None:
    """Keep these places and no others; raises ValidationError by field, with the line it is in."""
    Authority.objects.select_for_update().get(pk=authority_id)
    before = [lines_of(authority_id, outside=outside) for outside in (False, True)]
    own = _rows("streets", details.streets, ("name", "part"), MOST_STREETS)
    far = _rows("outside", details.outside, ("name", "responsible"), MOST_OUTSIDE)
    changed = _write_border(authority_id, details)
    KnownPlace.objects.filter(authority_id=authority_id).delete()
    for rows, outside in ((own, False), (far, True)):
        KnownPlace.objects.bulk_create(
            KnownPlace(
                authority_id=authority_id, is_outside=outside, key=key_of(row["name"]), **row
            )
            for row in rows
        )
    after = [lines_of(authority_id, outside=outside) for outside in (False, True)]
    pairs = zip(("streets", "outside"), before, after, strict=True)
    changed += [name for name, old, new in pairs if old != new]
    if changed:
        record_setting(
            subject=("authority", authority_id),
            authority_id=authority_id,
            user=user,
            action="changed",
            fields=changed,
        )


def _rows(field: str, text: str, names: tuple[str, str], most: int) -> list[dict[str, str]]:
    """Return the lines of a list without those that stand there twice."""
    found = list(dict.fromkeys(_read(field, text, names)))
    if len(found) > most:
        raise ValidationError({field: [_("At most %(most)d lines.") % {"most": most}]})
    return [dict(zip(names, row, strict=True)) for row in found]


def _read(field: str, text: str, names: tuple[str, str]) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(text.replace("\0", "").splitlines(), start=1):
        if not line.strip():
            continue
        parts = [" ".join(part.strip(' "').split()) for part in line.partition(";")[::2]]
        _check(field, number, dict(zip(names, parts, strict=True)))
        yield parts[0], parts[1]


def _check(field: str, number: int, row: dict[str, str]) -> None:
    told = {"number": number}
    if not key_of(row["name"]):
        raise ValidationError({field: [_("Line %(number)d begins with no name.") % told]})
    if field == "outside" and not row["responsible"]:
        sentence = _("Line %(number)d: write a semicolon and then who is responsible.") % told
        raise ValidationError({field: [sentence]})
    # A key may be longer than its name: "ß" is two letters in it.
    is_long = any(len(value) > LONGEST[name] for name, value in row.items())
    if is_long or len(key_of(row["name"])) > LONGEST_KEY:
        raise ValidationError({field: [_("Line %(number)d is too long; shorten it.") % told]})


def _write_border(authority_id: int, details: PlaceDetails) -> list[str]:
    rings = read_border(details.border)
    if rings and not details.beyond.strip():
        sentence = _("Say who is to be asked beyond the border.")
        raise ValidationError({"beyond": [sentence]})
    kept = border_of(authority_id)
    row = kept or Border(authority_id=authority_id)
    values = {"rings": rings, "beyond": details.beyond.strip()}
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    if changed:
        row.rings, row.beyond = rings, details.beyond.strip()
        row.save()
    return changed


def read_border(text: str) -> list[Ring]:
    """Return the rings of all areas in a GeoJSON text, none of an empty one."""
    if not text.strip():
        return []
    try:
        rings = [_ring(ring) for ring in _rings(json.loads(text))]
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
        raise ValidationError({"border": [_no_border()]}) from error
    if not rings or sum(map(len, rings)) > MOST_POINTS:
        raise ValidationError({"border": [_no_border()]})
    return rings


def _no_border() -> str:
    return _(
        "This is no area that we can read. Give GeoJSON with Polygon or MultiPolygon, in degrees"
        " (WGS 84), with %(most)d points at most."
    ) % {"most": MOST_POINTS}


def _rings(shape: dict[str, Any]) -> Iterator[Sequence[Any]]:
    kind = shape["type"]
    if kind == "FeatureCollection":
        for each in shape["features"]:
            yield from _rings(each)
    elif kind == "Feature":
        yield from _rings(shape["geometry"])
    elif kind == "Polygon":
        yield from shape["coordinates"]
    elif kind == "MultiPolygon":
        for each in shape["coordinates"]:
            yield from each


def _ring(points: Sequence[Any]) -> Ring:
    ring = [
        [round(float(east), DIGITS), round(float(north), DIGITS)] for east, north, *_z in points
    ]
    if len(ring) < FEWEST_CORNERS or any(
        not (abs(east) <= 180 and abs(north) <= 90) for east, north in ring
    ):
        raise ValueError("no ring on this earth")
    return ring
