"""One segment of the index, and what of several segments is the best.

What both engines find a document worth is said in :mod:`helpdesk.search.backend`; here it is
worked out for sets of documents at once (see :mod:`helpdesk.search.bits`), on the other engine
in SQL.
"""

import heapq
from array import array
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cached_property, partial
from typing import Any

from whoosh.matching.wrappers import FilterMatcher
from whoosh.reading import TermNotFound

from helpdesk.search.analysis import Group, Query
from helpdesk.search.backend import CLOSENESS, EXACT, OTHER, WHOLE, Hit, Question
from helpdesk.search.bits import at_least, bits_of, numbers_of, split, union
from helpdesk.search.codec import Presence
from helpdesk.search.marks import HEADING, LANGUAGE, NOTED, key_of, kind_of

# So many terms' documents are remembered of each segment, those asked for last: at 20,000
# documents a segment two megabytes.
REMEMBERED = 1000

_Level = tuple[int, Callable[[], int]]


class Leaf:
    """One segment of the index with what is remembered of it; segments never change."""

    def __init__(self, reader: Any) -> None:  # noqa: ANN401 - whoosh ships no types
        """Read the columns; of the terms nothing yet."""
        self.reader = reader
        self.deleted = 0
        numbers = range(reader.doc_count_all())
        self.ids, self.ranks, self._sizes = (
            array("q", map(reader.column_reader(name).__getitem__, numbers))
            for name in ("object_id", "rank", "size")
        )
        self._known: dict[tuple[str, str], int] = {}

    def holding(self, name: str, term: str) -> int:
        """Return the documents of a term, deleted ones among them."""
        key = (name, term)
        # Taken out and put back: what is asked for last stands last.
        found = self._known.pop(key, None)
        if found is None:
            found = self._read(name, term)
            if len(self._known) >= REMEMBERED:
                del self._known[next(iter(self._known))]
        self._known[key] = found
        return found

    def any_of(self, name: str, terms: Iterable[str]) -> int:
        """Return the documents that hold one of the terms."""
        return union(self.holding(name, term) for term in terms)

    def among(self, kind: str, keys: Sequence[Collection[str]]) -> int:
        """Return what may be found at all: of this kind, with one key of each set."""
        found = ~self.deleted & self.any_of("terms", [kind_of(kind)])
        for each in keys:
            found &= self.any_of("terms", map(key_of, each))
        return found

    def once(self, name: str, terms: Iterable[str]) -> int:
        """Return the same for terms that nobody asks for again."""
        return union(self._read(name, term) for term in terms)

    def _read(self, name: str, term: str) -> int:
        try:
            matcher = self.reader.postings(name, term)
        except TermNotFound:
            return 0
        while isinstance(matcher, FilterMatcher):
            matcher = matcher.child
        # An index of before has postings of whoosh's own kind, until it is built anew.
        return matcher.bits if isinstance(matcher, Presence) else bits_of(list(matcher.all_ids()))

    @cached_property
    def by_size(self) -> dict[int, int]:
        """Return the documents by the number of words in their titles."""
        numbers: dict[int, list[int]] = defaultdict(list)
        for number, size in enumerate(self._sizes):
            numbers[size].append(number)
        # The row that holds what the index says of itself has no title.
        return {size: bits_of(found) for size, found in numbers.items() if size}

    @cached_property
    def standing(self) -> "array[int]":
        """Return for each document its place among all, from the oldest to the newest."""
        places = array("I", bytes(4 * len(self.ids)))
        order = sorted(range(len(self.ids)), key=lambda one: (self.ranks[one], self.ids[one]))
        for place, number in enumerate(order):
            places[number] = place
        return places

    @cached_property
    def languages(self) -> list[tuple[str, int]]:
        """Return the languages with the documents in each."""
        start = key_of(LANGUAGE).encode()
        names = [text.decode() for text in self.reader.expand_prefix("terms", start)]
        return [(name[len(start) :], self._read("terms", name)) for name in names]

    def language_of(self, number: int) -> str:
        """Return the language of a document."""
        return next((name for name, bits in self.languages if bits >> number & 1), "")


def best_of(leaves: Sequence[Leaf], question: Question) -> list[Hit]:
    """Return the best documents of all segments, the best first."""
    by_points: dict[int, list[tuple[Leaf, int]]] = defaultdict(list)
    worked_out = _unranked if question.by_rank else _points
    for leaf in leaves:
        for points, bits in worked_out(leaf, question).items():
            by_points[points].append((leaf, bits))
    hits: list[Hit] = []
    for points in sorted(by_points, reverse=True):
        left = question.limit - len(hits)
        if left <= 0:
            break
        rows = (
            (-leaf.ranks[number], -leaf.ids[number], leaf.language_of(number))
            for leaf, bits in by_points[points]
            for number in _newest(leaf, bits, question.newest, left)
        )
        best = heapq.nsmallest(left, rows)
        hits += [Hit(-minus_id, language, points) for _rank, minus_id, language in best]
    return hits


def _newest(leaf: Leaf, bits: int, since: int | None, most: int) -> list[int]:
    """Return at most so many documents of a set: the newest of them, none older than ``since``."""
    numbers: Iterator[int] = numbers_of(bits)
    if since is not None:
        numbers = (number for number in numbers if leaf.ranks[number] >= since)
    return heapq.nlargest(most, numbers, key=leaf.standing.__getitem__)


def _found(leaf: Leaf, question: Question) -> int:
    """Return what one segment has found."""
    found = leaf.among(question.kind, question.keys)
    if found:
        groups = [leaf.any_of("terms", group.terms) for group in question.query.groups]
        found &= at_least(question.need, groups)
    return found


def _unranked(leaf: Leaf, question: Question) -> dict[int, int]:
    """Return it as one set without points."""
    found = _found(leaf, question)
    return {0: found} if found else {}


def _points(leaf: Leaf, question: Question) -> dict[int, int]:
    """Return it as sets by points."""
    found = _found(leaf, question)
    if not found:
        return {}
    classes = {0: found}
    for group in question.query.groups:
        classes = split(classes, _worth(leaf, group))
    for term in question.query.whole:
        classes = split(classes, _worth_whole(leaf, term))
    return split(classes, _worth_of_title(leaf, question.query, found))


def _worth(leaf: Leaf, group: Group) -> Iterator[_Level]:
    """Yield what a group is worth where it is met: the first that holds counts, and no more."""
    both = ((EXACT, (group.term,)), (OTHER, group.others))
    for worth, terms in both:
        for points, mark in zip(worth, (HEADING, NOTED), strict=False):
            yield points, partial(leaf.any_of, "head", [mark + term for term in terms])
    for worth, terms in both:
        yield worth[2], partial(leaf.any_of, "terms", terms)


def _worth_whole(leaf: Leaf, term: str) -> Iterator[_Level]:
    yield WHOLE[0], partial(leaf.holding, "head", HEADING + term)
    yield WHOLE[1], partial(leaf.holding, "terms", term)


def _worth_of_title(leaf: Leaf, query: Query, found: int) -> Iterator[_Level]:
    """Yield what the words of the title are worth, by how many of them are asked for."""
    by_times = {0: found}
    for term in query.words:
        by_times = split(by_times, [(1, partial(leaf.holding, "head", HEADING + term))])
    worth: dict[int, int] = defaultdict(int)
    for times, met in by_times.items():
        for size, sized in leaf.by_size.items() if times else ():
            worth[CLOSENESS * times // size] |= met & sized
    for points, bits in worth.items():
        yield points, partial(int, bits)
