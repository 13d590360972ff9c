"""Content-Type, Content-Disposition and their RFC 2231 parameters, however broken."""

import re
from dataclasses import dataclass, field

from channels_in.mail.charset import codec_for, decode_text
from channels_in.mail.encoded_words import decode_words
from channels_in.mail.headers import clean_line

_MAX_PARAMETERS = 500
_LONGEST = 200_000
_BEFORE_NEXT = re.compile(rb"\s+[A-Za-z*0-9-]{2,30}\s?=")
_NAME = re.compile(rb"[;\s]*([^\s=;\"]{1,100})[ \t\r\n]*=[ \t\r\n]*")
_QUOTED = re.compile(rb'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_BARE = re.compile(rb"[^;\s]*")
_SECTION = re.compile(r"([^*]+)\*(\d{1,4})(\*?)\Z")
_PERCENT = re.compile(rb"%([0-9A-Fa-f]{2})")
_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,80}/[a-z0-9!#$&^_.+-]{1,120}\Z")


@dataclass(frozen=True, slots=True)
class Structured:
    """A value such as ``text/plain`` in lower case with its decoded parameters."""

    value: str = ""
    params: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Segment:
    number: int
    encoded: bool
    content: bytes


def parse_structured(raw: bytes) -> Structured:
    """Parse a value with parameters; of ``name`` and ``name*`` the latter wins (RFC 2231)."""
    raw = raw[:_LONGEST]
    if b";" not in raw and b"=" not in raw:
        return Structured(value=clean_line(raw.decode("latin-1")).lower())
    value = re.split(rb"[;\s=]", raw, maxsplit=1)[0]
    if raw[len(value) :].lstrip()[:1] == b"=":
        value = b""
    return Structured(
        value=clean_line(value.decode("latin-1")).lower(),
        params=_combine(_scan(raw, len(value))),
    )


def valid_type(value: str) -> str | None:
    """Return a content type that has the right shape, None otherwise."""
    return value if _TYPE.match(value) else None


def _scan(raw: bytes, at: int) -> dict[str, list[_Segment]]:
    """Collect the raw segments of each parameter; linear, at most 500."""
    found: dict[str, list[_Segment]] = {}
    for _ in range(_MAX_PARAMETERS):
        match = _NAME.match(raw, at)
        if match is None:
            following = raw.find(b";", at + 1)
            if following < 0:
                break
            at = following
            continue
        content, at = _value(raw, match.end())
        name, segment = _segment(match[1].decode("latin-1").lower(), content)
        found.setdefault(name, []).append(segment)
    return found


def _value(raw: bytes, at: int) -> tuple[bytes, int]:
    quoted = _QUOTED.match(raw, at)
    if quoted:
        return re.sub(rb'\\(["\\])', rb"\1", quoted[1]), quoted.end()
    if raw[at : at + 1] == b'"':
        # The closing quote is missing: the value ends with its line or field.
        end = raw.find(b";", at)
        end = end if end >= 0 else len(raw)
        return raw[at + 1 : end].strip(b'" \t\r\n'), end
    return _unquoted(raw, at)


def _unquoted(raw: bytes, at: int) -> tuple[bytes, int]:
    """A bare value; blanks belong to it unless another parameter follows them (illegal, usual)."""
    semicolon = raw.find(b";", at)
    end = semicolon if semicolon >= 0 else len(raw)
    following = _BEFORE_NEXT.search(raw, at, end)
    if following and b"=?" not in raw[at : following.start()]:
        end = following.start()
    return raw[at:end].strip(), end


def _segment(name: str, content: bytes) -> tuple[str, _Segment]:
    match = _SECTION.match(name)
    if match:
        return match[1] + "*", _Segment(int(match[2]), bool(match[3]), content)
    if name.endswith("*") and len(name) > 1:
        return name, _Segment(0, encoded=True, content=content)
    return name, _Segment(0, encoded=False, content=content)


def _combine(found: dict[str, list[_Segment]]) -> dict[str, str]:
    params: dict[str, str] = {}
    for name, segments in found.items():
        if name.endswith("*"):
            params[name[:-1]] = _extended(segments)
        elif f"{name}*" not in found:
            params[name] = clean_line(decode_words(segments[0].content))
    return params


def _extended(segments: list[_Segment]) -> str:
    """Join continuations by number; plain and percent-encoded ones may be mixed."""
    ordered = sorted({segment.number: segment for segment in reversed(segments)}.values(),
                     key=lambda segment: segment.number)  # fmt: skip
    charset: str | None = None
    pieces: list[bytes] = []
    for position, segment in enumerate(ordered):
        content = segment.content
        if segment.encoded and position == 0 and content.count(b"'") >= 2:
            label, _, content = content.split(b"'", 2)
            charset = label.decode("latin-1") or None
        pieces.append(_unpercent(content) if segment.encoded else content)
    joined = b"".join(pieces)
    if charset is None and b"=?" in joined:
        return clean_line(decode_words(joined))
    return clean_line(decode_text(joined, charset if codec_for(charset) else None))


def _unpercent(content: bytes) -> bytes:
    return _PERCENT.sub(lambda match: bytes((int(match[1], 16),)), content)
