"""Finds the words of the index that somebody may have meant: mistyped, or not yet written out.

Both engines ask this one vocabulary, so both understand the same by a mistake. It holds
words of everybody's documents: they only widen a query, and are never shown by themselves.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import lru_cache

from django.db.models import Q

from helpdesk.search.models import EDGE, SearchTerm

# Shorter words have too many neighbours to guess from.
SHORTEST = 4
# From this length on two mistakes are forgiven.
LONG = 8
LONGEST = 64
MOST_SIMILAR = 12
# Letters that are taken for each other by ear, as they are folded.
SOUNDS = ("aeiouy", "dt", "bp", "cgkq", "fvw", "sz", "mn")
MOST_BEGINNING = 40
MOST_CANDIDATES = 4000
WRITTEN_AT_ONCE = 500


def learn(spellings: Mapping[str, str], *, since: int = 0) -> None:
    """Add the words that are not yet known, each with its term.

    ``since`` is when words were last taken out, by whichever process.
    """
    if _memory.since != since:
        _learned.clear()
        _memory.since = since
    words = [word for word in sorted(spellings) if is_word(word) and word not in _learned]
    for start in range(0, len(words), WRITTEN_AT_ONCE):
        part = words[start : start + WRITTEN_AT_ONCE]
        rows = (
            SearchTerm(
                word=word,
                term=spellings[word],
                head=word[:EDGE],
                tail=word[-EDGE:],
                size=len(word),
            )
            for word in part
        )
        SearchTerm.objects.bulk_create(rows, ignore_conflicts=True)
        _learned.update(dict.fromkeys(part))
    if len(_learned) > MOST_REMEMBERED:
        _learned.clear()


# What this process has written already; a vocabulary that is emptied empties it as well.
MOST_REMEMBERED = 200_000
_learned: dict[str, None] = {}


class _Memory:
    """Which state of the vocabulary ``_learned`` belongs to."""

    since = 0


_memory = _Memory()


def forget_all() -> None:
    """Empty the vocabulary: the index is being built anew."""
    SearchTerm.objects.all().delete()
    _learned.clear()


def forget_unheld(held: Callable[[Collection[str]], Collection[str]]) -> int:
    """Take out the words that no document holds any more, and return how many.

    ``held`` tells which of some terms a document holds. A word of an erased document is gone
    with the next turn of this, unless another document spells a word of the same stem.
    """
    after, forgotten = 0, 0
    while rows := list(_rows_after(after)):
        after = rows[-1][0]
        there = held({term for _pk, _word, term in rows})
        lost = {word: term for _pk, word, term in rows if term not in there}
        SearchTerm.objects.filter(word__in=list(lost)).delete()
        for word in lost:
            _learned.pop(word, None)
        # Somebody may have written a document with such a word meanwhile.
        back = held(set(lost.values()))
        learn({word: term for word, term in lost.items() if term in back}, since=_memory.since)
        forgotten += sum(term not in back for term in lost.values())
    return forgotten


def _rows_after(last: int) -> Iterable[tuple[int, str, str]]:
    rows = SearchTerm.objects.filter(pk__gt=last).order_by("pk")
    return rows.values_list("pk", "word", "term")[:WRITTEN_AT_ONCE]


def is_word(word: str) -> bool:
    """Tell whether this is a word; numbers and addresses are exact or wrong."""
    return SHORTEST - 1 <= len(word) <= LONGEST and word.isalpha()


def similar(word: str) -> tuple[str, ...]:
    """Return the terms of words within one mistake of this, two if it is long; nearest first."""
    terms = dict.fromkeys(term for _word, term in near(word, 2 if len(word) >= LONG else 1))
    return tuple(terms)[:MOST_SIMILAR]


def near(word: str, most: int, *, by_sound: bool = False) -> list[tuple[str, str]]:
    """Return the words within ``most`` mistakes of this with their terms, the nearest first.

    ``by_sound`` looks as well where a letter of the beginning only sounds like the right one.
    """
    if len(word) < SHORTEST or not is_word(word):
        return []
    sizes = Q(size__gte=len(word) - most, size__lte=len(word) + most)
    heads = Q(head__in=_sounding(word[:EDGE])) if by_sound else Q(head=word[:EDGE])
    edges = heads | Q(tail=word[-EDGE:])
    known = SearchTerm.objects.filter(sizes, edges).order_by("word")
    letters = set(word)
    counted = [
        (distance(word, other, most), other, term)
        for other, term in known.values_list("word", "term")[:MOST_CANDIDATES]
        # Each mistake makes at most two letters differ, and that is quickly seen.
        if len(letters.symmetric_difference(other)) <= 2 * most
    ]
    return [(other, term) for far, other, term in sorted(counted) if far <= most]


def _sounding(edge: str) -> list[str]:
    """Return the edge, and what it is with one letter exchanged by one that sounds like it."""
    found = {edge}
    for at, letter in enumerate(edge):
        found |= {edge[:at] + other + edge[at + 1 :] for other in sounds_like(letter)}
    return sorted(found)


def sounds_like(letter: str) -> str:
    """Return the letters by which this one is often replaced, itself among them."""
    return next((group for group in SOUNDS if letter in group), letter)


def beginning(prefix: str) -> tuple[str, ...]:
    """Return the terms of words that begin like this, those of the shortest first."""
    if not prefix.isalpha():
        return ()
    known = SearchTerm.objects.filter(word__startswith=prefix)
    if len(prefix) >= EDGE:
        known = known.filter(head=prefix[:EDGE])
    found = known.order_by("size", "word").values_list("term", flat=True)
    return tuple(dict.fromkeys(found[:MOST_BEGINNING]))


@lru_cache(maxsize=4096)
def distance(left: str, right: str, most: int) -> int:
    """Return the number of mistakes between two words, or ``most`` + 1 if there are more.

    A mistake is a letter too many, too few or wrong, or two letters swapped.
    """
    if abs(len(left) - len(right)) > most:
        return most + 1
    before: list[int] = []
    last = list(range(len(right) + 1))
    for row, letter in enumerate(left, start=1):
        line = [row] + [most + 1] * len(right)
        for column in range(max(1, row - most), min(len(right), row + most) + 1):
            same = letter == right[column - 1]
            cost = min(last[column - 1] + (not same), last[column] + 1, line[column - 1] + 1)
            swapped = (
                row > 1
                and column > 1
                and left[row - 2] == right[column - 1]
                and letter == right[column - 2]
            )
            line[column] = min(cost, before[column - 2] + 1) if swapped else cost
        if min(line) > most:
            return most + 1
        before, last = last, line
    return min(last[-1], most + 1)
