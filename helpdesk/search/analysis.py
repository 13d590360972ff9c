"""What a document is found by, and what a query asks for; the same for every engine."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from helpdesk.lib import german
from helpdesk.search.document import LONGEST_TEXT, Document, Weight

# A query is a few words; what is pasted beyond that says nothing more.
LONGEST_QUERY = 200
MOST_GROUPS = 8
SHORTEST_PREFIX = 2
FAMILIES = Path(__file__).parent / "families.txt"
# Raise it with any change to what this file makes of a text: every index is then rebuilt.
VERSION = 1


@dataclass(frozen=True, slots=True)
class Terms:
    """Everything a document is found by.

    ``heading`` and ``noted`` are parts of ``all`` and weigh more; ``size`` is the number of
    words in the title, of which a query may hold more or fewer.
    """

    all: frozenset[str]
    heading: frozenset[str]
    noted: frozenset[str]
    size: int


@dataclass(frozen=True, slots=True)
class Group:
    """One thing asked for: the term itself, and what is taken for it as well but counts less.

    A part of a compound is asked for like a word, but is none in a heading.
    """

    term: str
    others: tuple[str, ...] = ()
    is_part: bool = False

    @property
    def terms(self) -> tuple[str, ...]:
        """Return the term and its stand-ins."""
        return (self.term, *self.others)


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked for: groups that must all be met, and compounds that please when met whole.

    ``typing`` is the word the cursor stands behind; its beginning is enough.
    """

    groups: tuple[Group, ...] = ()
    whole: tuple[str, ...] = ()
    typing: str = ""

    def with_others(self, others: dict[str, tuple[str, ...]]) -> "Query":
        """Return the query with what stands in for its terms."""
        groups = (replace(group, others=others.get(group.term, ())) for group in self.groups)
        return replace(self, groups=tuple(groups))

    @property
    def words(self) -> Iterator[tuple[str, ...]]:
        """Yield for each word that was asked for by which terms a heading holds it."""
        yield from (group.terms for group in self.groups if not group.is_part)
        yield from ((term,) for term in self.whole)

    @property
    def terms(self) -> frozenset[str]:
        """Return all terms that a hit may hold, for marking them."""
        return frozenset(term for group in self.groups for term in group.terms) | set(self.whole)


def terms_of(document: Document) -> Terms:
    """Return the terms of a document: its words, their parts, and their relatives."""
    title = list(german.words(document.title))
    heading = {word.term for word in title}
    # A part of a compound tells less than the word itself.
    noted = {part for word in title for part in word.parts}
    text: set[str] = set()
    left = LONGEST_TEXT
    by_weight = {Weight.HEADING: heading, Weight.NOTED: noted, Weight.TEXT: text}
    for field in document.fields:
        by_weight[field.weight].update(german.tokens(field.text[: max(left, 0)]))
        left -= len(field.text)
    found = heading | noted | text
    return Terms(
        all=frozenset(found | relatives(found)),
        heading=frozenset(heading),
        noted=frozenset(noted | relatives(heading)) - heading,
        size=max(1, len(title)),
    )


def read_query(text: str, *, typing: bool = False) -> Query:
    """Return what somebody asks for; empty when nothing of it can be searched for."""
    text = text[:LONGEST_QUERY]
    words = list(german.words(text))
    groups = dict.fromkeys(term for word in words for term in word.needed)
    plain = {word.term for word in words if word.needed == (word.term,)}
    whole = dict.fromkeys(word.term for word in words if word.term not in word.needed)
    last = words[-1] if words else None
    unfinished = ""
    if typing and last and last.end == len(text):
        unfinished = german.fold(text[last.start : last.end])
        # What is still being written is not yet a compound, nor all of it.
        for part in last.needed:
            groups.pop(part, None)
        groups = dict.fromkeys(list(groups)[: MOST_GROUPS - 1])
        groups[last.term] = None
        plain.add(last.term)
    return Query(
        groups=tuple(Group(term, is_part=term not in plain) for term in list(groups)[:MOST_GROUPS]),
        whole=tuple(whole),
        typing=unfinished if len(unfinished) >= SHORTEST_PREFIX else "",
    )


def relatives(terms: Iterable[str]) -> set[str]:
    """Return the terms that mean the same as one of these: "Perso" for "Personalausweis"."""
    families = _families()
    return {relative for term in terms for relative in families.get(term, ())}


@cache
def _families() -> dict[str, frozenset[str]]:
    """Return for each term of a family all terms of its other members."""
    found: dict[str, frozenset[str]] = {}
    for line in FAMILIES.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        words = [next(german.words(word)) for word in line.split()]
        for word in words:
            others = (term for other in words if other != word for term in other.terms)
            found[word.term] = found.get(word.term, frozenset()) | frozenset(others)
    return found


@cache
def fingerprint() -> str:
    """Return what changes when the same text would yield other terms than before."""
    digest = hashlib.sha256(str(VERSION).encode())
    for path in (FAMILIES, *german.WORD_FILES):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
