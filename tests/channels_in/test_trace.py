"""The identity of a mail, read without a parser."""

import pytest

from channels_in import trace
from tests.channels_in.making import mail


def test_content_hash_does_not_see_the_trace_headers() -> None:
    one = mail(headers="Received: from a by b;\r\n\tWed, 18 Nov 2026\r\nDelivered-To: x@y\r\n")
    other = mail(headers="Return-Path: <c@d>\r\nReceived: from e by f; Thu\r\n")

    assert trace.content_hash(one) == trace.content_hash(other) == trace.content_hash(mail())


@pytest.mark.parametrize("mark", [b"From ", b">From "])
def test_content_hash_does_not_see_what_a_pipe_writes_above_the_mail(mark: bytes) -> None:
    first = mark + b"clara@example.org Tue Dec  1 08:00:00 2026\n" + mail()
    again = mark + b"clara@example.org Tue Dec  1 08:05:00 2026\n" + mail()

    assert trace.content_hash(first) == trace.content_hash(again) == trace.content_hash(mail())


def test_content_hash_sees_every_other_change() -> None:
    hashes = {
        trace.content_hash(raw)
        for raw in (mail(), mail(2), mail(body="Anders"), mail(headers="X-Other: 1\r\n"))
    }

    assert len(hashes) == 4


def test_content_hash_does_not_see_how_lines_end() -> None:
    assert trace.content_hash(mail()) == trace.content_hash(mail().replace(b"\r\n", b"\n"))


def test_content_hash_does_not_mix_header_and_body() -> None:
    assert trace.content_hash(b"A: 1\n\nReceived: x\n") != trace.content_hash(b"A: 1\n\n")


@pytest.mark.parametrize(
    "header, expected",
    [
        (b"Message-ID: <a@b>\r\n", "<a@b>"),
        (b"MESSAGE-ID:<a@b> (a comment)\r\n", "<a@b>"),
        (b"Message-Id:\r\n <a@b>\r\n", "<a@b>"),
        (b"message-id : <a@b>\r\n", "<a@b>"),
        (b"Message-ID: 12345\r\n", "12345"),
        (b"Message-ID: \r\n", None),
        (b"Subject: x\r\n", None),
        (b"no colon\r\nMessage-ID: <a@b>\r\n", "<a@b>"),
        (b"Message-ID: <a\x00\xff@b>\r\n", "<a\ufffd@b>"),
    ],
)
def test_find_message_id_reads_what_is_there(header: bytes, expected: str | None) -> None:
    assert trace.find_message_id(header + b"\r\nMessage-ID: <body@b>\r\n") == expected


def test_identify_derives_the_same_id_each_time_for_a_mail_without() -> None:
    raw = mail().replace(b"Message-ID: <1@example.org>\r\n", b"")

    first = trace.identify(b"Received: by a\r\n" + raw)
    second = trace.identify(b"Received: by b\r\n" + raw)

    assert first == second
    assert first[0] == f"<{first[1]}@derived.invalid>"


def test_find_sender_and_ids_read_a_header_that_no_parser_could() -> None:
    raw = b'From: "\xff" <clara@example.org>, x@y\r\nReferences: <a@b>\r\n\t<c@d>\r\n\r\n'

    assert trace.find_sender(raw) == "clara@example.org"
    assert trace.find_ids(raw, "References") == ("<a@b>", "<c@d>")


@pytest.mark.parametrize(
    "header, expected",
    [
        (b"Auto-Submitted: auto-replied\r\n", True),
        (b"Auto-Submitted: no\r\n", False),
        (b"List-Id: <l.example.org>\r\n", True),
        (b"Precedence: Bulk\r\n", True),
        (b"Return-Path: < >\r\n", True),
        (b"Return-Path: <a@b>\r\n", False),
    ],
)
def test_is_automatic_knows_the_plainest_signs(header: bytes, expected: bool) -> None:  # noqa: FBT001 - a case of the table
    assert trace.is_automatic(header + b"\r\n") is expected


def test_identify_takes_linear_time_on_a_header_of_a_megabyte() -> None:
    raw = b"".join(b"X-%d: %s\r\n" % (number, b"y" * 90) for number in range(11_000)) + b"\r\nz"

    assert trace.find_message_id(raw) is None
    assert trace.count_received(b"Received: a\r\n" * 5_000 + b"\r\n") == 5_000
