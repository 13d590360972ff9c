"""The line above a quote ("On Tuesday … wrote:"), told from typed text; it may be wrapped."""

import re
import unicodedata

from channels_in.mail.quote_markers import QUOTING, STARTS, WROTE_WORD

_MAX_INTRO = 400
_MAX_INTRO_LINES = 4
_TIME = re.compile(r"\d{1,2}[:.h時点]\s?\d{2}|\d{1,2}\s?(?:AM|PM)\b")
_DATE = re.compile(r"\b20\d\d\b|20\d\d年|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}")
_ADDRESS = re.compile(r"[^\s<>@]@[^\s<>@]")
_COLONS = (":", "\uff1a")
_EDGES = " \t\xa0*_"
_OPEN_BRACKET = re.compile(r"<[^<>]{0,320}\Z")
_CUT_BRACKET = re.compile(r">\s?[^>]{0,60}[:\uff1a]\s{0,5}\Z")
_DASHED = re.compile(r"\s*-{2,10}\s?(?=\S)([^\n]{8,300}?)\s?-{2,10}\s*")
_BIDI = dict.fromkeys((0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF))
_BLANKS = dict.fromkeys((0xA0, 0x202F, 0x2009), " ")
_ODD = re.compile("[\u00a0\u2009\u200e\u200f\u202a-\u202f\u2066-\u2069\ufeff]")
_OTHER_DIGIT = re.compile(r"(?![0-9])\d")


def plain_lines(text: str) -> list[str]:
    """Return the lines of ``text`` as they are compared, one for each of its own.

    Without bidi marks, with plain blanks and digits; a ``>`` that belongs to an address broken
    over two lines (``<a@b.example`` and ``> wrote:``) moves up to it, so it is no quote mark.
    """
    if _ODD.search(text):
        text = text.translate(_BIDI | _BLANKS)
    if not text.isascii():
        text = _OTHER_DIGIT.sub(lambda match: str(unicodedata.digit(match[0], 0)), text)
    lines = text.split("\n")
    for at, line in enumerate(lines):
        if at and line[:1] == ">" and _CUT_BRACKET.match(line):
            above = lines[at - 1]
            if above[:1] != ">" and "@" in above[-320:] and _OPEN_BRACKET.search(above):
                lines[at - 1], lines[at] = f"{above}>", line[1:]
    return lines


def has_address(text: str) -> bool:
    """Whether a mail address, or what looks like one, stands in ``text``."""
    return bool(_ADDRESS.search(text))


def has_date(text: str) -> bool:
    """Whether a date and a time of day stand in ``text``."""
    return bool(_DATE.search(text) and _TIME.search(text))


def ends_intro(line: str) -> bool:
    """Whether a line may be the last of an attribution: it ends with a colon, or with "wrote"."""
    if len(line) > _MAX_INTRO:
        return False
    end = line[-20:].rstrip(_EDGES)
    if end.endswith(_COLONS):
        return True
    word = WROTE_WORD.search(line, max(len(line) - 30, 0))
    return bool(word and not line[word.end() :].strip(_EDGES) and _is_full(line))


def is_framed(line: str) -> bool:
    """Whether a line is Zoho's ``---- On Tuesday … wrote ----`` or GroupWise's ``>>> A … >>>``."""
    if line.startswith(">>> ") and line.rstrip().endswith(" >>>"):
        return has_date(line)
    match = _DASHED.fullmatch(line) if "--" in line[:12] else None
    return bool(match and WROTE_WORD.search(match[1]) and _is_intro(match[1]))


def intro_start(lines: list[str], end: int) -> int | None:
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


def quote_intro_start(lines: list[str], above: int) -> int | None:
    """Return where the attribution begins that stands right above a quote, whatever its language.

    ``above`` is the last filled line before the quote; None if it is no attribution.
    """
    line = lines[above]
    if ends_intro(line):
        start = intro_start(lines, above)
        if start is not None:
            return start
        return above if re.search(r"[\d@]", line) else None
    if len(line) > _MAX_INTRO or not _DATE.search(line):
        return None
    # Some programs forget the colon.
    named = has_address(line) or (WROTE_WORD.search(line) and _TIME.search(line))
    return above if named and not line.rstrip().endswith((".", "!", "?")) else None


def _is_full(text: str) -> bool:
    return bool(_ADDRESS.search(text) and _TIME.search(text) and _DATE.search(text))


def _is_intro(text: str) -> bool:
    if WROTE_WORD.search(text):
        return bool(_ADDRESS.search(text) or _TIME.search(text) or _DATE.search(text))
    return _is_full(text) or bool(QUOTING.match(text) and _ADDRESS.search(text))


def _wrapped_above(lines: list[str], at: int, length: int) -> int:
    """Include lines above that the mailer broke off: they start like an attribution, unfinished."""
    above = lines[at - 1].strip() if at else ""
    if above and (lines[at].lstrip().startswith("<") or _OPEN_BRACKET.search(above)):
        # The address stands alone: its name is at the end of the line above.
        at -= 1
    if STARTS.match(lines[at].strip()):
        return at
    for above_at in range(at - 1, max(at - 3, -1), -1):
        line = lines[above_at].strip()
        length += len(line)
        if not line or length > _MAX_INTRO or line.endswith((".", "!", "?", ":")):
            return at
        names = _ADDRESS.search(line) and line.endswith((",", ">", "<"))
        if names or (STARTS.match(line) and re.search(r"\d", line)):
            return above_at
    return at
