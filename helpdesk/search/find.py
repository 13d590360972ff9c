"""The one small face of search: ask in words, get what may be looked up.

First everything must be met as it was asked. Where that finds nothing, words like those
asked for count as well, and where that finds nothing either, a part of them is enough.
Whether there is something is judged by what this viewer may find: a foreign document
changes neither the answer nor the way to it.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from helpdesk.search.analysis import Query, read_query
from helpdesk.search.backend import MOST_HITS, Hit, IndexUnavailableError, Question
from helpdesk.search.engines import engine
from helpdesk.search.vocabulary import beginning, similar

# What another way to ask finds is worth so many hundredths.
VARIANT = 90


@dataclass(frozen=True, slots=True)
class Scope:
    """What may be found: a document needs one key of each set, and at least this rank.

    ``by_rank`` has the highest ranks handed over instead of the best.
    """

    keys: Sequence[Collection[str]] = ()
    newest: int | None = None
    by_rank: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, the best first.

    ``terms`` are those to mark in what is shown. ``is_guessed`` says that nothing holds all
    of what was asked. ``is_ready`` is False while there is no index or it is being built:
    then what is missing may only not have been read yet.
    """

    hits: Sequence[Hit] = ()
    terms: frozenset[str] = frozenset()
    is_guessed: bool = False
    is_empty: bool = False
    is_ready: bool = True

    @property
    def is_capped(self) -> bool:
        """Tell whether there may be more than an engine hands over."""
        return len(self.hits) >= MOST_HITS


@dataclass(frozen=True, slots=True)
class _Stage:
    query: Query
    need: int
    is_guess: bool = True


def search(
    text: str,
    *,
    kind: str,
    scope: Scope,
    typing: bool = False,
    variants: Sequence[str] = (),
    limit: int = MOST_HITS,
) -> Found:
    """Return what is found of ``kind``; never raises for anything that somebody typed.

    ``variants`` are other ways to ask for the same; what they find counts a little less.
    ``typing`` takes the last word as a beginning. The hits are candidates: the room that
    owns them shows only those that its own query lets this viewer see.
    """
    asked = read_query(text)
    if not asked.groups:
        return Found(is_empty=True)
    if not all(scope.keys):
        return Found(terms=asked.terms)
    here = engine()
    meta = here.meta()
    if meta is None:
        return Found(is_ready=False)
    is_ready = meta.building is None
    others = [query for query in map(read_query, variants) if query.groups]
    for stage in _stages(text, asked, typing=typing):
        found = stage()
        # A guess is only a guess at what was typed.
        alike = [] if found.is_guess else [_Stage(one, len(one.groups)) for one in others]
        questions = [
            Question(
                kind, one.query, one.need, scope.keys, scope.newest, limit, by_rank=scope.by_rank
            )
            for one in (found, *alike)
        ]
        try:
            hits = _merged([here.find(question) for question in questions])
        except IndexUnavailableError:
            return Found(is_ready=False)
        if hits:
            terms = found.query.terms.union(*(one.query.terms for one in alike))
            return Found(hits[:limit], terms, found.is_guess, is_ready=is_ready)
    return Found(terms=asked.terms, is_ready=is_ready)


def _merged(found: Sequence[Sequence[Hit]]) -> Sequence[Hit]:
    """Put hits of several questions together, the best of each document, the first's before."""
    if len(found) == 1:
        return found[0]
    best = {(hit.id, hit.language): hit for hit in found[0]}
    for hits in found[1:]:
        for hit in hits:
            weaker = replace(hit, score=hit.score * VARIANT // 100)
            known = best.get((hit.id, hit.language))
            if known is None or known.score < weaker.score:
                best[(hit.id, hit.language)] = weaker
    # Sorting keeps the order of equals: that of the engine, which is the same for both.
    return sorted(best.values(), key=lambda hit: -hit.score)


def _stages(text: str, asked: Query, *, typing: bool) -> Iterator[Callable[[], _Stage]]:
    """Yield the ways to understand what was asked, the nearest first."""
    if typing:
        yield lambda: _begun(read_query(text, typing=True))
    yield lambda: _Stage(asked, len(asked.groups), is_guess=False)
    alike = cache(lambda: _with_similar(asked))
    yield lambda: _Stage(alike(), len(asked.groups))
    if len(asked.groups) > 1:
        yield lambda: _Stage(alike(), (len(asked.groups) + 1) // 2)


def _begun(asked: Query) -> _Stage:
    last = asked.groups[-1].term
    begun = tuple(term for term in beginning(asked.typing) if term != last)
    return _Stage(asked.with_others({last: begun}), len(asked.groups), is_guess=False)


def _with_similar(asked: Query) -> Query:
    others = {
        one.term: tuple(term for term in similar(one.typed) if term != one.term)
        for one in asked.groups
    }
    return asked.with_others(others)
