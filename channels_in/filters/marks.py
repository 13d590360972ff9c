"""Reads what our own server says of spam in a mail's headers, and nobody else (mail.md 88)."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

Fields = Sequence[tuple[str, bytes]]

SPAM_CONFIDENCE = 5
_BY = re.compile(rb"\bby\s+([^\s;()]{1,255})", re.IGNORECASE)
_NUMBER = re.compile(r"-?\d{1,6}(?:\.\d{1,6})?")
_LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Trust:
    """Whose marks count: all of them, or those above the Received line of ``hop``.

    A server that adds its marks on top writes them above its own Received line, where no
    sender gets to. ``all`` is for one that removes whatever marks came with a mail.
    ``limit`` lets a mere score decide.
    """

    marks: str
    hop: str = ""
    limit: int | None = None


def _yes(text: str) -> bool:
    return text.startswith(("yes", "true"))


def _result(text: str) -> bool:
    """Read Rspamd's "default: True [12.30 / 15.00]; …"."""
    return text.partition(":")[2].strip().startswith("true")


def _action(text: str) -> bool:
    return text in {"add header", "rewrite subject", "quarantine", "reject"}


def _confidence(text: str) -> bool:
    """Read Exchange's spam confidence level: -1 to 9, from 5 on it is spam."""
    number = find_number(text)
    return number is not None and number >= SPAM_CONFIDENCE


# Header → whether its value, in lower case, says that the mail is spam.
VERDICTS: dict[str, Callable[[str], bool]] = {
    "x-spam-flag": _yes,
    "x-spam-status": _yes,
    "x-spam": _yes,
    "x-rspamd-action": _action,
    "x-spamd-result": _result,
    "x-ms-exchange-organization-scl": _confidence,
}
SCORES = ("x-spam-score", "x-rspamd-score")


def find_mark(fields: Fields, trust: Trust | None) -> str:
    """Return the trusted header that says "spam", as a line to show, or ""."""
    if trust is None or not trust.marks:
        return ""
    trusted = _topmost(_trusted(fields, trust))
    for name, value in trusted.items():
        says_spam = VERDICTS.get(name)
        if says_spam is not None and says_spam(value):
            return _line(name, value)
    for name in SCORES:
        if trust.limit is not None and _reaches(trusted.get(name, ""), trust.limit):
            return _line(name, trusted[name])
    return ""


def find_number(text: str) -> float | None:
    """Return the first number of a text."""
    found = _NUMBER.search(text)
    return float(found.group(0)) if found else None


def _reaches(text: str, limit: int) -> bool:
    number = find_number(text)
    return number is not None and number >= limit


def _trusted(fields: Fields, trust: Trust) -> Iterable[tuple[str, bytes]]:
    if trust.marks == "all":
        return fields
    wanted = trust.hop.strip().lower().encode()
    for place, (name, value) in enumerate(fields):
        if name == "received" and wanted and _server_of(value) == wanted:
            return fields[:place]
    # Where our server has left no line, nothing tells its marks from those of a sender.
    return ()


def _server_of(received: bytes) -> bytes:
    found = _BY.search(received[:_LONGEST])
    return found.group(1).lower().rstrip(b".") if found else b""


def _topmost(fields: Iterable[tuple[str, bytes]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in fields:
        if name in VERDICTS or name in SCORES:
            found.setdefault(name, value[:_LONGEST].decode("latin-1").strip().lower())
    return found


def _line(name: str, value: str) -> str:
    plain = "".join(char for char in value if char.isprintable())
    return f"{name.title()}: {plain}"[:160]
