"""What has changed between two texts, line by line and within a line word by word.

Bodies are compared as marked text (see `knowledgebase.marks`): a heading that became smaller,
another address of a link or another picture are changes of words there, too.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

# Comparing takes time with the product of both lengths: beyond that a part is shown as replaced.
MOST_LINES = 3000
MOST_WORDS = 1500
# Two lines that share less are two lines, not one that was changed.
ALIKE = 0.4
AROUND = 1

_WORD = re.compile(r"\w+|\s+|[^\w\s]")


class Change(StrEnum):
    """What happened to a piece of text."""

    SAME = "same"
    GONE = "gone"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words that stayed, went or came."""

    change: Change
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line with what happened within it; ``left_out`` stands for so many that stayed."""

    pieces: tuple[Piece, ...] = ()
    left_out: int = 0

    @property
    def is_changed(self) -> bool:
        """Tell whether anything happened in this line."""
        return any(piece.change != Change.SAME for piece in self.pieces)


def compare(old: str, new: str) -> list[Line]:
    """Return the lines of both texts; of those that stayed only the ones beside a change."""
    return _shortened(list(_lines(_split(old), _split(new))))


def _split(text: str) -> list[str]:
    return [line.rstrip() for line in text.splitlines() if line.strip()]


def _lines(old: Sequence[str], new: Sequence[str]) -> Iterator[Line]:
    for tag, a, b, c, d in _steps(old, new, MOST_LINES):
        if tag == "equal":
            yield from (_whole(Change.SAME, line) for line in new[c:d])
        else:
            yield from _replaced(old[a:b], new[c:d])


def _replaced(old: Sequence[str], new: Sequence[str]) -> Iterator[Line]:
    """Yield lines in pairs as long as they are alike, then what is over."""
    both = min(len(old), len(new))
    for gone, come in zip(old[:both], new[:both], strict=True):
        yield from changed_words(gone, come)
    yield from (_whole(Change.GONE, line) for line in old[both:])
    yield from (_whole(Change.NEW, line) for line in new[both:])


def changed_words(old: str, new: str) -> Iterator[Line]:
    """Yield one line with the words that changed, or two when they have little in common."""
    was, became = _WORD.findall(old), _WORD.findall(new)
    is_long = len(was) + len(became) > MOST_WORDS
    if is_long or not _is_alike(was, became):
        yield from (_whole(Change.GONE, old), _whole(Change.NEW, new))
        return
    pieces: list[Piece] = []
    gone = new_words = ""
    for tag, a, b, c, d in SequenceMatcher(None, was, became, autojunk=False).get_opcodes():
        same = "".join(became[c:d]) if tag == "equal" else ""
        # A blank between two changes belongs to them: whole phrases are easier to read.
        if same and (same.strip() or not (gone or new_words)):
            pieces += [*_changed(gone, new_words), Piece(Change.SAME, same)]
            gone = new_words = ""
            continue
        gone += "".join(was[a:b])
        new_words += "".join(became[c:d])
    yield Line((*pieces, *_changed(gone, new_words)))


def _is_alike(old: Sequence[str], new: Sequence[str]) -> bool:
    """Tell whether two lines share enough words, blanks and signs apart."""
    was, became = ([word for word in words if word.isalnum()] for words in (old, new))
    return SequenceMatcher(None, was, became, autojunk=False).ratio() >= ALIKE


def _changed(gone: str, new: str) -> list[Piece]:
    both = (Piece(Change.GONE, gone), Piece(Change.NEW, new))
    return [piece for piece in both if piece.text]


def _steps(
    old: Sequence[str], new: Sequence[str], most: int
) -> Sequence[tuple[str, int, int, int, int]]:
    if len(old) + len(new) > most:
        return [("replace", 0, len(old), 0, len(new))]
    return SequenceMatcher(None, old, new, autojunk=False).get_opcodes()


def _whole(change: Change, text: str) -> Line:
    return Line((Piece(change, text),))


def _shortened(lines: list[Line]) -> list[Line]:
    near = {
        at + step
        for at, line in enumerate(lines)
        if line.is_changed
        for step in range(-AROUND, AROUND + 1)
    }
    shown: list[Line] = []
    for at, line in enumerate(lines):
        if at in near:
            shown.append(line)
        elif shown and shown[-1].left_out:
            shown[-1] = Line(left_out=shown[-1].left_out + 1)
        else:
            shown.append(Line(left_out=1))
    return shown if near else []
