"""RFC 2047 encoded words as mailers really write them; linear, never raises."""

import binascii
import re
from dataclasses import dataclass

from channels_in.mail.charset import codec_for, decode_header_bytes, decode_text

_START = re.compile(rb"=\?([^?\s]{0,80})\?([bBqQ])\?")
_HEX_PAIR = re.compile(rb"[0-9A-Fa-f]{2}")
_HEX_ESCAPE = re.compile(rb"=([0-9A-Fa-f]{2})")
_MOST_PIECES = 8
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")


@dataclass(frozen=True, slots=True)
class _Word:
    """One encoded word, or with an empty ``kind`` the plain bytes between two."""

    kind: bytes
    charset: str
    content: bytes


def decode_words(value: bytes, fallback: str | None = None) -> str:
    """Decode a header's bytes with its encoded words wherever they stand (mail.md 27, 28).

    Neighbours lose the blanks between them and are joined as bytes before
    decoding, since mailers split characters. ``fallback`` is the charset for
    raw 8-bit bytes that are no UTF-8. Line breaks that were encoded come out
    as such: callers clean the result.
    """
    if b"=?" not in value:
        return decode_header_bytes(value, fallback)
    runs = _join(_without_blanks(_split(value)))
    return "".join(_decode(run, fallback) for run in runs)


def _split(value: bytes) -> list[_Word]:
    words: list[_Word] = []
    at = 0
    while match := _START.search(value, at):
        end = _end_of(value, match)
        if end < 0:
            break
        if match.start() > at:
            words.append(_Word(b"", "", value[at : match.start()]))
        words.append(_Word(match[2].upper(), _charset(match[1]), value[match.end() : end]))
        at = end + 2
    if at < len(value):
        words.append(_Word(b"", "", value[at:]))
    return words


def _end_of(value: bytes, match: re.Match[bytes]) -> int:
    """Return where the ``?=`` of a word stands; a raw ``?`` before ``=3D`` is not it."""
    end = value.find(b"?=", match.end())
    if match[2] in b"qQ":
        for _ in range(20):
            if end < 0 or not _HEX_PAIR.match(value, end + 2):
                break
            later = value.find(b"?=", end + 2, end + 200)
            if later < 0 or re.search(rb"\s|=\?", value[end:later]):
                break
            end = later
    return end


def _charset(raw: bytes) -> str:
    return raw.decode("ascii", "replace").split("*", 1)[0].strip("\"'").lower()


def _without_blanks(words: list[_Word]) -> list[_Word]:
    """Drop the white space between two encoded words (RFC 2047 6.2)."""
    kept: list[_Word] = []
    for index, word in enumerate(words):
        between = 0 < index < len(words) - 1 and words[index - 1].kind and words[index + 1].kind
        if not (between and not word.kind and not word.content.strip()):
            kept.append(word)
    return kept


def _join(words: list[_Word]) -> list[tuple[str | None, bytes]]:
    """Decode transfers and join neighbours of one charset; None marks plain bytes."""
    runs: list[tuple[str | None, list[bytes]]] = []
    at = 0
    while at < len(words):
        word = words[at]
        end = at + _cut_into(words[at : at + _MOST_PIECES])
        content = b"".join(piece.content for piece in words[at:end])
        at = end
        charset = word.charset if word.kind else None
        if word.kind:
            content = _from_base64(content) if word.kind == b"B" else _from_q(content)
        if word.kind and runs and runs[-1][0] == charset:
            runs[-1][1].append(content)
        else:
            runs.append((charset, [content]))
    return [(charset, b"".join(parts)) for charset, parts in runs]


def _cut_into(words: list[_Word]) -> int:
    """Return over how many words a base64 text was cut inside a group of four; mostly one.

    A word that merely lacks its padding stands alone: only pieces that give
    whole groups together belong together.
    """
    length = 0
    for count, word in enumerate(words, 1):
        if word.kind != b"B" or word.charset != words[0].charset:
            break
        bare = word.content.strip()
        length += len(bare)
        if length % 4 == 0:
            return count
        if bare.endswith(b"="):
            break
    return 1


def _from_q(content: bytes) -> bytes:
    spaced = content.replace(b"_", b" ")
    return _HEX_ESCAPE.sub(lambda match: bytes((int(match[1], 16),)), spaced)


def _from_base64(content: bytes) -> bytes:
    groups = [_NOT_BASE64.sub(b"", group) for group in content.split(b"=")]
    return b"".join(_unpad(group) for group in groups if group)


def _unpad(group: bytes) -> bytes:
    if len(group) % 4 == 1:
        group = group[:-1]
    try:
        return binascii.a2b_base64(group + b"=" * (-len(group) % 4))
    except binascii.Error:
        return b""


def _decode(run: tuple[str | None, bytes], fallback: str | None) -> str:
    charset, content = run
    if charset is None:
        return decode_header_bytes(content, fallback)
    return decode_text(content, charset if codec_for(charset) else fallback)
