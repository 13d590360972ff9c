"""Cuts from a text the place that was found, and marks what was asked for.

All of the text is escaped here; the only markup is our own ``<mark>``.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import islice

from django.utils.safestring import SafeString, mark_safe

from helpdesk.lib.german import Sought, Word

WIDTH = 180
# Further down nobody looks for the best place; the beginning of the text is shown then.
LOOKED_THROUGH = 20_000
MOST_MARKS = 200
ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of one of several texts, with marks; ``place`` is which of them, -1 for none."""

    place: int
    html: SafeString


class Marker:
    """Marks what was asked for in all texts of a page; what it has read once it knows."""

    def __init__(self, terms: frozenset[str]) -> None:
        """Mark these terms."""
        self._terms = terms
        self._sought = Sought(terms)

    def marked(self, text: str) -> SafeString:
        """Return the whole text, escaped, with what was asked for marked."""
        return _with_marks(text, self._wanted(text))

    def best_snippet(self, texts: Iterable[str], *, width: int = WIDTH) -> Snippet:
        """Return a piece of the text that holds most of what was asked for, the first of equals.

        Empty when none of the texts holds any of it. No more texts are asked for than are read.
        """
        best: tuple[int, int, str, list[Word]] = (0, -1, "", [])
        for place, text in enumerate(texts):
            plain = " ".join(text[:LOOKED_THROUGH].split())
            found = self._wanted(plain)
            held = len({term for word in found for term in word.terms} & self._terms)
            if held > best[0]:
                best = (held, place, plain, found)
            if held >= len(self._terms):
                break
        return Snippet(best[1], _cut(best[2], best[3], width) if best[0] else mark_safe(""))

    def _wanted(self, text: str) -> list[Word]:
        return list(islice(self._sought.among(text), MOST_MARKS))


def _cut(text: str, found: Sequence[Word], width: int) -> SafeString:
    """Return the piece of ``width`` that holds most words that were found."""
    first = _densest(found, width)
    start = _word_start(text, max(0, first.start - width // 4))
    end = _word_end(text, min(len(text), start + width))
    inside = [word for word in found if start <= word.start and word.end <= end]
    shifted = [Word(one.start - start, one.end - start, one.term) for one in inside]
    before = f"{ELLIPSIS} " if start else ""
    after = f" {ELLIPSIS}" if end < len(text) else ""
    return mark_safe(before + _with_marks(text[start:end].rstrip(), shifted) + after)  # noqa: S308 - escaped piece by piece


def _densest(found: Sequence[Word], width: int) -> Word:
    """Return the word from which on most different ones stand within ``width``; the first wins."""
    different = len({word.term for word in found})
    ends = [word.end for word in found]
    best, most = found[0], 0
    for at, word in enumerate(found):
        last = bisect_right(ends, word.start + width)
        held = len({each.term for each in found[at:last]})
        if held > most:
            best, most = word, held
        if most == different:
            break
    return best


def _word_start(text: str, at: int) -> int:
    if at == 0:
        return 0
    blank = text.find(" ", at)
    return blank + 1 if 0 <= blank < at + WIDTH // 4 else at


def _word_end(text: str, at: int) -> int:
    if at >= len(text):
        return len(text)
    blank = text.rfind(" ", 0, at)
    return blank if blank > at - WIDTH // 4 else at


def _with_marks(text: str, found: Sequence[Word]) -> SafeString:
    pieces: list[str] = []
    at = 0
    for word in found:
        pieces += [escape(text[at : word.start]), "<mark>", escape(text[word.start : word.end])]
        pieces.append("</mark>")
        at = word.end
    pieces.append(escape(text[at:]))
    return mark_safe("".join(pieces))  # noqa: S308 - every piece of the text is escaped above
