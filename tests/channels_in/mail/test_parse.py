"""Every sick mail of the corpus, and input made to break parsers: read, bounded, never a raise."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels_in.mail.jsonview import as_json
from channels_in.mail.parse import parse, salvage
from channels_in.mail.parsed import Mailbox

CORPUS = Path(__file__).resolve().parents[2] / "corpus/mail"
FACTS = sorted(CORPUS.glob("*.json"))
RAW = [path.with_suffix(".eml").read_bytes() for path in FACTS]
# Far above what any of them takes, far below what a mail may take.
SECONDS = 10
BREAKERS = (b"\n", b"\r", b"\x00", b"=?", b"?=", b'"', b"(", b"<", b";", b"--", b"\xff", b"\x1b$B")


def _seen(mail: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    """The part of what was understood that the facts speak of."""
    seen = {key: mail[key] for key in wanted}
    if "attachments" in wanted:
        names = [list(each) for each in wanted["attachments"]]
        names += [["name"]] * (len(mail["attachments"]) - len(names))
        seen["attachments"] = [
            {key: file[key] for key in keys}
            for file, keys in zip(mail["attachments"], names, strict=False)
        ]
    return seen


@pytest.mark.parametrize("path", FACTS, ids=lambda path: path.stem)
def test_parse_understands_each_sick_mail(path: Path) -> None:
    wanted = json.loads(path.read_text("utf-8"))

    mail = as_json(parse(path.with_suffix(".eml").read_bytes()))

    assert _seen(mail, wanted) == wanted
    assert mail["error"] is None


def test_corpus_has_facts_for_each_mail() -> None:
    assert {path.stem for path in CORPUS.glob("*.eml")} == {path.stem for path in FACTS}
    assert len(FACTS) > 60


def _nested(depth: int) -> bytes:
    levels = (
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(depth)
    )
    return b"From: a@example.org\n" + b"".join(levels) + b"Content-Type: text/plain\n\ntief\n"


_MIXED = b"From: a@example.org\nContent-Type: multipart/mixed; boundary=x\n\n"
_RECIPIENTS = b",\n ".join(b"N%d <n%d@example.org>" % (n, n) for n in range(40_000))
_OPEN_WORDS = b"=?utf-8?q?" * 30_000
BOMBS = {
    "nesting-1000": _nested(1000),
    "parts-100000": _MIXED + b"--x\n\np\n" * 100_000 + b"--x--\n",
    "one-line-of-boundaries": _MIXED + b"--x " * 1_000_000,
    "guessed-boundary-of-dashes": _MIXED.replace(b"boundary=x", b"") + b"-" * 2_000_000,
    "recipients-40000": b"From: a@example.org\nTo: " + _RECIPIENTS + b"\n\nhi",
    "parameters-10000": b"Content-Type: text/plain; "
    + b"; ".join(b"x*%d=a" % n for n in range(10_000))
    + b"\n\nhi",
    "parentheses-1000": b"From: " + b"(" * 1000 + b"a@example.org\n\nhi",
    "parentheses-1-mb": b"From: " + b"(" * 1_000_000 + b"a@example.org\n\nhi",
    "quotes": b"To: " + b'"\\' * 100_000 + b"\n\nhi",
    "angles": b"To: " + b"<a@" * 100_000 + b"\n\nhi",
    "groups": b"To: " + b"a:" * 100_000 + b"\n\nhi",
    "subject-1-mb": b"Subject: " + b"x" * 1_000_000 + b"\n\nhi",
    "encoded-words-1-mb": b"Subject: " + b"=?utf-8?q?=C3=BC?= " * 55_000 + b"\n\nhi",
    "open-encoded-words": b"Subject: " + _OPEN_WORDS + b"\nTo: " + _OPEN_WORDS + b"\n\nhi",
    "folds-400000": b"Subject: a\n" + b" \n" * 400_000 + b"b\n\nhi",
    "references-1-mb": b"References: " + b"<" * 1_000_000 + b"(" * 1_000_000 + b"\n\nhi",
    "received-5000": b"Received: from a by b;\n\tMon, 1 Jun 2026\n" * 5000 + b"From: a@b.de\n\nhi",
    "fields-50000": b"X: y\n" * 50_000 + b"\nhi",
    "junk-300000": b"From: a@example.org\n" + b"no field at all\n" * 300_000,
    "nul-5-mb": bytes(5_000_000),
    "line-8-mb": b"From: a@example.org\n\n" + b"a" * 8_000_000,
    "escapes": b"From: a@example.org\n\n" + b"\x1b$B" * 100_000,
    "high-1-mb": b"From: a@example.org\n\n" + b"\xfc" * 1_000_000,
    "padding-2-mb": b"Content-Transfer-Encoding: base64\n\n" + b"=" * 2_000_000,
    "bounce-100000-lines": b"From: MAILER-DAEMON@b.de\nSubject: failure notice\n\n"
    + b"<a@b.de>: 550 no\n" * 100_000,
    "report-50000-recipients": b"Content-Type: message/delivery-status\n\n"
    + b"Final-Recipient: rfc822;a@b.de\nAction: failed\n\n" * 50_000,
}


@pytest.mark.parametrize("name", BOMBS)
def test_parse_survives_bombs_in_time(name: str) -> None:
    started = time.process_time()

    mail = parse(BOMBS[name])

    assert mail.error is None
    assert time.process_time() - started < SECONDS


def test_parse_attaches_what_is_beyond_its_limits() -> None:
    deep = parse(BOMBS["nesting-1000"])
    wide = parse(BOMBS["parts-100000"])
    many = parse(BOMBS["recipients-40000"])

    assert deep.warnings == ("mime_too_deep",)
    assert b"tief" in deep.attachments[-1].content
    assert wide.warnings == ("mime_too_many_parts",)
    assert wide.attachments[-1].content.endswith(b"--x--\n")
    assert (many.warnings, len(many.to)) == (("too_many_recipients",), 20_000)


def test_parse_reads_on_after_5000_received_fields() -> None:
    mail = parse(BOMBS["received-5000"])

    assert (mail.sender, mail.text) == (Mailbox("", "a@b.de"), "hi")


def test_parse_names_the_sender_of_last_resort_as_such() -> None:
    mail = parse(b"Return-Path: <amt@example.org>\nSubject: x\n\nhi")

    assert mail.sender == Mailbox("", "amt@example.org")
    assert mail.warnings == ("sender_not_from",)


def test_parse_keeps_the_message_id_of_the_mail_that_bounced() -> None:
    names = ["bounce-dsn-failed", "bounce-dsn-headers-only-returned", "bounce-qmail", "bounce-exim"]
    bounces = [parse((CORPUS / f"{name}.eml").read_bytes()).bounce for name in names]

    assert [each and each.original_message_id for each in bounces] == ["<t-1@stadt.example>"] * 4


def test_salvage_reads_the_envelope_of_a_mail_that_broke_the_parser() -> None:
    mail = salvage(b"From: a@example.org\nSubject: x\nMessage-ID: <1@a>\n\nhi", "too slow")

    assert (mail.subject, mail.message_id, mail.error) == ("x", "<1@a>", "too slow")


def _is_storable(mail: dict[str, Any]) -> bool:
    text = json.dumps(mail, ensure_ascii=False)
    text.encode("utf-8")
    return "\\u0000" not in text


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400))
def test_parse_never_raises_on_any_bytes(raw: bytes) -> None:
    mail = as_json(parse(raw))

    assert mail["error"] is None
    assert _is_storable(mail)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_parse_never_raises_on_mutated_mails(data: st.DataObject) -> None:
    raw = bytearray(data.draw(st.sampled_from(RAW))[:6000])
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(raw)))
        cut = data.draw(st.integers(0, 40))
        raw[at : at + cut] = data.draw(st.sampled_from(BREAKERS) | st.binary(max_size=6))

    mail = as_json(parse(bytes(raw)))

    assert mail["error"] is None
    assert _is_storable(mail)
    assert "\n" not in (mail["subject"] or "") + mail["from"]["name"] + mail["from"]["email"]
