"""Header blocks of raw mails: split tolerantly, looked up by name, cleaned to one line."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from channels_in.mail.encoded_words import decode_words

_LONGEST_TEXT = 10_000
_LONGEST_VALUE = 2_000_000
_BOM = b"\xef\xbb\xbf"
_FIELD = re.compile(rb"([^\x00-\x20:\x7f]{1,200})[ \t]*:")
_MBOX = re.compile(rb">?From \S")
_BLANK_LINE = re.compile(rb"(?:\A|\n)[\r\x00]*\n")
# Names that show that a header block goes on after a line that makes no sense.
_KNOWN = re.compile(
    rb"(?:from|to|cc|bcc|subject|date|message-id|in-reply-to|references|reply-to|sender"
    rb"|return-path|received|mime-version|content-[a-z-]+|delivered-to|precedence|list-[a-z]+"
    rb"|auto-submitted|user-agent|importance|x-[a-z0-9-]+)[ \t]*:",
    re.IGNORECASE,
)
_LONE_CR = re.compile(rb"\r(?=" + _KNOWN.pattern + rb")", re.IGNORECASE)
_GLUED = re.compile(
    rb"[\s>;\"](From|To|Cc|Subject|Date|Message-ID|MIME-Version|Content-Type"
    rb"|Content-Transfer-Encoding|Reply-To):[ \t]",
    re.IGNORECASE,
)
# Where one field may have swallowed the next: fields whose own text is never free.
_GLUE_SOURCES = (
    "from", "to", "cc", "date", "message-id", "mime-version", "content-type", "reply-to",
    "content-transfer-encoding", "return-path",
)  # fmt: skip
_FOLD = re.compile(rb"[ \t\r]*\n[ \t]*")
_BREAKS = re.compile("[ \t]*[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+[ \t]*")
_CONTROLS = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)


@dataclass(frozen=True, slots=True)
class Headers:
    """The fields of one header block in order: lower-case name and unfolded raw value."""

    fields: tuple[tuple[str, bytes], ...] = ()
    index: dict[str, list[bytes]] = field(default_factory=dict)

    def first(self, name: str) -> bytes | None:
        """Return the topmost value of a field that is not blank, None if there is none."""
        return next((value for value in self.index.get(name, ()) if value), None)

    def every(self, name: str) -> list[bytes]:
        """Return all values of a field, topmost first."""
        return self.index.get(name, [])

    def text(self, name: str, fallback: str | None = None) -> str | None:
        """Return the topmost value decoded and single-line, None if the field is missing."""
        value = self.first(name)
        return None if value is None else decode_header(value, fallback)


def decode_header(value: bytes, fallback: str | None = None) -> str:
    """Decode an unstructured header value to one clean line (RFC 2047, mail.md 27-30)."""
    return clean_line(decode_words(_FOLD.sub(b" ", value[:_LONGEST_VALUE]), fallback))


def clean_line(text: str) -> str:
    """Make text single-line: no line breaks, controls, bidi overrides, lone surrogates."""
    flat = _BREAKS.sub(" ", text).replace("\t", " ")
    flat = _CONTROLS.sub("", flat).strip()
    return flat[:_LONGEST_TEXT].rstrip() if len(flat) > _LONGEST_TEXT else flat


def split_head(raw: bytes) -> tuple[Headers, bytes]:
    """Split raw bytes into header fields and body, whatever the state of the block.

    Skipped are a BOM, leading blank lines, mbox "From " lines and lines that
    are no field when fields follow. Bytes without any field are all body.
    """
    if b"\n" not in raw:
        raw = raw.replace(b"\r", b"\n")
    start = _start_of_fields(raw)
    if start is None:
        return Headers(), raw
    found = _BLANK_LINE.search(raw, start)
    end = found.start() + 1 if found else len(raw)
    lines = _LONE_CR.sub(b"\n", raw[start:end]).split(b"\n")
    fields, used = _read_fields(lines)
    if used is None:
        return _headers(fields), raw[found.end() :] if found else b""
    rest = b"\n".join(lines[used:])
    return _headers(fields), rest + raw[end:]


def _bare(line: bytes) -> bytes:
    return line.lstrip(b" \t\r\x00").removeprefix(_BOM).strip(b" \t\r\x00")


def _start_of_fields(raw: bytes) -> int | None:
    """Return where the first field begins, None if the bytes do not begin with a header block."""
    at = len(_BOM) if raw.startswith(_BOM) else 0
    for _ in range(50):
        end = raw.find(b"\n", at)
        line = raw[at : end if end >= 0 else len(raw)]
        bare = _bare(line)
        if bare and not _MBOX.match(bare):
            break
        if end < 0:
            return None
        at = end + 1
    if _FIELD.match(raw, at) or _FIELD.match(_bare(raw[at : at + 300])):
        return at
    # The first line is junk: the block only counts if well-known fields follow at once.
    head = raw[at : at + 4000]
    blank = _BLANK_LINE.search(head)
    block = head[: blank.start()] if blank else head
    return at if sum(bool(_KNOWN.match(line)) for line in block.split(b"\n")) > 1 else None


def _read_fields(lines: list[bytes]) -> tuple[list[tuple[str, list[bytes]]], int | None]:
    """Return the fields, and the line at which a body begins without a blank line before it."""
    last_known = max((n for n, line in enumerate(lines) if _KNOWN.match(line)), default=-1)
    fields: list[tuple[str, list[bytes]]] = []
    for number, line in enumerate(lines):
        folded = line[:1] in {b" ", b"\t"} and bool(fields)
        bare = line.rstrip(b"\r\x00") if folded else _bare(line)
        match = None if folded else _FIELD.match(bare)
        if folded:
            fields[-1][1].append(bare)
        elif match:
            name = match[1].decode("ascii", "replace").lower()
            fields.append((name, [bare[match.end() :]]))
        elif bare and number > last_known and not _MBOX.match(bare):
            return fields, number
    return fields, None


def _headers(fields: list[tuple[str, list[bytes]]]) -> Headers:
    flat = [(name, _unfold(parts)) for name, parts in fields]
    flat += list(_unglue(flat))
    index: dict[str, list[bytes]] = {}
    for name, value in flat:
        index.setdefault(name, []).append(value)
    return Headers(fields=tuple(flat), index=index)


def _unfold(parts: list[bytes]) -> bytes:
    return (b"".join(parts) if len(parts) > 1 else parts[0]).strip(b" \t\r\n")


def _unglue(fields: list[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
    """Yield core fields that were glued to the end of another one and stand nowhere else."""
    names = {name for name, _ in fields}
    for number, (name, value) in enumerate(fields):
        if name not in _GLUE_SOURCES or b":" not in value:
            continue
        match = _GLUED.search(value, 0, _LONGEST_TEXT)
        if match and match[1].decode().lower() not in names:
            fields[number] = (name, value[: match.start() + 1].strip())
            names.add(match[1].decode().lower())
            yield match[1].decode().lower(), value[match.end() :].strip()
