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
from tests.channels_in.bombs import BOMBS

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
    assert [path.stem for path in FACTS if not json.loads(path.read_text("utf-8"))] == []
    assert len(FACTS) >= 150


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
