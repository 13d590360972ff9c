"""Replies as mail programs write them: the agent sees what was typed, and never less."""

from pathlib import Path

import pytest

from channels_in.mail.body import build_body
from tests.channels_in.mail.leaves import leaves_of

REPLIES = sorted((Path(__file__).parents[2] / "corpus" / "replies").glob("*.eml"))


@pytest.mark.parametrize("path", REPLIES, ids=lambda path: path.stem)
def test_build_body_shows_what_was_typed(path: Path) -> None:
    expected = path.with_suffix(".txt").read_text().rstrip("\n")

    body, _ = build_body(leaves_of(path.read_bytes()), is_reply=True)

    assert body.visible_text == expected


@pytest.mark.parametrize("path", REPLIES, ids=lambda path: path.stem)
def test_build_body_keeps_everything_in_text(path: Path) -> None:
    body, _ = build_body(leaves_of(path.read_bytes()), is_reply=True)

    for line in body.visible_text.splitlines():
        assert line.strip() in body.text
