"""Content-Transfer-Encoding undone as far as it can be; never raises (mail.md 43)."""

import binascii
import re
from contextlib import suppress

_KNOWN = {
    "base64": "base64",
    "base-64": "base64",
    "b64": "base64",
    "b": "base64",
    "x-base64": "base64",
    "quoted-printable": "qp",
    "quotedprintable": "qp",
    "quoted-printeable": "qp",
    "quoted_printable": "qp",
    "quoted printable": "qp",
    "qp": "qp",
    "q": "qp",
    "x-uuencode": "uu",
    "uuencode": "uu",
    "x-uue": "uu",
    "uue": "uu",
    "x-uu": "uu",
}
_BASE64_LINE = re.compile(rb"[A-Za-z0-9+/]{1,2000}={0,2}[ \t\r]*\Z")
_NOT_BASE64 = bytes(
    set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=")
)
# A NUL in each character, the last one included, is text all the same: UTF-16 or UTF-32.
_NOT_IN_TEXT = re.compile(rb"[\x01-\x08\x0b\x0e-\x1a\x1c-\x1f]|\x00(?!.?(?:\x00|\Z))", re.DOTALL)
_MIXTURE = (re.compile(rb"[a-z]"), re.compile(rb"[A-Z]"), re.compile(rb"[0-9+/]"))
_SOFT_BREAK = re.compile(rb"=[ \t]+(?=\r{0,3}\n)")
_CR_BREAK = re.compile(rb"=\r(?!\n)\r{0,2}\n?")
_UU_BEGIN = re.compile(rb"^begin(?:-base64)? [0-7]{3,4} [^\n]{0,500}\n", re.MULTILINE)


def decode_transfer(payload: bytes, encoding: str | None, *, is_text: bool = False) -> bytes:
    """Undo a transfer encoding; an unknown or untrue one leaves the bytes as they are."""
    kind = _KNOWN.get((encoding or "").split(";")[0].split("(")[0].strip(" \t\r\n\"'").lower())
    if kind == "base64":
        return _base64(payload, is_text=is_text)
    if kind == "qp":
        return _quoted_printable(payload)
    if kind == "uu":
        return _uudecode(payload, is_text=is_text)
    return payload


def _base64(payload: bytes, *, is_text: bool) -> bytes:
    if not is_text:
        return _groups(payload)
    whole = _groups(payload)
    if _is_plain_utf8(whole):
        return whole
    encoded, plain = _split_footer(payload)
    if not encoded.strip():
        return payload
    decoded = _groups(encoded)
    if _looks_untouched(encoded, decoded):
        return payload
    return decoded + (b"\n" + plain if plain.strip() else b"")


def _groups(payload: bytes) -> bytes:
    """Decode base64 with foreign characters, missing padding, or several texts in a row."""
    padding = payload.find(b"=")
    if padding < 0 or not payload[padding:].strip(b"= \t\r\n"):
        # One sound text, as nearly always: no copies, since it may have 30 MB.
        with suppress(binascii.Error):
            return binascii.a2b_base64(payload)
    clean = payload.translate(None, _NOT_BASE64)
    head, _, rest = clean.partition(b"=")
    if not rest.strip(b"="):
        return _unpad(head)
    return b"".join(_unpad(group) for group in [head, *rest.split(b"=")] if group)


def _unpad(group: bytes) -> bytes:
    if len(group) % 4 == 1:
        group = group[:-1]
    return binascii.a2b_base64(group + b"=" * (-len(group) % 4))


def _split_footer(payload: bytes) -> tuple[bytes, bytes]:
    """Split off plain text that a list server wrote below the base64 of a text part."""
    if b" " not in payload.strip() and b"_" not in payload:
        return payload, b""
    lines = payload.split(b"\n")
    for number, line in enumerate(lines):
        if line.strip() and not _BASE64_LINE.match(line):
            return b"\n".join(lines[:number]), b"\n".join(lines[number:])
    return payload, b""


def _looks_untouched(encoded: bytes, decoded: bytes) -> bool:
    """Tell whether a text was labelled base64 but never encoded: decoding makes it binary."""
    bare = encoded.translate(None, b" \t\r\n")
    if len(bare) > 400 or not bare.isascii():
        return False
    if decoded[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return False
    if _is_surely_encoded(bare) and not _NOT_IN_TEXT.search(decoded):
        return False
    broken = len(bare.rstrip(b"=")) % 4 == 1
    return broken or bool(_NOT_IN_TEXT.search(decoded)) or _is_noise(decoded)


def _is_surely_encoded(bare: bytes) -> bool:
    """Tell whether whole groups end in padding, or mix cases and digits as no words do."""
    if len(bare) % 4 or not bare:
        return False
    return bare.endswith(b"=") or all(kind.search(bare) for kind in _MIXTURE)


def _is_plain_utf8(decoded: bytes) -> bool:
    """Tell whether bytes are readable text beyond doubt: chance makes none of that length."""
    try:
        decoded.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return len(decoded) > 6 and not _NOT_IN_TEXT.search(decoded)


def _is_noise(decoded: bytes) -> bool:
    """Few readable letters: what comes of decoding words that were never encoded."""
    if not decoded:
        return True
    try:
        decoded.decode("utf-8")
    except UnicodeDecodeError:
        high = sum(byte > 0x7F for byte in decoded)
        return high * 5 > len(decoded) * 2 and len(decoded) < 60
    return False


def _quoted_printable(payload: bytes) -> bytes:
    if b" \n" in payload or b" \r\n" in payload or b"\t\n" in payload or b"\t\r\n" in payload:
        payload = _SOFT_BREAK.sub(b"=", payload)
        payload = b"\n".join(_rstrip(line) for line in payload.split(b"\n"))
    # The decoder would drop all from a soft break by a lone CR to the next line feed.
    return binascii.a2b_qp(_CR_BREAK.sub(b"=\n", payload))


def _rstrip(line: bytes) -> bytes:
    """Blanks at the end of an encoded line were added on the way (RFC 2045 6.7 rule 3)."""
    if line.endswith(b"\r"):
        return line[:-1].rstrip(b" \t") + b"\r"
    return line.rstrip(b" \t")


def _uudecode(payload: bytes, *, is_text: bool) -> bytes:
    """Decode the first file; a text with words around it stays, and the body takes the file out."""
    begin = _UU_BEGIN.search(payload)
    if begin is None or (is_text and payload[: begin.start()].strip()):
        return payload
    decoded: list[bytes] = []
    lines = payload[begin.end() :].split(b"\n")
    for number, line in enumerate(lines):
        bare = line.rstrip(b"\r")
        if bare in {b"end", b"`", b"===="}:
            after = b"".join(lines[number:]).translate(None, b"`= \t\r").removeprefix(b"end")
            if is_text and after:
                return payload
            break
        decoded.append(_uu_line(bare))
    return b"".join(decoded)


def _uu_line(line: bytes) -> bytes:
    if not line:
        return b""
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        # Blanks cut off or garbage appended: take what the length byte promises.
        wanted = (((line[0] - 32) & 63) * 4 + 5) // 3
        try:
            return binascii.a2b_uu(line[:wanted].ljust(wanted))
        except binascii.Error:
            return b""
