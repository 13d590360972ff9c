"""What was probably meant by a word that no answer holds: one that the reader's answers spell.

The vocabulary of the index only says where to look. It holds words of everybody's texts, so none
of it is ever proposed: what is, stands in the published words of an answer that this reader may
read, and is cut from there. Each step has a bound.
"""

from collections.abc import Iterable, Iterator, Sequence

from helpdesk.lib import german
from helpdesk.search.analysis import LONGEST_QUERY, MOST_GROUPS, Group, Query
from helpdesk.search.backend import IndexUnavailableError, Question
from helpdesk.search.engines import engine
from helpdesk.search.snippets import LOOKED_THROUGH
from helpdesk.search.vocabulary import distance, near, sounds_like
from knowledgebase.body import words_of
from knowledgebase.queries import live_texts
from knowledgebase.search import Door, search_through
from knowledgebase.snippets import filled_bodies

# So many words of a query are looked at, for each so many that look like it, and of those that
# answers hold the nearest, each in so many answers.
MOST_MISSPELT = 3
MOST_NEAR = 40
MOST_TRIED = 4
MOST_READ = 5


def meant(door: Door, words: str, *, is_in_vain: bool) -> str:
    """Return what was probably meant by misspelt words, "" when nothing better would be found.

    ``is_in_vain``: nothing was found at all, so that whatever comes near is better.
    """
    try:
        better = _respelt(door, words[:LONGEST_QUERY])
    except IndexUnavailableError:
        return ""
    if better == words:
        return ""
    found = search_through(door, better)
    return better if found.keys and (is_in_vain or not found.is_guessed) else ""


def _respelt(door: Door, words: str) -> str:
    better = words
    for word in reversed(_misspelt(door, words)):
        spelt = _spelt(door, word.folded)
        if spelt:
            better = better[: word.start] + spelt + better[word.end :]
    return better


def _misspelt(door: Door, words: str) -> list[german.Word]:
    """Return the words that no answer of this reader holds, neither whole nor in all its parts."""
    asked = [word for word in german.words(words) if word.folded][:MOST_GROUPS]
    terms = {term for word in asked for term in (word.term, *word.needed)}
    held = engine().held(terms, kind=door.kind, keys=door.keys)
    unknown = [word for word in asked if word.term not in held and not held.issuperset(word.needed)]
    return unknown[:MOST_MISSPELT]


def _spelt(door: Door, typed: str) -> str:
    """Return the word of an answer that is nearest to what was typed, "" when none is near."""
    candidates = near(typed, forgiven(typed), by_sound=True)[:MOST_NEAR]
    # Who makes more than one mistake still begins with what sounds like the word.
    first = sounds_like(typed[0])
    alike = [term for word, term in candidates if word[0] in first or distance(typed, word, 1) == 1]
    here = engine()
    held = here.held(set(alike), kind=door.kind, keys=door.keys)
    terms = [term for term in dict.fromkeys(alike) if term in held][:MOST_TRIED]
    questions = [
        Question(door.kind, Query((Group(term),)), 1, door.keys, limit=MOST_READ) for term in terms
    ]
    keys = dict.fromkeys(hit.id for question in questions for hit in here.find(question))
    return _nearest(typed, _words_of(door, list(keys), frozenset(terms))) if keys else ""


def forgiven(typed: str) -> int:
    """Return how many mistakes a word of this length may hold."""
    return 1 + (len(typed) >= 6) + (len(typed) >= 9)


def _words_of(door: Door, keys: Sequence[int], terms: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Yield the words of these answers that have one of the terms: folded, and as it is spelt."""
    readers = door.readers.filter(pk__in=keys).order_by().values("pk")
    rows = live_texts().filter(answer__in=readers).order_by("answer_id", "language")
    texts = list(rows.values_list("language", "body", "title", "summary"))
    bodies = filled_bodies([(language, body) for language, body, *_ in texts], door.authority_id)
    sought = german.Sought(terms)
    for (_language, _body, title, summary), body in zip(texts, bodies, strict=True):
        for text in (title, summary, words_of(body[:LOOKED_THROUGH])):
            for word in sought.among(text):
                # A part of a compound is not how the compound is spelt.
                if word.term in terms:
                    yield word.folded, text[word.start : word.end]


def _nearest(typed: str, found: Iterable[tuple[str, str]]) -> str:
    most = forgiven(typed)
    different: dict[str, str] = {}
    for folded, spelt in found:
        different.setdefault(folded, spelt)
    ranked = sorted((distance(typed, folded, most), folded) for folded in different)
    return different[ranked[0][1]] if ranked and ranked[0][0] <= most else ""
