"""Files in the old uuencoding, found inside text and taken out of it."""

import binascii
import re
from dataclasses import dataclass

_BEGIN = re.compile(r"^begin [0-7]{3,4} (\S[^\n]{0,500})$", re.MULTILINE)
MAX_FILES = 100


@dataclass(frozen=True, slots=True)
class EncodedFile:
    """A file that stood in a text."""

    name: str
    content: bytes


def extract(text: str) -> tuple[str, tuple[EncodedFile, ...]]:
    """Return ``text`` without its uuencoded files, and the files; unfinished ones stay text."""
    if "begin " not in text:
        return text, ()
    kept: list[str] = []
    files: list[EncodedFile] = []
    end = 0
    for match in _BEGIN.finditer(text):
        if match.start() < end or len(files) >= MAX_FILES:
            continue
        found = _decode(text, match.end() + 1)
        if found is None:
            continue
        content, stop = found
        kept.append(text[end : match.start()])
        files.append(EncodedFile(match[1].strip(), content))
        end = stop
    kept.append(text[end:])
    return "".join(kept), tuple(files)


def decode(payload: bytes) -> bytes | None:
    """Return the first file of an ``x-uuencode`` encoded body, or None if there is none."""
    _, files = extract(payload.decode("latin-1").replace("\r\n", "\n"))
    return files[0].content if files else None


def _decode(text: str, position: int) -> tuple[bytes, int] | None:
    """Decode lines up to ``end``; None as soon as one is no uuencoded line.

    Blanks at the end of lines may be lost, but not of all: words of a person between two
    that read like "begin 2026 Urlaub" and "end" stay where they are.
    """
    parts: list[bytes] = []
    is_file = False
    while position < len(text):
        newline = text.find("\n", position, position + 200)
        stop = newline if newline >= 0 else min(len(text), position + 200)
        line = text[position:stop]
        if line.strip() == "end":
            return (b"".join(parts), min(stop + 1, len(text))) if is_file else None
        part = _decode_line(line)
        if part is None or newline < 0:
            return None
        parts.append(part)
        # A line with a blank alone proves nothing: people leave such between their own.
        is_file = is_file or (bool(line.strip()) and len(line) >= _needed(line))
        position = stop + 1
    return None


def _decode_line(line: str) -> bytes | None:
    if line.strip("` ") == "":
        return b""
    if not line.isascii() or any(char > "`" for char in line):
        return None
    needed = _needed(line)
    if len(line.rstrip()) > needed + 1:
        return None
    try:
        return binascii.a2b_uu(line[:needed].ljust(needed))
    except binascii.Error:
        return None


def _needed(line: str) -> int:
    """Return how long a line is by its first character, which tells how many bytes it holds."""
    length = (ord(line[0]) - 32) & 63 if line else 0
    return 1 + (length + 2) // 3 * 4
