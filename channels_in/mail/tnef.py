"""What Outlook hides in winmail.dat: files and body (MS-OXTNEF), read without trust."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from channels_in.mail import rtf

_SIGNATURE = 0x223E9F78
_MAX_ATTRIBUTES = 20_000
_MAX_PROPERTIES = 5_000

_BODY, _OEM_CODEPAGE, _MESSAGE_PROPS = 0x800C, 0x9007, 0x9003
_NEW_ATTACHMENT, _TITLE, _DATA, _ATTACHMENT_PROPS = 0x9002, 0x8010, 0x800F, 0x9005

_P_BODY, _P_RTF, _P_HTML = 0x1000, 0x1009, 0x1013
_P_DATA, _P_NAME, _P_LONG_NAME, _P_TYPE, _P_CID = 0x3701, 0x3704, 0x3707, 0x370E, 0x3712

# Bytes that a single value of a property type takes, padding included.
_FIXED = {2: 4, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 10: 4, 11: 4, 20: 8, 64: 8, 72: 16}
_VARIABLE = frozenset((0x0D, 0x1E, 0x1F, 0x102))
_OBJECT = 0x0D
_MESSAGE_GUID = bytes.fromhex("0703020000000000c000000000000046")


class TnefError(ValueError):
    """The bytes are no TNEF, or end in its midst."""


@dataclass(slots=True)
class TnefFile:
    """A file of a TNEF stream."""

    name: str = ""
    content: bytes = b""
    content_type: str = ""
    cid: str | None = None


@dataclass(slots=True)
class Tnef:
    """Files and body of a TNEF stream; ``html`` wins over ``text`` where both are there."""

    files: list[TnefFile] = field(default_factory=list)
    text: str = ""
    html: str | None = None


def read_tnef(data: bytes) -> Tnef:
    """Read a winmail.dat. Raises TnefError if it is damaged; an embedded message becomes a file."""
    if len(data) < 6 or struct.unpack_from("<I", data)[0] != _SIGNATURE:
        raise TnefError("no TNEF signature")
    reader = _Reader()
    try:
        for name, value in _attributes(data):
            reader.take(name, value)
    except (struct.error, IndexError, UnicodeError) as error:
        raise TnefError(str(error)) from error
    return reader.result()


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    position = 6
    for _ in range(_MAX_ATTRIBUTES):
        if position + 9 > len(data):
            if data[position:].strip(b"\r\n\x00"):
                raise TnefError("ends in the midst of an attribute")
            return
        name, _kind, length = struct.unpack_from("<HHI", data, position + 1)
        position += 9
        if position + length > len(data):
            raise TnefError("attribute ends beyond the data")
        yield name, data[position : position + length]
        position += length + 2


class _Reader:
    def __init__(self) -> None:
        self.tnef = Tnef()
        self.codepage = "cp1252"
        self.rtf: bytes | None = None

    def take(self, name: int, value: bytes) -> None:
        if name == _OEM_CODEPAGE and len(value) >= 4:
            self.codepage = _known(f"cp{struct.unpack_from('<I', value)[0]}")
        elif name == _BODY:
            self.tnef.text = self.tnef.text or self._string(value)
        elif name == _MESSAGE_PROPS:
            self._message(value)
        elif name == _NEW_ATTACHMENT:
            self.tnef.files.append(TnefFile())
        elif self.tnef.files:
            self._attachment(self.tnef.files[-1], name, value)

    def result(self) -> Tnef:
        if self.tnef.html is None and self.rtf is not None:
            self.tnef.html = rtf.to_html(self.rtf)
            if self.tnef.html is None and not self.tnef.text:
                self.tnef.text = rtf.to_text(self.rtf)
        self.tnef.files = [found for found in self.tnef.files if found.content or found.name]
        return self.tnef

    def _message(self, value: bytes) -> None:
        for tag, kind, content in _properties(value):
            if tag == _P_BODY:
                self.tnef.text = self._string(content, kind)
            elif tag == _P_HTML:
                self.tnef.html = self._string(content, kind)
            elif tag == _P_RTF:
                self.rtf = rtf.decompress(content)

    def _attachment(self, found: TnefFile, name: int, value: bytes) -> None:
        if name == _TITLE:
            found.name = found.name or self._string(value)
        elif name == _DATA:
            found.content = value
        elif name == _ATTACHMENT_PROPS:
            for tag, kind, content in _properties(value):
                self._attachment_property(found, tag, kind, content)

    def _attachment_property(self, found: TnefFile, tag: int, kind: int, content: bytes) -> None:
        if tag == _P_LONG_NAME or (tag == _P_NAME and not found.name):
            found.name = self._string(content, kind) or found.name
        elif tag == _P_TYPE:
            found.content_type = self._string(content, kind)
        elif tag == _P_CID:
            found.cid = self._string(content, kind).strip("<> ") or None
        elif tag == _P_DATA:
            # Beside an embedded message the plain data is no more than its icon.
            embedded = kind == _OBJECT and content.startswith(_MESSAGE_GUID)
            if embedded:
                found.content, found.content_type = content[16:], "application/ms-tnef"
            elif not found.content:
                found.content = content

    def _string(self, value: bytes, kind: int = 0x1E) -> str:
        if kind == 0x1F:
            return value.decode("utf-16-le", "replace").split("\x00")[0]
        text = value.split(b"\x00")[0]
        try:
            return text.decode("utf-8")
        except UnicodeDecodeError:
            return text.decode(self.codepage, "replace")


def _known(codepage: str) -> str:
    try:
        "".encode(codepage)
    except LookupError:
        return "cp1252"
    return codepage


def _properties(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Yield tag, type and first value of each MAPI property."""
    (count,) = struct.unpack_from("<I", data)
    position = 4
    for _ in range(min(count, _MAX_PROPERTIES)):
        kind, tag = struct.unpack_from("<HH", data, position)
        position += 4
        if tag >= 0x8000:
            position = _skip_name(data, position)
        several, kind = kind & 0x1000, kind & 0x0FFF
        number = 1
        if several or kind in _VARIABLE:
            (number,) = struct.unpack_from("<I", data, position)
            position += 4
        first, position = _values(data, position, kind, number)
        yield tag, kind, first


def _skip_name(data: bytes, position: int) -> int:
    (kind,) = struct.unpack_from("<I", data, position + 16)
    if kind == 0:
        return position + 24
    length = int(struct.unpack_from("<I", data, position + 20)[0])
    return position + 24 + (length + 3) // 4 * 4


def _values(data: bytes, position: int, kind: int, number: int) -> tuple[bytes, int]:
    """Return the first of ``number`` values and the position behind the last."""
    if kind in _FIXED:
        size = _FIXED[kind]
        return data[position : position + size], position + size * number
    if kind not in _VARIABLE or number > _MAX_PROPERTIES:
        raise TnefError(f"unknown property type {kind}")
    first = b""
    for index in range(number):
        (length,) = struct.unpack_from("<I", data, position)
        position += 4
        if position + length > len(data):
            raise TnefError("property ends beyond the data")
        if index == 0:
            first = data[position : position + length]
        position += (length + 3) // 4 * 4
    return first, position
