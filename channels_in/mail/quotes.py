"""The history under an answer, told from what its writer typed; in doubt it is typed."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from channels_in.mail.attribution import (
    ends_intro,
    has_address,
    has_date,
    intro_start,
    is_framed,
    plain_lines,
    quote_intro_start,
)
from channels_in.mail.quote_markers import (
    FORWARD_PREFIXES,
    FORWARDED,
    INLINE_HINT,
    LABELS,
    ORIGINAL,
    PREFIX,
    PROCESSED,
    SEPARATORS,
)
from helpdesk.lib.signatures import is_phone_line, is_separator

__all__ = ["SEPARATORS", "is_answer", "visible_text"]

_MAX_CHECKS = 2_000
_BLOCK_LINES = 10
_LABEL_REACH = 60
_SHORT_LEAD = 400
_INTRO_GAP = 6
_FULL_HEAD = frozenset({"from", "sent", "to", "subject"})
_QUOTED = re.compile(r"[ \t\xa0]{0,3}>|[ \t]{0,3}\|(?=\s|\Z)")
_WIDE_COLON = "\uff1a"
_LABEL_EDGES = " \t\xa0*_\u200e\u200f\u202a\u202c"
_RULE = re.compile(r"\s*[-_=*\u2500\u2014]{3,}\s*")
_TITLED_RULE = re.compile(r"\s*[-_=*\u2500\u2014]{3,}(?:[^\n]{2,60}[-_=*\u2500\u2014]{3,})?\s*")
_SEPARATOR_KEYS = frozenset("".join(filter(str.isalnum, line)).lower() for line in SEPARATORS)
_NOTES_LINES = 14
_NOTES_TO = re.compile(r"(?:.*\s{3})?\s*(?:An|To|Pour|Para)\s*")
_NOTES_SUBJECT = re.compile(r"(?:.*\s{3})?\s*(?:Thema|Betreff|Subject|Objet|Asunto)\s*")
# A quoted line that a gateway broke: so long, and so its rest begins.
_BROKEN_LINE = 60
# So few lines are quoted by hand.
_TYPED_BY_HAND = 4
_ENDED = (".", "!", "?", ":", ">", ",-")


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
    written = text.split("\n")
    own = _own_line(written)
    if own is None and not is_reply:
        return text
    lines = plain_lines(text)
    if own is not None and _QUOTED.match(lines[own]):
        own = None
    forwarded = _first_forward(lines)
    end = _history_start(lines, own, forwarded)
    lead = _joined(written[:end])
    if end < len(lines) and len(lead) < _SHORT_LEAD and INLINE_HINT.search(lead):
        return text
    if forwarded is not None and forwarded < end:
        return lead
    return _without_marked(written[:end], lines[:end])


# --- history without marks -------------------------------------------------------------


def _history_start(lines: list[str], own: int | None, forwarded: int | None) -> int:
    """Return the index of the first line of unmarked history; len(lines) if there is none."""
    end = len(lines) if own is None else own
    limit = end if forwarded is None else min(end, forwarded)
    finders = (_header_block, _original_line, _bare_intro, _notes_table)
    starts = [find(lines, limit) for find in finders]
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
        if len(line) > 400:
            continue
        first = line.lstrip()[:1]
        if first in ("-", "_", "=", "*") and _is_original(line):
            return at
        if first in ("-", ">", "o", "O") and (is_framed(line) or PROCESSED.match(line)):
            return at
    return None


def _is_original(line: str) -> bool:
    """Whether an "original message" line stands alone, or runs on into the header block."""
    match = ORIGINAL.match(line)
    if match is None:
        return False
    rest = line[match.end() :]
    return not rest.strip() or _label_kind(rest) == "from"


def _header_block(lines: list[str], limit: int) -> int | None:
    """Return where lines like Von:/Gesendet:/An:/Betreff: stand together, three kinds at least.

    People type such words too ("Datum: 3.11., von: 10 Uhr"): where not all four stand together,
    an address, a date with its time, or a program's rule above must speak for the program.
    """
    last: dict[str, int] = {}
    first = -1
    for at, line in enumerate(lines[:limit]):
        kind = _label_kind(line)
        if kind is None:
            continue
        if first < 0 or at - first > _BLOCK_LINES or kind in last:
            first, last = at, {}
        last[kind] = at
        if _is_head(lines, first, at, frozenset(last)):
            return first
    return None


def _is_head(lines: list[str], first: int, at: int, kinds: frozenset[str]) -> bool:
    """Whether the labelled lines from ``first`` to ``at`` head a mail."""
    if kinds >= _FULL_HEAD:
        return True
    found = kinds - {"copy"}
    if "from" not in found or len(found) < 2:
        return False
    told = " ".join(line[:200] for line in lines[first : at + 1])
    if len(found) == 2:
        return at == first + 1 and "sent" in found and has_address(told) and has_date(told)
    return has_address(told) or has_date(told) or _with_rule(lines, first) != first


def _notes_table(lines: list[str], limit: int) -> int | None:
    """Return where Lotus Notes' head of an answered mail begins: labels without colons."""
    for at, line in enumerate(lines[:limit]):
        if not _NOTES_TO.fullmatch(line[-120:]):
            continue
        below = lines[at + 1 : min(at + _NOTES_LINES, limit)]
        if any(_NOTES_SUBJECT.fullmatch(each[-120:]) for each in below):
            return _top_of_table(lines, at)
    return None


def _top_of_table(lines: list[str], at: int) -> int | None:
    """Return the first line of the sender and date beside a table; None if there is no date."""
    top, dated = at, any(has_date(line) for line in lines[at : at + _NOTES_LINES])
    for above in range(at - 1, max(at - _NOTES_LINES, -1), -1):
        line = lines[above]
        if line.strip() and not (has_date(line) or has_address(line) or line.startswith(" " * 8)):
            break
        dated = dated or has_date(line)
        top = above if line.strip() else top
    return top if dated else None


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
        if not ends_intro(line) or _QUOTED.match(line) or checks > _MAX_CHECKS:
            continue
        checks += 1
        if at != last and _QUOTED.match(_next_filled(lines, at)):
            continue
        start = intro_start(lines, at)
        if start is None:
            continue
        if at == last or has_address(" ".join(lines[start : at + 1])):
            return start
    return None


def _next_filled(lines: list[str], at: int) -> str:
    return next((line for line in lines[at + 1 : at + _INTRO_GAP] if line.strip()), "")


def _with_intro(lines: list[str], at: int) -> int:
    """Move ``at`` up over an attribution line right above it, whatever its language."""
    above = _filled_above(lines, at)
    start = None if above is None else quote_intro_start(lines, above)
    return at if start is None else start


def _with_rule(lines: list[str], at: int) -> int:
    """Move ``at`` up over a line of dashes that a mail program put above the history."""
    above = _filled_above(lines, at)
    return above if above is not None and _TITLED_RULE.fullmatch(lines[above][:200]) else at


def _filled_above(lines: list[str], at: int) -> int | None:
    for above in range(at - 1, max(at - _INTRO_GAP, -1), -1):
        if lines[above].strip():
            return above
    return None


# --- history behind marks --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Block:
    """Quoted lines from ``start`` to before ``end``, with an attribution line if they have one."""

    start: int
    end: int
    attributed: bool


def _without_marked(written: list[str], lines: list[str]) -> str:
    """Drop quoted blocks below or above the typed text; keep all if typed text lies between."""
    blocks = _blocks(lines)
    if not blocks:
        return _joined(written)
    before = _joined(written[: blocks[0].start])
    after = written[blocks[-1].end :]
    between = [written[one.end : two.start] for one, two in pairwise(blocks)]
    if any(_is_typed(part) for part in between):
        return _joined(written)
    if len(before) < _SHORT_LEAD and INLINE_HINT.search(before):
        return _joined(written)
    if not _is_typed(after):
        return "\n\n".join(part for part in (before, _joined(after)) if part) if before else ""
    if (before and not _is_greeting(before)) or not _is_history(blocks[0], lines):
        return _joined(written)
    return "\n\n".join(part for part in (before, _joined(after)) if part)


def _is_history(block: _Block, lines: list[str]) -> bool:
    """Whether a program quoted here: a person who types ``>`` by hand names no time and sender."""
    if block.attributed or block.end - block.start > _TYPED_BY_HAND:
        return True
    inside = [line.lstrip("> \t") for line in lines[block.start : block.start + 3]]
    if _own_line(inside) is not None:
        return True
    return any(
        ends_intro(line) and intro_start(inside, at) is not None for at, line in enumerate(inside)
    )


def _blocks(lines: list[str]) -> list[_Block]:
    blocks: list[_Block] = []
    start = -1
    blank = 0
    for at, line in enumerate([*lines, "end"]):
        if _QUOTED.match(line):
            if start < 0:
                start = at
            blank = 0
        elif start >= 0 and at < len(lines) and not blank and _is_rest_of_quote(lines, at):
            continue
        elif line.strip() and start >= 0:
            floor = blocks[-1].end if blocks else 0
            top = _with_intro(lines, start)
            blocks.append(_Block(max(floor, top), at - blank, attributed=top < start))
            start = -1
            blank = 0
        else:
            blank += 1
    return blocks


def _is_rest_of_quote(lines: list[str], at: int) -> bool:
    """Whether a line is the rest of the long quoted one above, broken off by a gateway."""
    above, line = lines[at - 1].rstrip(), lines[at].strip()
    if len(above) < _BROKEN_LINE or above.endswith(_ENDED) or not _QUOTED.match(above):
        return False
    goes_on = at + 1 < len(lines) and bool(_QUOTED.match(lines[at + 1]))
    return goes_on and len(line) < len(above) and line[:1].islower()


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
