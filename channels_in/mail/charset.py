"""Bytes of unknown or wrongly labelled charset made into clean text; never raises."""

import codecs
import re
from collections.abc import Callable
from functools import lru_cache

from channels_in.mail.charset_guess import guess_codec

_FALLBACK = "cp1252"
# Names that Python lacks or that mean more in practice than their standard says (mail.md 24).
_ALIASES = {
    "ansi": "cp1252",
    "ansix341968": "ascii",
    "unknown": "",
    "unknown8bit": "",
    "8bit": "",
    "binary": "",
    "default": "",
    "none": "",
    "null": "",
    "ascii": "ascii",
    "usascii": "ascii",
    "iso646us": "ascii",
    "iso88591": "cp1252",
    "latin1": "cp1252",
    "l1": "cp1252",
    "88591": "cp1252",
    "cp819": "cp1252",
    "iso88591windows31latin1": "cp1252",
    "iso88599": "cp1254",
    "latin5": "cp1254",
    "iso885911": "cp874",
    "tis620": "cp874",
    "iso88598i": "iso8859_8",
    "iso88598e": "iso8859_8",
    "logical": "iso8859_8",
    "visual": "iso8859_8",
    "iso88596i": "iso8859_6",
    "iso88596e": "iso8859_6",
    "windows31j": "cp932",
    "shiftjis": "cp932",
    "sjis": "cp932",
    "mskanji": "cp932",
    "iso2022jp": "iso-2022-jp",
    "iso2022jpms": "iso-2022-jp",
    "cp50220": "iso-2022-jp",
    "cp50221": "iso-2022-jp",
    "cp50222": "iso-2022-jp",
    "gb2312": "gb18030",
    "gb231280": "gb18030",
    "gbk": "gb18030",
    "cp936": "gb18030",
    "chinese": "gb18030",
    "euccn": "gb18030",
    "ksc56011987": "cp949",
    "ksc5601": "cp949",
    "kscs56011987": "cp949",
    "korean": "cp949",
    "euckr": "cp949",
    "uhc": "cp949",
    "big5": "cp950",
    "big5hkscs": "big5hkscs",
    "unicode11utf7": "utf-7",
    "unicode20utf7": "utf-7",
    "unicode11utf8": "utf-8",
    "utf8mb4": "utf-8",
    "unicode": "utf-16",
    "macintosh": "mac_roman",
    "mac": "mac_roman",
    "macce": "mac_latin2",
    "maccyrillic": "mac_cyrillic",
    "koi8": "koi8_r",
    "koi": "koi8_r",
    "cyrillic": "cp1251",
    "dos850": "cp850",
    "ibmcp850": "cp850",
}
_WIDE = frozenset({"utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"})
_MULTIBYTE = frozenset(
    {"gb18030", "cp932", "cp949", "cp950", "big5hkscs", "euc_jp", "euc_jis_2004", "johab", "hz"}
)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_HIGH = re.compile(rb"[\x80-\xff]")
_ISO2022_ESCAPE = re.compile(rb"\x1b(?:\$[@AB(]|\([BIJ])")
_JAPANESE_RUN = re.compile(rb"\x1b(\$[@B]|\$\([DOPQ]|\([BIJH])")
_META_CHARSET = re.compile(
    rb"<meta[^>]{0,200}?charset\s{0,9}=\s{0,9}[\"']?\s{0,9}([A-Za-z0-9_:.\-]{2,40})", re.IGNORECASE
)
_XML_ENCODING = re.compile(rb"\A\s{0,9}<\?xml[^>]{0,200}?encoding=[\"']([A-Za-z0-9_.\-]{2,40})")
_SURROGATES = re.compile("[\ud800-\udfff]")
_HEAD_OF_HTML = 4096


@lru_cache(maxsize=256)
def codec_for(name: str | None) -> str | None:
    """Return Python's codec for a charset name from the wild, None if it means nothing."""
    if not name:
        return None
    plain = name.split(";", 1)[0].split("*", 1)[0].strip(" \t\r\n\"'<>()").lower()[:60]
    key = re.sub(r"[^a-z0-9]", "", plain)
    for candidate in (key, key.removeprefix("x"), key.removeprefix("cs")):
        if candidate in _ALIASES:
            return _ALIASES[candidate] or None
    windows = re.fullmatch(r"x?(?:windows|win|cp|ms|ibm|microsoftcp|wincp)?(\d{3,5})", key)
    names = [f"cp{windows[1]}"] if windows else []
    return next(
        filter(None, map(_known_codec, [*names, plain, plain.removeprefix("x-"), key])), None
    )


def decode_text(payload: bytes, declared: str | None = None) -> str:
    """Decode a text part: the label if it holds, else UTF-8, else a guess (mail.md 23-25).

    The result has no NUL and no lone surrogate and may be stored as it is.
    """
    return _clean(_decode(payload, codec_for(declared)))


def decode_html(payload: bytes, declared: str | None = None) -> str:
    """Decode an HTML part: without a label, its BOM or its ``<meta>`` decides (mail.md 26)."""
    if codec_for(declared) is None:
        head = payload[:_HEAD_OF_HTML]
        found = _META_CHARSET.search(head) or _XML_ENCODING.search(head)
        meta = found[1].decode("ascii") if found else None
        # A <meta> that can be read as bytes can't be in a wide charset, whatever it says.
        declared = None if codec_for(meta) in _WIDE else meta
    return decode_text(payload, declared)


def decode_header_bytes(raw: bytes, fallback: str | None = None) -> str:
    """Decode unencoded header bytes: UTF-8, else the body's charset, else a guess (mail.md 28)."""
    if raw.isascii() and b"\x1b" not in raw:
        return raw.decode("ascii")
    try:
        return raw.decode("utf-8") if b"\x1b" not in raw else decode_text(raw)
    except UnicodeDecodeError:
        return decode_text(raw, fallback)


def _known_codec(name: str) -> str | None:
    try:
        info = codecs.lookup(name)
    except (LookupError, ValueError):
        return None
    # base64, rot13 and their like are codecs to Python and no charsets.
    return info.name if info._is_text_encoding else None  # noqa: SLF001 - no public way to ask


def _clean(text: str) -> str:
    text = text.replace("\x00", "")
    text = text.removeprefix("\ufeff")
    return text if text.isascii() else _SURROGATES.sub("\ufffd", text)


def _decode(payload: bytes, codec: str | None) -> str:
    for attempt in (_by_bom, _seven_bit, _labelled, _utf8):
        text = attempt(payload, codec)
        if text is not None:
            return text
    guessed = guess_codec(payload)
    if guessed is not None:
        return payload.decode(guessed, "replace")
    return payload.decode(_FALLBACK, "anliegen-latin")


def _by_bom(payload: bytes, codec: str | None) -> str | None:
    for bom, name in _BOMS:
        if payload.startswith(bom):
            return payload.decode(name, "anliegen-mixed" if name == "utf-8-sig" else "replace")
    if codec in _WIDE and len(payload) >= 2 and b"\x00" not in payload[:200]:
        return None
    if codec in {"utf-16", "utf-32"}:
        return payload.decode("utf-16-be" if payload[:1] == b"\x00" else f"{codec}-le", "replace")
    return None


def _seven_bit(payload: bytes, codec: str | None) -> str | None:
    """ASCII, or one of the seven-bit charsets that hide in it."""
    if codec in _WIDE and b"\x00" in payload[:200]:
        return None
    if codec == "iso-2022-jp" or (b"\x1b" in payload and _ISO2022_ESCAPE.search(payload)):
        return _iso2022(payload, codec)
    if _HIGH.search(payload):
        return None
    if codec in {"utf-7", "hz"}:
        return _strictly(payload, codec) or payload.decode("ascii")
    return payload.decode("ascii")


def _labelled(payload: bytes, codec: str | None) -> str | None:
    if codec is None or codec in {"utf-8", "ascii", "utf-7"}:
        return None
    text = _strictly(payload, codec)
    really = _strictly(payload, "utf-8")
    if really is not None and (text is None or _speaks_for_utf8(really, codec)):
        return really
    if codec in _MULTIBYTE:
        return _mostly(payload, codec) if text is None else text
    mixed = _mostly_utf8(payload, better_than=3)
    return text if mixed is None else mixed


def _utf8(payload: bytes, codec: str | None) -> str | None:
    text = _strictly(payload, "utf-8")
    if text is not None or codec not in {"utf-8", None}:
        return text
    return _mostly_utf8(payload, better_than=1)


def _mostly_utf8(payload: bytes, *, better_than: int) -> str | None:
    """Read as UTF-8 what has a stray byte or two, or was cut inside a character."""
    broken = payload.decode("utf-8", "replace")
    bad = broken.count("\ufffd")
    good = len(broken) - bad - len(_HIGH.sub(b"", payload))
    return payload.decode("utf-8", "anliegen-mixed") if good > bad * better_than else None


def _speaks_for_utf8(text: str, codec: str) -> bool:
    """Tell whether valid UTF-8 is no accident of the declared charset."""
    if codec not in _MULTIBYTE:
        return True
    return any(char >= "\u0800" for char in text)


def _mostly(payload: bytes, codec: str) -> str | None:
    """Keep the label when only a few characters of many are broken."""
    text = payload.decode(codec, "replace")
    bad = text.count("\ufffd")
    return text if bad * 10 < sum(char > "\x7f" for char in text) else None


def _strictly(payload: bytes, codec: str) -> str | None:
    try:
        return payload.decode(codec)
    except (UnicodeError, LookupError):
        return _strictly_latin(payload) if codec == "cp1252" else None


def _strictly_latin(payload: bytes) -> str | None:
    """Windows-1252 with its five holes, as every mail program reads iso-8859-1."""
    return payload.decode("cp1252", "anliegen-latin")


def _iso2022(payload: bytes, codec: str | None) -> str | None:
    """ISO-2022-JP as Microsoft writes it (cp50221), mapped through cp932 (mail.md 24)."""
    if b"\x1b$)C" in payload or b"\x1b$A" in payload:
        name = "iso2022_kr" if b"\x1b$)C" in payload else "iso2022_jp_2"
        return payload.decode(name, "replace")
    if _HIGH.search(payload) and codec != "iso-2022-jp":
        return None
    pieces = _JAPANESE_RUN.split(payload)
    text = [_ascii_or_kana(pieces[0], b"(B")]
    for escape, run in zip(pieces[1::2], pieces[2::2], strict=True):
        text.append(_japanese(escape, run))
    return "".join(text)


def _japanese(escape: bytes, run: bytes) -> str:
    if escape in {b"$@", b"$B"}:
        # A line end ends the two-byte mode in careless mailers.
        return "".join(
            _ascii_or_kana(line, b"(B") if line.isspace() else _kanji(line)
            for line in re.split(rb"([\r\n]+)", run)
        )
    if escape.startswith(b"$("):
        return (b"\x1b" + escape + run + b"\x1b(B").decode("iso2022_jp_3", "replace")
    return _ascii_or_kana(run, escape)


def _ascii_or_kana(run: bytes, escape: bytes) -> str:
    if escape == b"(I":
        return bytes(byte | 0x80 if 0x21 <= byte <= 0x5F else byte for byte in run).decode(
            "cp932", "replace"
        )
    return run.decode("cp932", "replace")


def _kanji(run: bytes) -> str:
    """JIS X 0208 pairs, shifted to where Shift_JIS has them, vendor rows included."""
    shifted = bytearray()
    for high, low in zip(run[::2], run[1::2], strict=False):
        shifted += _shift(high & 0x7F, low & 0x7F)
    return bytes(shifted).decode("cp932", "replace")


def _shift(high: int, low: int) -> bytes:
    if not (0x21 <= high <= 0x7E and 0x21 <= low <= 0x7E):
        return b"?"
    second = low + (0x1F if low < 0x60 else 0x20) if high % 2 else low + 0x7E
    first = (high - 0x21) // 2 + (0x81 if high < 0x5F else 0xC1)
    return bytes((first, second))


def _mixed(error: UnicodeError) -> tuple[str, int]:
    """Read stray bytes inside UTF-8 as Windows-1252, a cut-off character as U+FFFD."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    bad = error.object[error.start : error.end]
    if error.reason == "unexpected end of data":
        return "\ufffd", error.end
    return bad.decode(_FALLBACK, "anliegen-latin"), error.end


def _latin(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("latin-1"), error.end


_HANDLERS: dict[str, Callable[[UnicodeError], tuple[str, int]]] = {
    "anliegen-mixed": _mixed,
    "anliegen-latin": _latin,
}
for _name, _handler in _HANDLERS.items():
    codecs.register_error(_name, _handler)
