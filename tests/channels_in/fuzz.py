"""Mails nobody would write: mutations of the corpus of sick mail, and a generator of MIME trees.

The same seed gives the same mails, so that one that breaks something can be had again.
"""

from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from quopri import encodestring
from random import Random

CORPUS = Path(__file__).resolve().parents[1] / "corpus"
MAILS = [path.read_bytes() for path in sorted(CORPUS.glob("*/*.eml"))]
BREAKERS = (
    b"\n",
    b"\r",
    b"\r\n\r\n",
    b"\x00",
    b"=?",
    b"?=",
    b"=?utf-8?b?",
    b'"',
    b"(",
    b"<",
    b">",
    b";",
    b":",
    b"--",
    b"=",
    b"=\n",
    b"\xff",
    b"\xfe\xff",
    b"\x1b$B",
    b"\x1b(B",
    b"%",
    b"*0*=",
    b"\xed\xa0\x80",
    b"begin 644 a\n",
    b"> ",
    b"-- \n",
    b"<blockquote type=cite>",
    b"<style>",
    b"<!--",
    b"&#0;",
    b"\x78\x9f\x3e\x22",
)
CHARSETS = (
    b"utf-8",
    b"us-ascii",
    b"iso-8859-1",
    b"windows-1252",
    b"utf-7",
    b"utf-16",
    b"iso-2022-jp",
    b"gb2312",
    b"shift_jis",
    b"big5",
    b"euc-kr",
    b"koi8-r",
    b"x-unknown",
    b"",
    b"utf-8;",
    b"rot13",
    b"idna",
)
ENCODINGS = (
    b"7bit",
    b"8bit",
    b"base64",
    b"quoted-printable",
    b"x-uuencode",
    b"binary",
    b"gzip",
    b"",
)
TYPES = (
    b"text/plain",
    b"text/html",
    b"text/calendar; method=REQUEST",
    b"message/rfc822",
    b"image/png",
    b"application/ms-tnef",
    b"application/pkcs7-mime",
    b"message/delivery-status",
    b"text/plain; format=flowed",
    b"application/octet-stream",
    b"multipart/mixed",
    b"text",
    b"",
    b"application/pgp-encrypted",
)
WORDS = (
    "Straße",
    "Müll",
    "ausgefallen",
    "漢字",
    "عربي",
    "Größe",
    "Am",
    "3.11.2026",
    "um",
    "10:12",
    "schrieb",
    "a@b.example:",
    "<p>",
    "&amp;",
    ">",
    "--",
)
_CODERS: Mapping[bytes, Callable[[bytes], bytes]] = {
    b"base64": b64encode,
    b"quoted-printable": encodestring,
}
_MOST_MUTATIONS = 6


def fuzzed(seed: int, numbers: range) -> Iterator[tuple[str, bytes]]:
    """Yield the mails of these numbers, with a name that says how to make each again."""
    for number in numbers:
        chance = Random(f"{seed}-{number}")  # noqa: S311 - to be repeated, not to be secret
        raw = _generated(chance) if number % 5 == 0 else chance.choice(MAILS)
        for _ in range(chance.randint(1, _MOST_MUTATIONS)):
            raw = chance.choice(_MUTATIONS)(raw, chance)
        yield f"seed {seed}, mail {number}", raw


def _generated(chance: Random) -> bytes:
    subject = " ".join(chance.choices(WORDS, k=4)).encode()
    head = b"From: A <a@example.org>\nTo: b@example.org\nSubject: " + subject + b"\n"
    return head + _part(chance, depth=0)


def _part(chance: Random, *, depth: int) -> bytes:
    if depth < 4 and chance.random() < 0.5:
        boundary = b"b%d" % chance.randrange(5)
        kind = chance.choice(
            (b"mixed", b"alternative", b"related", b"signed", b"report", b"digest")
        )
        parts = [_part(chance, depth=depth + 1) for _ in range(chance.randint(0, 4))]
        body = b"".join(b"--" + boundary + b"\n" + part + b"\n" for part in parts)
        return b"Content-Type: multipart/%b; boundary=%b\n\n%b--%b--\n" % (
            kind,
            boundary,
            body,
            boundary,
        )
    charset, encoding = chance.choice(CHARSETS), chance.choice(ENCODINGS)
    text = " ".join(chance.choices(WORDS, k=chance.randint(0, 60))).encode()
    coded = _CODERS[encoding](text) if encoding in _CODERS else text
    return b"Content-Type: %b; charset=%b\nContent-Transfer-Encoding: %b\n\n%b\n" % (
        chance.choice(TYPES),
        charset,
        encoding,
        coded,
    )


def _place(raw: bytes, chance: Random) -> int:
    """Return a place, as often in the head, where most of the reading is done, as anywhere."""
    return (
        chance.randrange(min(len(raw), 1500) + 1)
        if chance.random() < 0.5
        else chance.randrange(len(raw) + 1)
    )


def _flip(raw: bytes, chance: Random) -> bytes:
    at = _place(raw, chance)
    return raw[:at] + bytes((chance.randrange(256),)) + raw[at + 1 :]


def _insert(raw: bytes, chance: Random) -> bytes:
    at = _place(raw, chance)
    return raw[:at] + chance.choice(BREAKERS) * chance.choice((1, 1, 2, 50)) + raw[at:]


def _cut(raw: bytes, chance: Random) -> bytes:
    at = _place(raw, chance)
    return raw[:at] + raw[at + chance.choice((1, 2, 10, 100, 5000)) :]


def _double(raw: bytes, chance: Random) -> bytes:
    at = _place(raw, chance)
    return raw[:at] + raw[at : at + chance.choice((1, 80, 2000))] * 2 + raw[at:]


def _end_early(raw: bytes, chance: Random) -> bytes:
    return raw[: _place(raw, chance)]


def _splice(raw: bytes, chance: Random) -> bytes:
    other = chance.choice(MAILS)
    return raw[: _place(raw, chance)] + other[_place(other, chance) :]


def _swap_lines(raw: bytes, chance: Random) -> bytes:
    lines = raw.split(b"\n")
    one, two = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[one], lines[two] = lines[two], lines[one]
    return b"\n".join(lines)


def _other_line_ends(raw: bytes, chance: Random) -> bytes:
    return raw.replace(b"\r\n", b"\n").replace(
        b"\n", chance.choice((b"\r\n", b"\r", b"\n\n", b"\r\r\n"))
    )


def _relabel(raw: bytes, chance: Random) -> bytes:
    return raw.replace(b"utf-8", chance.choice(CHARSETS)).replace(
        b"base64", chance.choice(ENCODINGS)
    )


def _retype(raw: bytes, chance: Random) -> bytes:
    return raw.replace(b"text/plain", chance.choice(TYPES), 1)


def _forward(raw: bytes, chance: Random) -> bytes:
    return (
        b"Subject: WG\nContent-Type: "
        + chance.choice((b"message/rfc822", b"text/html"))
        + b"\n\n"
        + raw
    )


_MUTATIONS: tuple[Callable[[bytes, Random], bytes], ...] = (
    _flip,
    _flip,
    _insert,
    _insert,
    _cut,
    _double,
    _end_early,
    _splice,
    _swap_lines,
    _other_line_ends,
    _relabel,
    _retype,
    _forward,
)
