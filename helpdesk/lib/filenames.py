"""Names of files from strangers, made safe to show, to store in a row and to send in a header."""

import re
import unicodedata

MAX_BYTES = 200
_MAX_EXTENSION = 24
_RESERVED = re.compile(r'[<>:"|?*/\\]')
_BLANKS = re.compile(r"\s+")
_DEVICE = re.compile(
    r"(?:CON|PRN|AUX|NUL|CLOCK\$|(?:COM|LPT)[0-9\u00b9\u00b2\u00b3])\Z", re.IGNORECASE
)
_DOUBLE = re.compile(r"\.tar\.(?:gz|bz2|xz|zst)\Z", re.IGNORECASE)
# Controls, format characters (zero-width, bidi, tags), surrogates, private use, unassigned.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
# Blank-looking letters and fillers that the categories above do not hold.
_FILLERS = dict.fromkeys((0x115F, 0x1160, 0x3164, 0xFFA0, 0x034F, 0x17B4, 0x17B5, 0x2800))
_LONGEST_INPUT = 4096


def clean_filename(raw: str, *, default: str = "attachment") -> str:
    """Return a plain file name of at most 200 UTF-8 bytes that keeps its extension.

    Invisible characters go before anything is judged, so that a hidden one can't
    carry ``.htaccess`` or a path past the checks. Path parts, leading dots, reserved
    characters and Windows device names are removed. Never empty: ``default`` stands in.
    """
    name = _visible(raw[-_LONGEST_INPUT:])
    name = re.split(r"[/\\]", name.rstrip("/\\ "))[-1]
    name = _BLANKS.sub(" ", _RESERVED.sub("_", name)).strip(" .")
    if not name:
        return default
    stem, dot, rest = name.partition(".")
    if _DEVICE.match(stem.strip()):
        name = f"{default}{dot}{rest}"
    return _shorten(name, MAX_BYTES)


def unique_name(name: str, taken: set[str]) -> str:
    """Return ``name``, or ``name (2)`` and so on, and note it in ``taken`` (case-folded)."""
    stem, extension = split_extension(name)
    candidate, number = name, 1
    while candidate.casefold() in taken:
        number += 1
        suffix = f" ({number})"
        room = MAX_BYTES - len((suffix + extension).encode())
        candidate = f"{_cut(stem, room)}{suffix}{extension}"
    taken.add(candidate.casefold())
    return candidate


def split_extension(name: str) -> tuple[str, str]:
    """Return stem and extension with its dot; ``.tar.gz`` counts as one extension."""
    double = _DOUBLE.search(name)
    at = double.start() if double else name.rfind(".")
    if at <= 0 or len(name[at:].encode()) > _MAX_EXTENSION:
        return name, ""
    return name[:at], name[at:]


def _visible(raw: str) -> str:
    """Drop what cannot be seen; line breaks and tabs become blanks."""
    flat = raw.translate(_FILLERS)
    flat = re.sub(r"[\t\n\r\v\f\u2028\u2029]+", " ", flat)
    kept = "".join(char for char in flat if unicodedata.category(char) not in _INVISIBLE)
    return unicodedata.normalize("NFC", kept)


def _shorten(name: str, limit: int) -> str:
    if len(name.encode()) <= limit:
        return name
    stem, extension = split_extension(name)
    return f"{_cut(stem, limit - len(extension.encode()))}{extension}"


def _cut(text: str, limit: int) -> str:
    """Cut to ``limit`` bytes without splitting a character."""
    return text.encode()[:limit].decode(errors="ignore").rstrip(" .")
