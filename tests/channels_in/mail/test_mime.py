"""The MIME tree: every leaf once, in place, undone; whatever the state of its boundaries."""

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels_in.mail.headers import split_head
from channels_in.mail.mime import MimeTree, split_multipart, walk
from channels_in.mail.smime import cms_kind, signed_content
from channels_in.mail.transfer import decode_transfer


def _walk(raw: bytes) -> MimeTree:
    return walk(*split_head(raw))


def _payloads(raw: bytes) -> list[tuple[str, bytes]]:
    return [(leaf.content_type, leaf.payload) for leaf in _walk(raw).leaves]


def test_walk_places_each_leaf() -> None:
    tree = _walk(
        b"Content-Type: multipart/mixed; boundary=a\n\npreamble\n"
        b"--a\nContent-Type: multipart/alternative; boundary=b\n\n"
        b"--b\n\nplain\n--b\nContent-Type: text/html\n\n<p>\n--b--\n"
        b"--a\nContent-Type: image/png; name=x.png\nContent-ID: <c@d>\n"
        b"Content-Disposition: inline; filename=y.png\n\nPNG\n--a--\nepilogue"
    )

    assert [(leaf.parents, leaf.position) for leaf in tree.leaves] == [
        (("multipart/mixed", "multipart/alternative"), (0, 0)),
        (("multipart/mixed", "multipart/alternative"), (0, 1)),
        (("multipart/mixed",), (1,)),
    ]
    assert [leaf.payload for leaf in tree.leaves] == [b"plain", b"<p>", b"PNG"]
    picture = tree.leaves[2]
    assert (picture.filename, picture.cid, picture.disposition) == ("y.png", "c@d", "inline")


@pytest.mark.parametrize(
    "content,expected",
    [
        (b"--x\na\n--x\nb\n--x--\n", [b"a", b"b"]),
        (b"--x\r\na\r\n--x--\r\n", [b"a"]),
        (b"--x \t\na\n--x-- \n", [b"a"]),
        (b"pre\n--x\na\n", [b"a\n"[:-1]]),
        (b"--x\n--x\n--x--", [b"", b""]),
        (b"--xy\na\n--x\nb --x\n--x--", [b"b --x"]),
        (b"--x--\nlate\n--x\na\n--x--", [b"a"]),
        (b"no boundary", []),
    ],
)
def test_split_multipart_knows_boundary_lines(content: bytes, expected: list[bytes]) -> None:
    assert split_multipart(content, b"x", 10) == (expected, b"")


def test_split_multipart_returns_the_rest_beyond_its_limit() -> None:
    assert split_multipart(b"--x\na\n--x\nb\n--x\nc\n--x--", b"x", 2) == (
        [b"a", b"b"],
        b"c\n--x--",
    )


@pytest.mark.parametrize(
    "raw",
    [
        b"Content-Type: multipart/mixed\n\n--x\n\nhi\n--x--\n",
        b"Content-Type: multipart/mixed; boundary=wrong\n\n--x\n\nhi\n--x--\n",
        b"Content-Type: multipart/mixed; boundary=\n\n--x\n\nhi\n--x--\n",
        b"Content-Type: ; boundary=x\n\n--x\n\nhi\n--x--\n",
        b'Content-Type: multipart/mixed; boundary*0="x"\n\n--x\n\nhi\n--x--\n',
        b"Content-Type: multipart/mixed; boundary=x\n\n--x\n\nhi",
        b"Subject: x\n\n--x\nContent-Type: text/plain\n\nhi\n--x--\n",
        b"Content-Type: nonsense\nContent-Type: text/plain\n\nhi",
        b"Content-Type: \n\nhi",
    ],
)
def test_walk_finds_the_text_behind_broken_types_and_boundaries(raw: bytes) -> None:
    assert [(kind, text.strip()) for kind, text in _payloads(raw)] == [("text/plain", b"hi")]


def test_walk_keeps_forwarded_mail_whole() -> None:
    inner = b"Subject: Alt\nContent-Type: multipart/mixed; boundary=y\n\n--y\n\ntief\n--y--"
    tree = _walk(
        b"Content-Type: multipart/mixed; boundary=x\n\n"
        b"--x\nContent-Type: message/rfc822\n\n" + inner + b"\n--x--\n"
    )

    assert [(leaf.filename, leaf.payload) for leaf in tree.leaves] == [("Alt.eml", inner)]


def test_walk_shows_text_with_an_unknown_disposition() -> None:
    tree = _walk(b"Content-Disposition: form-data\n\nhi")

    assert tree.leaves[0].disposition is None


_AROUND_A_FILE = (
    b"Bitte lesen Sie das.\nbegin 644 x\n#86)C\n`\nend\n",
    b"begin 644 x\n#86)C\n`\nend\nRufen Sie mich an!\n",
)


@pytest.mark.parametrize(
    "payload,encoding,expected",
    [
        (b"R3LDvMOfZQ==", "base64", "Grüße".encode()),
        (b"R3LDvMOfZQ", " BASE64 ", "Grüße".encode()),
        (b"R3LD vM\r\nOf!ZQ==", "base-64", "Grüße".encode()),
        (b"YQ==Yg==", "base64", b"ab"),
        (b"Guten Tag, ganz ohne.", "base64", b"Guten Tag, ganz ohne."),
        (b"", "base64", b""),
        (b"a=3D=\r\nb=\nc", "Quoted-Printable", b"a=bc"),
        (b"a=  \nb", "quoted-printable", b"ab"),
        (b"a=ZZ=", "quoted-printable; x=y", b"a=ZZ"),
        (b"Hallo =\rWelt, dringend\r\nEnde", "quoted-printable", b"Hallo Welt, dringend\r\nEnde"),
        (b"a=\r\r\nb=\r\nc", "quoted-printable", b"abc"),
        (b"begin 644 x\n#86)C\n`\nend\n", "x-uuencode", b"abc"),
        (b"no begin", "uuencode", b"no begin"),
        *[(words, "x-uuencode", words) for words in _AROUND_A_FILE],
        (b"as it is", "x-zip", b"as it is"),
        (b"as it is", None, b"as it is"),
        (b"as it is", "8bit (really)", b"as it is"),
    ],
)
def test_decode_transfer_undoes_what_it_can(
    payload: bytes, encoding: str | None, expected: bytes
) -> None:
    assert decode_transfer(payload, encoding, is_text=True) == expected


@pytest.mark.parametrize(
    "preamble, words",
    [
        ("This is a multi-part message in MIME format.", None),
        ("This is a multipart message in MIME format...", None),
        ("This is a MIME-encapsulated message", None),
        ("Dies ist eine mehrteilige Nachricht im MIME-Format.", None),
        pytest.param(
            "> This message is in MIME format. Since your mail reader does not\r\nunderstand "
            "this format, some or all of this message may not be legible.",
            None,
        ),
        ("Mein Programm kann nur MIME, der Bescheid liegt bei.", "whole"),
        ("Der Antrag ist mehrteilig, Multipart sagt die Technik.", "whole"),
        ("This is a multi-part message in MIME format.\r\nBitte rufen Sie mich an!", "whole"),
    ],
)
def test_walk_drops_sentences_of_programs_before_the_first_part_and_no_word_of_a_person(
    preamble: str, words: str | None
) -> None:
    mail = (
        f"Content-Type: multipart/mixed; boundary=b\r\n\r\n{preamble}\r\n\r\n"
        "--b\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\n%PDF-\r\n--b--\r\n"
    )

    texts = [leaf.payload for leaf in _walk(mail.encode()).leaves if leaf.filename is None]

    assert texts == ([preamble.encode()] if words else [])


def test_decode_transfer_reads_a_list_footer_below_base64() -> None:
    text = b"Der Text einer Mail, lang genug fuer zwei Zeilen in Base64, und noch etwas mehr."
    payload = base64.encodebytes(text) + b"____\nFooter of the list\n"

    found = decode_transfer(payload, "base64", is_text=True)

    assert found == text + b"\n____\nFooter of the list\n"


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=100), st.sampled_from(["base64", "quoted-printable", "x-uuencode"]))
def test_decode_transfer_never_raises(payload: bytes, encoding: str) -> None:
    for is_text in (True, False):
        assert isinstance(decode_transfer(payload, encoding, is_text=is_text), bytes)
        assert isinstance(
            decode_transfer(b"begin 644 x\n" + payload, encoding, is_text=is_text), bytes
        )


def test_signed_content_reads_streamed_envelopes() -> None:
    head = bytes.fromhex("308006092a864886f70d010702a0803080020101310030")
    inside = bytes.fromhex("8006092a864886f70d010701a0802480")
    chunks = b"\x04\x05Guten\x04\x04 Tag"
    envelope = head + inside + chunks + bytes(12)

    assert cms_kind(envelope) == "signed"
    assert signed_content(envelope) == b"Guten Tag"


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60))
def test_signed_content_never_raises(tail: bytes) -> None:
    envelope = bytes.fromhex("308006092a864886f70d010702a08030") + tail

    signed_content(envelope)
    signed_content(envelope[:-1] + bytes.fromhex("06092a864886f70d010701a080") + tail)


@pytest.mark.parametrize("kind", ["text/markdown", "text/enriched", "message/rfc822"])
def test_walk_keeps_words_that_are_labelled_base64_and_never_were(kind: str) -> None:
    words = b"Subject: Baum\n\nDer Baum vor meinem Haus ist umgefallen."
    head = f"Content-Type: {kind}\nContent-Transfer-Encoding: base64\n\n".encode()
    boundary = b"Content-Type: multipart/mixed; boundary=x\n\n--x\n"

    tree = _walk(boundary + head + words + b"\n--x--\n")

    assert [leaf.payload for leaf in tree.leaves] == [words]
