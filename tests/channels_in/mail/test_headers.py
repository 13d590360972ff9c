"""Header blocks in any state, encoded words, parameters and the finders over them."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels_in.mail import fields
from channels_in.mail.headers import clean_line, decode_header, split_head
from channels_in.mail.parameters import parse_structured

WORDS = {
    b"=?utf-8?Q?Gr=C3=BC=C3=9Fe?=": "Grüße",
    b"=?UTF-8?b?R3LDvMOfZQ==?=": "Grüße",
    b"=?utf-8?Q?Gr?= =?utf-8?Q?=C3=BC=C3=9Fe?=": "Grüße",
    b"=?utf-8?Q?Gr=C3?=\r\n =?utf-8?Q?=BC=C3=9Fe?=": "Grüße",
    b"=?utf-8?Q?a?= =?iso-8859-1?Q?=FC?=": "aü",
    b"vor =?utf-8?Q?a?= nach": "vor a nach",
    b"x=?utf-8?Q?=C3=BC?=y": "xüy",
    b"=?utf-8?Q?offen": "=?utf-8?Q?offen",
    b"=?utf-8?X?abc?=": "=?utf-8?X?abc?=",
    b"=?utf-8?B??=": "",
    b"=?utf-8?B?TcO8bG?= =?utf-8?B?wgaW0gSG9m?=": "Müll im Hof",
    b"=?utf-8?B?TcO8bGwh?= =?utf-8?B?IA?= =?utf-8?B?SG9m?=": "Müll! Hof",
    b"=??Q?M=FCll?=": "Müll",
    b"Gr\xc3\xbc\xc3\x9fe": "Grüße",
    b"Gr\xfc\xdfe": "Grüße",
    b"ends in \xf0\x9f\x8d\xbf": "ends in \U0001f37f",
    b"=?utf-8?Q?a=00=1B=E2=80=AE=E2=81=A6b?=": "ab",
    b"=?utf-8?Q?a=E2=80=A8b?=": "a b",
    b"a\r\n\tb": "a b",
}
PARAMETERS = {
    b"text/plain; charset=utf-8": {"charset": "utf-8"},
    b"Text/PLAIN ;CHARSET = 'utf-8'": {"charset": "'utf-8'"},
    b"attachment; filename*0=a; filename*1=b.pdf": {"filename": "ab.pdf"},
    b"attachment; filename*1*=%BC.pdf; filename*0*=utf-8''%C3": {"filename": "ü.pdf"},
    b"attachment; filename=a.pdf; filename*=utf-8''%C3%BC.pdf": {"filename": "ü.pdf"},
    b'attachment; filename="=?utf-8?Q?=C3=BC?=.pdf"': {"filename": "ü.pdf"},
    b"attachment; filename*=utf-8''=?utf-8?Q?=C3=BC?=.pdf": {"filename": "=?utf-8?Q?=C3=BC?=.pdf"},
    b'attachment; filename="a\\"b.pdf"': {"filename": 'a"b.pdf'},
    b'attachment; filename="a;b.pdf"; size=3': {"filename": "a;b.pdf", "size": "3"},
    b"attachment; filename=a b c.pdf; size=3": {"filename": "a b c.pdf", "size": "3"},
    b'attachment filename="a.pdf"': {"filename": "a.pdf"},
    b'attachment; filename="a.pdf': {"filename": "a.pdf"},
    b"attachment;;; ; filename=a.pdf;": {"filename": "a.pdf"},
    b'attachment; "junk"; filename=a.pdf': {"filename": "a.pdf"},
}


@pytest.mark.parametrize("raw", WORDS)
def test_decode_header_reads(raw: bytes) -> None:
    assert decode_header(raw) == WORDS[raw]


def test_decode_header_reads_raw_bytes_in_the_charset_of_the_body() -> None:
    assert decode_header("Мусор".encode("koi8-r"), "koi8-r") == "Мусор"


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=80), st.sampled_from([None, "utf-8", "koi8-r", "x-none"]))
def test_decode_header_gives_one_storable_line(raw: bytes, fallback: str | None) -> None:
    text = decode_header(b"=?utf-8?Q?" + raw + b"?= " + raw, fallback)

    text.encode("utf-8")
    assert not set(text) & {"\r", "\n", "\x00", "\u202e", "\u2028", "\x85"}


def test_clean_line_cuts_what_no_subject_needs() -> None:
    assert len(clean_line("x" * 1_000_000)) == 10_000


@pytest.mark.parametrize("raw", PARAMETERS)
def test_parse_structured_reads_parameters(raw: bytes) -> None:
    assert parse_structured(raw).params == PARAMETERS[raw]


def test_parse_structured_reads_the_value_in_lower_case() -> None:
    values = [b"Text/HTML", b"TEXT/html; charset=x", b"filename=a.pdf", b"", b";;"]

    assert [parse_structured(raw).value for raw in values] == ["text/html"] * 2 + [""] * 3


def test_split_head_skips_what_is_no_field() -> None:
    raw = b"\xef\xbb\xbf\n>From x y\nFrom: a@b.de\nno field\nSubject : x\n y\n\nbody"

    headers, body = split_head(raw)

    assert headers.fields == (("from", b"a@b.de"), ("subject", b"x y"))
    assert body == b"body"


def test_split_head_leaves_bytes_without_fields_to_the_body() -> None:
    raw = b"Guten Tag,\n\ndas ist alles.\n"

    headers, body = split_head(raw)

    assert (headers.fields, body) == ((), raw)


def test_split_head_ends_where_prose_begins() -> None:
    headers, body = split_head(b"From: a@b.de\nGuten Tag,\nbis bald\n\nHans\n")

    assert [name for name, _ in headers.fields] == ["from"]
    assert body == b"Guten Tag,\nbis bald\n\nHans\n"


def test_split_head_gives_up_the_field_that_another_swallowed() -> None:
    headers, _ = split_head(b"From: a@b.de Subject: x\nTo: c@d.de\n\n")

    assert (headers.first("from"), headers.first("subject")) == (b"a@b.de", b"x")


def test_split_head_never_cuts_a_subject_that_names_fields() -> None:
    headers, _ = split_head(b"From: a@b.de\nSubject: Re: To: all\n\n")

    assert (headers.first("subject"), headers.first("to")) == (b"Re: To: all", None)


@pytest.mark.parametrize(
    "raw,expected",
    [
        (b"Mon, 1 Jun 2026 10:00:00 +0200", datetime(2026, 6, 1, 8, tzinfo=UTC)),
        (b"1 Jun 26 10:00 GMT", datetime(2026, 6, 1, 10, tzinfo=UTC)),
        (b"Mon, 1 Jun 2026 10:00:00", datetime(2026, 6, 1, 10, tzinfo=UTC)),
        (b"Mon, 99 Jun 2026 10:00:00 +0200", None),
        (b"Mon, 1 Jun 1901 00:00:00 +2300", None),
        (b"Mon, 1 Jun 9999 23:00:00 -2300", None),
        (b"Mon, 1 Jun 2026 10:00:00 +99999999", None),
        (b"gestern", None),
        (b"9" * 100_000, None),
    ],
)
def test_find_date_reads_or_gives_up(raw: bytes, expected: datetime | None) -> None:
    headers, _ = split_head(b"Date: " + raw + b"\n\n")

    assert fields.find_date(headers) == expected


def test_find_references_keeps_the_first_and_the_newest_of_very_many() -> None:
    raw = b" ".join(b"<%d@a>" % number for number in range(600))
    headers, _ = split_head(b"References: " + raw + b"\n\n")

    found = fields.find_references(headers)

    assert (found[0], found[1], found[-1], len(found)) == ("<0@a>", "<101@a>", "<599@a>", 500)


@pytest.mark.parametrize(
    "head",
    [
        b"References: <a@b> <c@d>\r\n",
        b"References: <a@b>\r\n\t<c@d>\r\n",
        b"References: <a@b>,<c@d>\r\n",
        b"References: <a@b><c@d>\r\n",
        b"References: <a@b> (his mail) <c@d>\r\n",
        b"References: <a@b>\r\nReferences: <c@d>\r\n",
        b"References: <a@b>\r\n <c\r\n @d>\r\n",
        b"references: a@b c@d\r\n",
    ],
)
def test_references_are_read_however_they_are_written(head: bytes) -> None:
    headers, _ = split_head(head + b"\r\n")

    assert fields.find_references(headers) == ("<a@b>", "<c@d>")


@pytest.mark.parametrize(
    "raw,expected",
    [
        (b"<a@b>", "<a@b>"),
        (b"<no-at-sign>", "<no-at-sign>"),
        (b"Your message of Monday <a@b>", "<a@b>"),
        (b'"Clara" <a@b> of Wed, 18 Nov 2026', "<a@b>"),
        (b"Your message of Monday", None),
    ],
)
def test_in_reply_to_is_found_in_prose(raw: bytes, expected: str | None) -> None:
    headers, _ = split_head(b"In-Reply-To: " + raw + b"\r\n\r\n")

    assert fields.find_in_reply_to(headers) == expected


@pytest.mark.parametrize(
    "raw,expected",
    [
        (b"<a@b>", "<a@b>"),
        (b"a@b", "<a@b>"),
        (b"<a b@c>", "<ab@c>"),
        (b"<a@b> (comment)", "<a@b>"),
        (b"<>", None),
        (b"", None),
    ],
)
def test_find_message_id_has_one_form(raw: bytes, expected: str | None) -> None:
    headers, _ = split_head(b"Message-ID: " + raw + b"\n\n")

    assert fields.find_message_id(headers) == expected


def test_find_delivered_to_reads_every_field_of_mail_servers() -> None:
    headers, _ = split_head(
        b"Delivered-To: a+tag@x.de\nX-Original-To: b@x.de\nEnvelope-To: a+tag@x.de\n\n"
    )

    assert fields.find_delivered_to(headers) == ("a+tag@x.de", "b@x.de")
