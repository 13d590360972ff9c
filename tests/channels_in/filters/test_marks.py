"""Marks of spam: those of our own server alone."""

import pytest

from channels_in.filters.marks import Trust, find_mark
from channels_in.trace import fields_of

OURS = Trust("above", "mx.musterstadt.example")
ALL = Trust("all")
RECEIVED = (
    "Received: from mail.shop.example (mail.shop.example [192.0.2.7])\r\n"
    "\tby mx.musterstadt.example (Postfix) with ESMTPS id 1A2B\r\n"
)
REST = "From: a@shop.example\r\nSubject: Gewinn\r\n\r\nSie haben gewonnen.\r\n"


def mark(head: str, trust: Trust | None = OURS) -> str:
    return find_mark(fields_of((head + REST).encode()), trust)


@pytest.mark.parametrize(
    "line",
    [
        "X-Spam-Flag: YES",
        "X-Spam-Status: Yes, score=12.3 required=5.0 tests=BAYES_99",
        "X-Spam-Status: Yes, score=12.3\r\n\trequired=5.0",
        "X-Spam: Yes",
        "X-Rspamd-Action: add header",
        "X-Spamd-Result: default: True [12.30 / 15.00]; BAYES_SPAM(5.1)[99%]",
        "X-MS-Exchange-Organization-SCL: 6",
    ],
)
def test_a_mark_above_the_line_of_our_server_counts(line: str) -> None:
    assert mark(f"{line}\r\n{RECEIVED}").startswith(line.split(":", maxsplit=1)[0].title())


@pytest.mark.parametrize(
    "line",
    [
        "X-Spam-Flag: NO",
        "X-Spam-Status: No, score=-0.1 required=5.0",
        "X-Rspamd-Action: no action",
        "X-Rspamd-Action: greylist",
        "X-Spamd-Result: default: False [1.30 / 15.00]",
        "X-MS-Exchange-Organization-SCL: 4",
        "X-MS-Exchange-Organization-SCL: -1",
        "X-MS-Exchange-Organization-SCL: viel",
        "X-Spam-Score: 99.9",
        "X-Rspamd-Score: ",
    ],
)
def test_what_is_no_verdict_of_spam_is_no_mark(line: str) -> None:
    assert mark(f"{line}\r\n{RECEIVED}") == ""
    assert mark(f"{line}\r\n", ALL) == ""


def test_a_mark_below_the_line_of_our_server_is_the_senders_own() -> None:
    assert mark(f"{RECEIVED}X-Spam-Flag: YES\r\n") == ""


def test_a_line_that_a_sender_made_up_in_our_name_moves_no_border() -> None:
    forged = "Received: from x by mx.musterstadt.example with SMTP\r\n"

    assert mark(f"{RECEIVED}X-Spam-Flag: YES\r\n{forged}") == ""


def test_without_a_line_of_our_server_nothing_is_trusted() -> None:
    other = "Received: from x by mx.anderswo.example with SMTP\r\n"

    assert mark("X-Spam-Flag: YES\r\n") == ""
    assert mark(f"X-Spam-Flag: YES\r\n{other}") == ""
    assert mark(f"X-Spam-Flag: YES\r\n{RECEIVED}", Trust("above", "")) == ""


@pytest.mark.parametrize("trust", [None, Trust("")])
def test_where_nothing_is_set_up_no_mark_counts(trust: Trust | None) -> None:
    assert mark(f"X-Spam-Flag: YES\r\n{RECEIVED}", trust) == ""


def test_of_several_marks_of_one_name_the_topmost_counts() -> None:
    assert mark("X-Spam-Flag: NO\r\nX-Spam-Flag: YES\r\n", ALL) == ""
    assert mark("X-Spam-Flag: YES\r\nX-Spam-Flag: NO\r\n", ALL) != ""


@pytest.mark.parametrize("score, is_spam", [("7.0", True), ("8.25 (oben)", True), ("6.9", False)])
def test_a_score_alone_decides_where_a_limit_is_set(score: str, *, is_spam: bool) -> None:
    assert bool(mark(f"X-Spam-Score: {score}\r\n", Trust("all", "", 7))) is is_spam


def test_a_mark_is_shown_on_one_line_without_controls() -> None:
    shown = mark("X-Spam-Flag: YES\x1b[31m" + "x" * 500 + "\r\n", ALL)

    assert len(shown) <= 160
    assert shown.isprintable()


def test_a_megabyte_of_received_lines_is_read_in_one_walk() -> None:
    assert mark("Received: " + "by " * 300_000 + "\r\n") == ""
