"""Subjects of answers: the citizen's own wording, one tag, one prefix (mail.md 100)."""

import re

from helpdesk.outbox.headers import one_line

MAXIMUM_LENGTH = 300
# What mail programs of many languages write before an answered subject.
REPLY_PREFIXES = (
    "re", "aw", "antw", "antwort", "sv", "vs", "tr", "ref", "rép", "rif", "ynt", "yanıt",  # noqa: RUF001 - a Turkish word
    "odp", "vá", "ats", "res", "bls", "atb", "κ", "απ", "σχετ", "отв", "ответ", "відп",
    "回复", "回覆", "答复", "返信", "답장", "הנדון", "رد",
)  # fmt: skip
_PREFIX = re.compile(
    rf"^\s*(?:{'|'.join(sorted(map(re.escape, REPLY_PREFIXES), key=len, reverse=True))})"
    r"(?:\s?\[\d+\]|\s?\(\d+\)|\^\d+|\*\d+)?\s?[:：]\s*",  # noqa: RUF001 - the full-width colon of Chinese and Japanese programs
    re.IGNORECASE,
)


def strip_prefixes(subject: str) -> str:
    """Return ``subject`` without any pile of "Re:", "AW:", "SV:" … at its head."""
    bare = one_line(subject)
    while found := _PREFIX.match(bare):
        bare = bare[found.end() :]
    return bare


def reply_subject(subject: str, tag: str) -> str:
    """Return "Re: ``subject`` ``tag``" with one prefix and the tag once, however often it came.

    ``tag`` is the whole bracketed tag ("[AN#2026-77]"); it stands at the end, so
    that the citizen's wording is read first. Prefixes around the tag fold as well.
    """
    bare = strip_prefixes(subject)
    if tag:
        bare = strip_prefixes(re.sub(re.escape(tag), " ", bare, flags=re.IGNORECASE))
    room = MAXIMUM_LENGTH - len(tag)
    if len(bare) > room:
        bare = bare[: room - 1].rstrip() + "…"
    return one_line(f"Re: {bare} {tag}")
