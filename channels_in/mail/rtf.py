"""Rich text as Outlook packs it: decompressed (MS-OXRTFCP) and turned into HTML or plain text."""

import re
import struct

_INITIAL = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss "
    b"\\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier"
    b"{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)
_WINDOW = 4096
_MAX_BYTES = 20_000_000
_COMPRESSED, _PLAIN = 0x75465A4C, 0x414C454D
# A control word, an escaped byte, a control symbol, a brace, or a run of text.
_PIECE = re.compile(
    rb"\\([a-z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\(.)|([{}])|([^\\{}\r\n]+)|[\r\n]+",
    re.IGNORECASE | re.DOTALL,
)
_IGNORED_GROUPS = frozenset(
    (b"fonttbl", b"colortbl", b"stylesheet", b"info", b"pict", b"object", b"mhtmltag")
)
_SYMBOLS = {
    b"par": "\n",
    b"line": "\n",
    b"tab": "\t",
    b"emdash": "\u2014",
    b"endash": "\u2013",
    b"lquote": "\u2018",
    b"rquote": "\u2019",
    b"ldblquote": "\u201c",
    b"rdblquote": "\u201d",
    b"bullet": "\u2022",
}
_CODEPAGE = re.compile(rb"\\ansicpg(\d{3,5})")


def decompress(data: bytes) -> bytes | None:
    """Return the RTF inside PR_RTF_COMPRESSED, or None if it is damaged."""
    if len(data) < 16:
        return None
    _, raw_size, kind, _ = struct.unpack_from("<IIII", data)
    if kind == _PLAIN:
        return data[16 : 16 + raw_size]
    if kind != _COMPRESSED or raw_size > _MAX_BYTES:
        return None
    return _expand(data[16:], raw_size)


def _expand(data: bytes, raw_size: int) -> bytes:
    window = bytearray(_INITIAL.ljust(_WINDOW, b"\x00"))
    write, position = len(_INITIAL), 0
    out = bytearray()
    while position < len(data) and len(out) < raw_size:
        control = data[position]
        position += 1
        for bit in range(8):
            size = 2 if control >> bit & 1 else 1
            if position + size > len(data):
                break
            if size == 1:
                chunk = data[position : position + 1]
            else:
                token = data[position] << 8 | data[position + 1]
                if token >> 4 == write:
                    return bytes(out)
                chunk = _repeat(window, token >> 4, (token & 15) + 2, write)
            position += size
            for byte in chunk:
                window[write] = byte
                write = (write + 1) % _WINDOW
            out += chunk
    return bytes(out[:raw_size])


def _repeat(window: bytearray, offset: int, length: int, write: int) -> bytes:
    """Read from the window; a run may overlap what it writes itself."""
    chunk = bytearray()
    for step in range(length):
        at = (offset + step) % _WINDOW
        ahead = (at - write) % _WINDOW
        chunk.append(chunk[ahead] if ahead < len(chunk) else window[at])
    return bytes(chunk)


def to_html(rtf: bytes) -> str | None:
    """Return the HTML that was wrapped in ``rtf`` (MS-OXRTFEX), or None if it was none."""
    if b"\\fromhtml1" not in rtf[:1000]:
        return None
    return _Reader(rtf, html=True).run()


def to_text(rtf: bytes) -> str:
    """Return the plain text of ``rtf``."""
    return _Reader(rtf, html=False).run()


class _Reader:
    """One pass over RTF; a group may be ignored, hold HTML tags, or hide its text (htmlrtf)."""

    def __init__(self, rtf: bytes, *, html: bool) -> None:
        self.rtf = rtf[:_MAX_BYTES]
        self.html = html
        found = _CODEPAGE.search(rtf[:2000])
        self.codepage = f"cp{found[1].decode()}" if found else "cp1252"
        self.out: list[str] = []
        self.bytes = bytearray()
        # Of the current group: its text is ignored, is hidden by htmlrtf.
        self.state = (False, False)
        self.stack: list[tuple[bool, bool]] = []
        self.star = False
        self.skip = 0
        self.unicode_skip = 1

    def run(self) -> str:
        for match in _PIECE.finditer(self.rtf):
            word, number, escaped, symbol, brace, text = match.groups()
            if word:
                self._word(word.lower(), number)
            elif escaped:
                self._bytes(bytes((int(escaped, 16),)))
            elif symbol:
                self._symbol(symbol)
            elif brace:
                self._brace(brace)
            elif text:
                self._bytes(text)
        self._flush()
        text = "".join(self.out).replace("\x00", "").strip()
        # A character beyond U+FFFF is written as two halves, which belong together again.
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")

    def _brace(self, brace: bytes) -> None:
        self._flush()
        self.star = False
        if brace == b"{":
            self.stack.append(self.state)
        elif self.stack:
            self.state = self.stack.pop()

    def _word(self, word: bytes, number: bytes | None) -> None:
        if word == b"u" and number:
            self._unicode(int(number))
        elif word == b"uc":
            self.unicode_skip = min(int(number or 1), 10)
        elif word == b"htmlrtf":
            self._flush()
            self.state = (self.state[0], self.html and number != b"0")
        elif word == b"htmltag":
            self._flush()
            self.state = (not self.html, False)
        elif word in _IGNORED_GROUPS or self.star:
            self._flush()
            self.state = (True, self.state[1])
        elif word in _SYMBOLS:
            self._say(_SYMBOLS[word])
        self.star = False

    def _symbol(self, symbol: bytes) -> None:
        if symbol == b"*":
            self.star = True
        elif symbol == b"~":
            self._say("\xa0")
        elif symbol in (b"\\", b"{", b"}"):
            self._bytes(symbol)
        elif symbol in (b"\n", b"\r"):
            self._say("\n")

    def _unicode(self, number: int) -> None:
        self._flush()
        if not any(self.state):
            self.out.append(chr(number % 65536))
        self.skip = self.unicode_skip

    def _bytes(self, text: bytes) -> None:
        dropped = min(self.skip, len(text))
        self.skip -= dropped
        if not any(self.state):
            self.bytes += text[dropped:]

    def _say(self, text: str) -> None:
        self._flush()
        if not any(self.state):
            self.out.append(text)

    def _flush(self) -> None:
        if self.bytes:
            try:
                self.out.append(self.bytes.decode(self.codepage, "replace"))
            except LookupError:
                self.out.append(self.bytes.decode("cp1252", "replace"))
            self.bytes.clear()
