"""Finds the words of the index that somebody may have meant: mistyped, or not yet written out.

Both engines ask this one vocabulary, so both understand the same by a mistake. It holds
words of everybody's documents: they only widen a query, and are never shown by themselves.
"""

from collections.abc import Iterable
from functools import lru_cache

from django.db.models import Q

from helpdesk.search.models import EDGE, SearchTerm

# Shorter words have too many neighbours to guess from.
SHORTEST = 4
# From this length on two mistakes are forgiven.
LONG = 8
LONGEST = 64
MOST_SIMILAR = 12
MOST_BEGINNING = 40
MOST_CANDIDATES = 4000
WRITTEN_AT_ONCE = 500


def learn(terms: Iterable[str]) -> None:
    """Add the words among ``terms`` that are not yet known."""
    words = [term for term in sorted(set(terms)) if is_word(term) and not _is_known(term)]
    for start in range(0, len(words), WRITTEN_AT_ONCE):
        part = words[start : start + WRITTEN_AT_ONCE]
        rows = (
            SearchTerm(term=word, head=word[:EDGE], tail=word[-EDGE:], size=len(word))
            for word in part
        )
        SearchTerm.objects.bulk_create(rows, ignore_conflicts=True)
        _learned.update(dict.fromkeys(part))
    if len(_learned) > MOST_REMEMBERED:
        _learned.clear()


# What this process has written already; a vocabulary that is emptied empties it as well.
MOST_REMEMBERED = 200_000
_learned: dict[str, None] = {}


def _is_known(term: str) -> bool:
    return term in _learned


def forget_all() -> None:
    """Empty the vocabulary: the index is being built anew."""
    SearchTerm.objects.all().delete()
    _learned.clear()


def is_word(term: str) -> bool:
    """Tell whether a term is a word; numbers and addresses are exact or wrong."""
    return SHORTEST - 1 <= len(term) <= LONGEST and term.isalpha()


def similar(term: str) -> tuple[str, ...]:
    """Return the known words within one mistake of ``term``, two for long ones; nearest first."""
    if len(term) < SHORTEST or not is_word(term):
        return ()
    most = 2 if len(term) >= LONG else 1
    sizes = Q(size__gte=len(term) - most, size__lte=len(term) + most)
    edges = Q(head=term[:EDGE]) | Q(tail=term[-EDGE:])
    known = SearchTerm.objects.filter(sizes, edges).order_by("term")
    candidates = known.values_list("term", flat=True)[:MOST_CANDIDATES]
    near = ((distance(term, other, most), other) for other in candidates if other != term)
    return tuple(other for far, other in sorted(near) if far <= most)[:MOST_SIMILAR]


def beginning(prefix: str) -> tuple[str, ...]:
    """Return the known words that begin like this, the shortest first."""
    if not prefix.isalpha():
        return ()
    known = SearchTerm.objects.filter(term__startswith=prefix)
    if len(prefix) >= EDGE:
        known = known.filter(head=prefix[:EDGE])
    found = known.order_by("size", "term").values_list("term", flat=True)
    return tuple(found[:MOST_BEGINNING])


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
