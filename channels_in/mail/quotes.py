"""The history under an answer, told from what its writer typed; in doubt it is typed."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import unescape
from itertools import pairwise

from channels_in.mail.quote_markers import (
    FORWARD_PREFIXES,
    FORWARDED,
    INLINE_HINT,
    LABELS,
    ORIGINAL,
    PREFIX,
    SEPARATORS,
    STARTS,
    WROTE_WORD,
)
from channels_in.mail.signature import is_phone_line, is_separator
from helpdesk.lib.html_text import Quote, html_to_quoted_text
from helpdesk.lib.html_tokens import attributes

__all__ = ["SEPARATORS", "html_history_as_quotes", "is_answer", "visible_text"]

_MAX_INTRO = 400
_MAX_INTRO_LINES = 4
_MAX_CHECKS = 2_000
_BLOCK_LINES = 10
_LABEL_REACH = 60
_SHORT_LEAD = 400
_TIME = re.compile(r"\d{1,2}[:.h時点]\s?\d{2}|\d{1,2}\s?(?:AM|PM)\b")
_YEAR = re.compile(r"\b20\d\d\b|20\d\d年|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}")
_ADDRESS = re.compile(r"[^\s<>@]@[^\s<>@]")
_QUOTED = re.compile(r"[ \t\xa0]{0,3}>|[ \t]{0,3}\|(?=\s|\Z)")
_WIDE_COLON = "\uff1a"
_LABEL_EDGES = " \t\xa0*_\u200e\u200f\u202a\u202c"
_RULE = re.compile(r"\s*[-_=*\u2500\u2014]{3,}\s*")
_TITLED_RULE = re.compile(r"\s*[-_=*\u2500\u2014]{3,}(?:[^\n]{2,60}[-_=*\u2500\u2014]{3,})?\s*")
_SEPARATOR_KEYS = frozenset("".join(filter(str.isalnum, line)).lower() for line in SEPARATORS)


def is_answer(subject: str | None, *, referenced: bool) -> bool:
    """Whether a mail answers another one: by its references, or the prefix of its subject.

    A mail passed on (WG:, Fwd:, TR: …) carries references too, but brings a text of its own.
    """
    prefix = PREFIX.match(subject or "")
    if prefix is None:
        return referenced
    return prefix[1].lower() not in FORWARD_PREFIXES


def visible_text(text: str, *, is_reply: bool) -> str:
    """Return ``text`` without its history, or an empty string if nothing would be left.

    History is what follows our own line, a header block or an "original message" line, and
    what stands behind ``>`` under or above the typed text. Lines typed between quoted ones
    keep all of it, since they mean little without. In a new request (``is_reply`` false)
    only our own line counts: forwarded mails and typed quotes stay. Time is linear.
    """
    lines = text.split("\n")
    own = _own_line(lines)
    if own is None and not is_reply:
        return text
    if own is not None and _QUOTED.match(lines[own]):
        own = None
    forwarded = _first_forward(lines)
    head = lines[: _history_start(lines, own, forwarded)]
    lead = "\n".join(head).strip()
    if len(head) < len(lines) and len(lead) < _SHORT_LEAD and INLINE_HINT.search(lead):
        return text
    if forwarded is not None and forwarded < len(head):
        return lead
    return _without_marked(head)


def html_history_as_quotes(html: str) -> str:
    """Return the text of ``html`` in which ``>`` marks what mail programs mark as history.

    Block quotes that a person typed get no mark, so `visible_text` keeps them.
    """
    return html_to_quoted_text(html, _find_quote)


# --- history without marks -------------------------------------------------------------


def _history_start(lines: list[str], own: int | None, forwarded: int | None) -> int:
    """Return the index of the first line of unmarked history; len(lines) if there is none."""
    end = len(lines) if own is None else own
    limit = end if forwarded is None else min(end, forwarded)
    starts = (_header_block(lines, limit), _original_line(lines, limit), _bare_intro(lines, limit))
    found = [at for at in starts if at is not None]
    if found:
        return _with_rule(lines, min(found))
    if own is None:
        return end
    return _with_rule(lines, _with_intro(lines, own))


def _own_line(lines: list[str]) -> int | None:
    """Return the index of our separator line, unmarked or behind quote marks."""
    for at, line in enumerate(lines):
        if len(line) < 200 and "--" in line:
            key = "".join(filter(str.isalnum, line)).lower()
            if key in _SEPARATOR_KEYS:
                return at
    return None


def _first_forward(lines: list[str]) -> int | None:
    for at, line in enumerate(lines):
        if len(line) < 120 and FORWARDED.fullmatch(line.replace("*", "")):
            return at
    return None


def _original_line(lines: list[str], limit: int) -> int | None:
    for at, line in enumerate(lines[:limit]):
        if (
            len(line) < 120
            and line.lstrip(" *")[:1] in ("-", "_", "=")
            and ORIGINAL.fullmatch(line)
        ):
            return at
    return None


def _header_block(lines: list[str], limit: int) -> int | None:
    """Return where lines like Von:/Gesendet:/An:/Betreff: stand together, three kinds at least."""
    last: dict[str, int] = {}
    first = -1
    for at, line in enumerate(lines[:limit]):
        kind = _label_kind(line)
        if kind is None:
            continue
        if first < 0 or at - first > _BLOCK_LINES or kind in last:
            first, last = at, {}
        last[kind] = at
        if len(last.keys() - {"copy"}) >= 3 and "from" in last:
            return first
    return None


def _label_kind(line: str) -> str | None:
    """Return what a line like ``*Von:* Stadt`` names (from, sent, to, subject, copy), or None."""
    head = line[:_LABEL_REACH].replace(_WIDE_COLON, ":")
    name, colon, _ = head.partition(":")
    return LABELS.get(name.strip(_LABEL_EDGES).lower()) if colon else None


def _bare_intro(lines: list[str], limit: int) -> int | None:
    """Return the start of an attribution line that names an address and has no marks below it.

    A typed sentence may end the same way, so an address has to stand in it, or nothing below.
    """
    last = max((at for at, line in enumerate(lines) if line.strip()), default=-1)
    checks = 0
    for at, line in enumerate(lines[:limit]):
        if not _ends_intro(line) or _QUOTED.match(line) or checks > _MAX_CHECKS:
            continue
        checks += 1
        if at != last and _QUOTED.match(_next_filled(lines, at)):
            continue
        start = _intro_start(lines, at)
        if start is None:
            continue
        if at == last or _ADDRESS.search(" ".join(lines[start : at + 1])):
            return start
    return None


def _next_filled(lines: list[str], at: int) -> str:
    return next((line for line in lines[at + 1 : at + 6] if line.strip()), "")


# --- attribution lines -----------------------------------------------------------------


def _ends_intro(line: str) -> bool:
    end = line[-20:].rstrip(" \t\xa0*_\u200e\u200f")
    return len(line) <= _MAX_INTRO and end.endswith((":", _WIDE_COLON))


def _intro_start(lines: list[str], end: int) -> int | None:
    """Return the first line of the attribution that ends at line ``end``; it may be wrapped."""
    joined = ""
    for at in range(end, max(end - _MAX_INTRO_LINES, -1), -1):
        line = lines[at].strip()
        joined = f"{line} {joined}"
        if not line or len(joined) > _MAX_INTRO:
            return None
        if _is_intro(joined):
            return _wrapped_above(lines, at, len(joined))
    return None


def _is_intro(text: str) -> bool:
    told = bool(_ADDRESS.search(text)) or bool(_TIME.search(text)) or bool(_YEAR.search(text))
    if WROTE_WORD.search(text):
        return told
    return bool(_ADDRESS.search(text) and _TIME.search(text) and _YEAR.search(text))


def _wrapped_above(lines: list[str], at: int, length: int) -> int:
    """Include lines above that the mailer broke off: they start like an attribution, unfinished."""
    if lines[at].lstrip().startswith("<") and at and lines[at - 1].strip():
        # An address without its name: the name stands at the end of the line above.
        at -= 1
    if STARTS.match(lines[at].strip()):
        return at
    for above in range(at - 1, max(at - 3, -1), -1):
        line = lines[above].strip()
        length += len(line)
        if not line or length > _MAX_INTRO or line.endswith((".", "!", "?", ":")):
            return at
        names = _ADDRESS.search(line) and line.endswith((",", ">", "<"))
        if names or (STARTS.match(line) and re.search(r"\d", line)):
            return above
    return at


def _with_intro(lines: list[str], at: int) -> int:
    """Move ``at`` up over an attribution line right above it, whatever its language."""
    above = _filled_above(lines, at)
    if above is None:
        return at
    if not _ends_intro(lines[above]):
        return at
    start = _intro_start(lines, above)
    if start is not None:
        return start
    return above if re.search(r"[\d@]", lines[above]) else at


def _with_rule(lines: list[str], at: int) -> int:
    """Move ``at`` up over a line of dashes that a mail program put above the history."""
    above = _filled_above(lines, at)
    return above if above is not None and _TITLED_RULE.fullmatch(lines[above][:200]) else at


def _filled_above(lines: list[str], at: int) -> int | None:
    for above in range(at - 1, max(at - 4, -1), -1):
        if lines[above].strip():
            return above
    return None


# --- history behind marks --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Block:
    """Quoted lines from ``start`` to before ``end``, with their attribution line."""

    start: int
    end: int


def _without_marked(lines: list[str]) -> str:
    """Drop quoted blocks below or above the typed text; keep all if typed text lies between."""
    blocks = _blocks(lines)
    if not blocks:
        return "\n".join(lines).strip()
    before = _joined(lines[: blocks[0].start])
    after = lines[blocks[-1].end :]
    between = [lines[one.end : two.start] for one, two in pairwise(blocks)]
    if any(_is_typed(part) for part in between):
        return _joined(lines)
    if not _is_typed(after):
        return "\n\n".join(part for part in (before, _joined(after)) if part) if before else ""
    if before and (not _is_greeting(before) or INLINE_HINT.search(before)):
        return _joined(lines)
    return "\n\n".join(part for part in (before, _joined(after)) if part)


def _blocks(lines: list[str]) -> list[_Block]:
    blocks: list[_Block] = []
    start = -1
    blank = 0
    for at, line in enumerate([*lines, "end"]):
        if _QUOTED.match(line):
            if start < 0:
                start = at
            blank = 0
        elif line.strip() and start >= 0:
            floor = blocks[-1].end if blocks else 0
            blocks.append(_Block(max(floor, _with_intro(lines, start)), at - blank))
            start = -1
            blank = 0
        else:
            blank += 1
    return blocks


def _is_typed(lines: Iterable[str]) -> bool:
    """Whether lines hold anything but a signature, a phone's line or an attribution."""
    for line in lines:
        if is_separator(line):
            return False
        if line.strip() and not is_phone_line(line) and not _RULE.fullmatch(line[:200]):
            return True
    return False


def _is_greeting(text: str) -> bool:
    """Whether the text above a quote is no more than a salutation: the answer stands below."""
    return "\n" not in text and len(text) < 60 and text.endswith((",", "!"))


def _joined(lines: list[str]) -> str:
    return "\n".join(lines).strip()


# --- history in HTML -------------------------------------------------------------------

_CONTAINER_CLASS = re.compile(
    r"(?:\A|\s|_)(?:gmail_quote(?:_container)?|\w{0,40}yahoo_quoted|protonmail_quote|moz-cite-prefix|"
    r"zmail_extra|tutanota_quote|mailbox_quote|quoted-mail|gmx_quote|webde_quote|"
    r"ms-outlook-mobile-reference-message|mail-editor-reference-message-container|"
    r"hcfmailquote|samsung_quote|fairemail_quote|x_gmail_quote)(?:\s|\Z)",
    re.IGNORECASE,
)
_REST_IDS = re.compile(
    r"(?:\A|_)(?:divrplyfwdmsg|appendonsend|stopspelling|zwchr)\Z", re.IGNORECASE
)
_CONTAINER_IDS = re.compile(
    r"(?:\A|_)(?:yahoo_quoted|mail-editor-reference-message-container|isforwardcontent|"
    r"isreplycontent|reply-?intro|ms-outlook-mobile-reference-message)",
    re.IGNORECASE,
)
_OUTLOOK_LINE = re.compile(
    r"border:none;border-top:solid#(?:e1e1e1|b5c4df)1\.0pt;padding:3\.0pt0", re.IGNORECASE
)
_INTERESTING = re.compile(
    r"quote|cite|rply|append|reference|border-top|isre|zwchr|extra|stopspelling|reply",
    re.IGNORECASE,
)


def _find_quote(name: str, raw: str) -> Quote:
    if not raw or not _INTERESTING.search(raw):
        return None
    found = attributes(raw)
    if name == "blockquote":
        if found.get("type", "").lower() == "cite" or "cite" in found:
            return "inside"
    elif found.get("name", "").lower() == "quote":
        return "inside"
    return _by_names(found)


def _by_names(found: dict[str, str]) -> Quote:
    identity = found.get("id", "")
    if _REST_IDS.search(identity):
        return "rest"
    style = re.sub(r"\s+", "", unescape(found.get("style", "")))
    if style and _OUTLOOK_LINE.search(style):
        return "rest"
    if _CONTAINER_CLASS.search(found.get("class", "")) or _CONTAINER_IDS.search(identity):
        return "inside"
    return None
