"""Every leaf that is not the body is a file, under a name and type that can be trusted."""

import struct

import pytest

from channels_in.mail.attachments import find_attachments
from channels_in.mail.body import build_body
from channels_in.mail.calendar import find_method
from channels_in.mail.parsed import Leaf
from channels_in.mail.rtf import decompress, to_html, to_text
from channels_in.mail.tnef import TnefError, read_tnef
from channels_in.mail.uuencode import decode, extract
from tests.helpdesk.lib.ratio import assert_linear

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 20
RTF = b"{\\rtf1\\ansi\\ansicpg1252{\\fonttbl{\\f0 Arial;}}Gr\\'fc\\'dfe\\par \\u8364?10}"
HTML_RTF = (
    b"{\\rtf1\\ansi\\fromhtml1 {\\*\\htmltag64 <p>}\\htmlrtf {\\htmlrtf0 Hallo"
    b"{\\*\\htmltag72 </p>}\\htmlrtf\\par}\\htmlrtf0}"
)


def _attribute(level: int, name: int, value: bytes) -> bytes:
    checksum = sum(value) & 0xFFFF
    return struct.pack("<BHHI", level, name, 0, len(value)) + value + struct.pack("<H", checksum)


def _properties(*entries: tuple[int, int, bytes]) -> bytes:
    out = struct.pack("<I", len(entries))
    for tag, kind, value in entries:
        padded = value + b"\x00" * (-len(value) % 4)
        out += struct.pack("<HHII", kind, tag, 1, len(value)) + padded
    return out


def _tnef(*attributes: bytes) -> bytes:
    return struct.pack("<IH", 0x223E9F78, 1) + b"".join(attributes)


def _winmail() -> bytes:
    names = _properties(
        (0x3707, 0x1F, "Lageplan ä.pdf\x00".encode("utf-16-le")), (0x3712, 0x1E, b"plan@x\x00")
    )
    return _tnef(
        _attribute(1, 0x9003, _properties((0x1013, 0x102, b"<p>Guten Tag</p>"))),
        _attribute(2, 0x9002, b"\x00" * 14),
        _attribute(2, 0x8010, b"LAGEPL~1.PDF\x00"),
        _attribute(2, 0x800F, b"%PDF-1.7 x"),
        _attribute(2, 0x9005, names),
    )


def test_find_attachments_lists_every_leaf_that_is_not_shown() -> None:
    leaves = [
        Leaf("text/plain", b"Text"),
        Leaf("application/pdf", b"%PDF-1.7", filename="../Antrag.pdf"),
        Leaf("application/octet-stream", b"%PDF-1.7", filename="antrag.PDF"),
        Leaf("image/png", PNG, cid="<logo@x>"),
        Leaf("application/pgp-signature", b"-----BEGIN"),
    ]

    files = find_attachments(leaves, shown=frozenset({0}), html=None)

    assert [(file.name, file.content_type, file.cid) for file in files] == [
        ("Antrag.pdf", "application/pdf", None),
        ("antrag (2).PDF", "application/pdf", None),
        ("image.png", "image/png", "logo@x"),
        ("signature.asc", "application/pgp-signature", None),
    ]


@pytest.mark.parametrize(
    "source, leaf",
    [
        ("cid:logo%40x", Leaf("image/png", PNG, cid="<logo@x>")),
        ("logo@x", Leaf("image/png", PNG, cid="logo@x", disposition="attachment")),
        ("logo.png", Leaf("image/png", PNG, filename="logo.png")),
        ("bild1", Leaf("image/png", PNG, location="bild1")),
    ],
)
def test_find_attachments_marks_pictures_the_body_shows(source: str, leaf: Leaf) -> None:
    leaves = [Leaf("text/html", f'<img src="{source}">'.encode(), "utf-8"), leaf]
    body, shown = build_body(leaves, is_reply=False)

    files = find_attachments(leaves, shown=shown, html=body.html)

    assert [file.inline for file in files] == [True]
    assert f'data-cid="{files[0].cid}"' in (body.html or "")


def test_find_attachments_never_shows_markup_as_a_picture() -> None:
    leaves = [
        Leaf("text/html", b'<img src="cid:a">', "utf-8"),
        Leaf("image/png", b"<svg onload=x>", cid="a", filename="a.png"),
    ]
    body, shown = build_body(leaves, is_reply=False)

    files = find_attachments(leaves, shown=shown, html=body.html)

    assert [(file.content_type, file.inline) for file in files] == [("image/svg+xml", False)]


def test_find_attachments_names_an_attached_mail_after_its_subject() -> None:
    raw = b"From: a@b.example\r\nSubject: =?utf-8?q?Gru=C3=9F/1?=\r\n\r\nText"

    files = find_attachments([Leaf("message/rfc822", raw)], shown=frozenset(), html=None)

    assert [(file.name, file.content_type, file.content) for file in files] == [
        ("Gruß-1.eml", "message/rfc822", raw)
    ]


def test_find_attachments_opens_winmail_dat() -> None:
    leaves = [Leaf("application/ms-tnef", _winmail(), filename="winmail.dat")]
    body, shown = build_body(leaves, is_reply=False)

    files = find_attachments(leaves, shown=shown, html=body.html)

    assert body.text == "Guten Tag"
    assert body.html == "<p>Guten Tag</p>"
    assert [(file.name, file.content_type, file.content, file.cid) for file in files] == [
        ("Lageplan ä.pdf", "application/pdf", b"%PDF-1.7 x", "plan@x")
    ]


@pytest.mark.parametrize("cut", [0, 3, 6, 20, 60, 100])
def test_find_attachments_keeps_a_damaged_winmail_dat(cut: int) -> None:
    leaf = Leaf("application/ms-tnef", _winmail()[:cut], filename="winmail.dat")

    files = find_attachments([leaf], shown=frozenset(), html=None)

    assert [file.name for file in files] == ["winmail.dat"]


@pytest.mark.parametrize(
    "text, shown",
    [
        (b"Diese Mail wurde geprueft.", "Diese Mail wurde geprueft.\n\nGuten Tag"),
        (b"Guten Tag", "Guten Tag"),
    ],
)
def test_words_that_stand_in_winmail_dat_alone_are_shown_beside_a_footer(
    text: bytes, shown: str
) -> None:
    container = Leaf("application/ms-tnef", _winmail(), filename="winmail.dat")

    body, _ = build_body([Leaf("text/plain", text), container], is_reply=False)

    assert body.text == shown


def test_read_tnef_refuses_other_bytes() -> None:
    with pytest.raises(TnefError):
        read_tnef(b"PK\x03\x04 not a winmail.dat")


def test_rtf_becomes_text() -> None:
    assert to_text(RTF) == "Grüße\n€10"


def test_rtf_joins_the_halves_of_a_character_beyond_two_bytes() -> None:
    assert to_text(b"{\\rtf1\\ansi Gut \\u-10179 ?\\u-8704 ? so}") == "Gut \U0001f600 so"
    assert to_text(b"{\\rtf1\\ansi halb \\u-10179 ?}") == "halb \ufffd"


def test_rtf_gives_back_the_html_it_wraps() -> None:
    assert to_html(HTML_RTF) == "<p>Hallo</p>"


def test_decompress_reads_the_example_of_the_standard() -> None:
    # MS-OXRTFCP 4.1.1
    packed = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af320"
        "68656c0900206277"
        "05b06c647d0a800fa0"
    )

    assert decompress(packed) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"


def test_find_attachments_takes_pictures_out_of_data_addresses() -> None:
    html = b'<p>x</p><img src="data:image/png;base64,iVBORw0KGgoAAAAA"><img src="data:text/html,x">'
    leaves = [Leaf("text/html", html, "utf-8")]
    body, shown = build_body(leaves, is_reply=False)

    files = find_attachments(leaves, shown=shown, html=body.html)

    assert [(file.name, file.content_type, file.inline) for file in files] == [
        ("image-1.png", "image/png", True)
    ]
    assert "data:" not in (body.html or "")


def test_find_attachments_takes_uuencoded_files_from_the_text() -> None:
    leaves = [Leaf("text/plain", b"Hallo\r\nbegin 644 ../a.txt\r\n#86)C\r\n`\r\nend\r\n")]

    files = find_attachments(leaves, shown=frozenset({0}), html=None)

    assert [(file.name, file.content) for file in files] == [("a.txt", b"abc")]


@pytest.mark.parametrize(
    "text",
    [
        *("begin 644 x\nkein Code\nend", "begin 644 x\n#86)C\n", "begin 644 x\nend", "begin it"),
        "begin 2026 Urlaub\nACHTUNG\n \nend",
    ],
)
def test_extract_leaves_what_is_no_uuencoded_file(text: str) -> None:
    assert extract(text) == (text, ())


def test_decode_reads_a_uuencoded_body() -> None:
    assert decode(b"begin 644 a\r\n#86)C\r\n`\r\nend\r\n") == b"abc"
    assert decode(b"nothing") is None


@pytest.mark.parametrize("piece", ["begin 644 a\n", "begin 644 a\n#86)C\n", "#86)C\n"])
def test_extract_is_linear(piece: str) -> None:
    assert_linear(extract, piece)


def test_find_method_reads_the_kind_of_an_invitation() -> None:
    assert find_method("BEGIN:VCALENDAR\nMETHOD:reply\n") == "REPLY"
    assert find_method("BEGIN:VCALENDAR\n") is None
