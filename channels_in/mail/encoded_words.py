"""RFC 2047 encoded words as mailers really write them; linear, never raises."""

import binascii
import re
from dataclasses import dataclass

from channels_in.mail.charset import codec_for, decode_header_bytes, decode_text

_START = re.compile(rb"=\?([^?\s]{0,80})\?([bBqQ])\?")
_HEX_PAIR = re.compile(rb"[0-9A-Fa-f]{2}")
_HEX_ESCAPE = re.compile(rb"=([0-9A-Fa-f]{2})")
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


def skip_word(text: str, start: int) -> int:
    """Return the end of the encoded word that begins at ``start``, or ``start`` if none does."""
    window = text[start : start + 2000].encode("utf-8", "replace")
    match = _START.match(window)
    if match is None:
        return start
    end = _end_of(window, match)
    return start + len(window[: end + 2].decode("utf-8", "replace")) if end >= 0 else start


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
    pending = b""
    for index, word in enumerate(words):
        if not word.kind:
            runs.append((None, [word.content]))
            continue
        content = pending + word.content
        following = words[index + 1] if index + 1 < len(words) else None
        if _is_cut(word, content, following):
            pending = content
            continue
        pending = b""
        decoded = _from_base64(content) if word.kind == b"B" else _from_q(content)
        if runs and runs[-1][0] == word.charset:
            runs[-1][1].append(decoded)
        else:
            runs.append((word.charset, [decoded]))
    return [(charset, b"".join(parts)) for charset, parts in runs]


def _is_cut(word: _Word, content: bytes, following: _Word | None) -> bool:
    """Tell whether base64 goes on in the next word, in the middle of a group of four."""
    if following is None or word.kind != b"B" or following.kind != b"B":
        return False
    same = following.charset == word.charset
    return same and not content.endswith(b"=") and len(content.strip()) % 4 != 0


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
