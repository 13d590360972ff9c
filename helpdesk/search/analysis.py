"""What a document is found by, and what a query asks for; the same for every engine."""

import hashlib
from collections.abc import Iterable, Mapping
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
# Raise it with any change to what is made of a text, or to which documents there are: every
# index is then rebuilt.
VERSION = 4


@dataclass(frozen=True, slots=True)
class Terms:
    """Everything a document is found by.

    ``heading`` and ``noted`` are parts of ``all`` and weigh more; ``size`` is the number of
    words in the title, of which a query may hold more or fewer; ``spellings`` are its words
    as they are written, each with its term.
    """

    all: frozenset[str]
    heading: frozenset[str]
    noted: frozenset[str]
    size: int
    spellings: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Group:
    """One thing asked for: the term itself, and what is taken for it as well but counts less.

    A part of a compound is asked for like a word, but is none in a heading. ``typed`` is how
    it was written.
    """

    term: str
    others: tuple[str, ...] = ()
    is_part: bool = False
    typed: str = ""

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
    def words(self) -> tuple[str, ...]:
        """Return the words that were asked for, compounds whole."""
        return (*(group.term for group in self.groups if not group.is_part), *self.whole)

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
    spellings = dict(pair for word in title for pair in word.spellings)
    left = LONGEST_TEXT
    by_weight = {Weight.HEADING: heading, Weight.NOTED: noted, Weight.TEXT: text}
    for field in document.fields:
        for word in german.different_words(field.text[: max(left, 0)]):
            by_weight[field.weight].update(word.terms)
            spellings.update(word.spellings)
        left -= len(field.text)
    found = heading | noted | text
    like_heading = {word.term for word in relatives(heading)}
    related = {term for word in relatives(found) for term in word.terms}
    return Terms(
        all=frozenset(found | related),
        heading=frozenset(heading),
        noted=frozenset(noted | like_heading) - heading,
        size=max(1, len(title)),
        spellings=spellings,
    )


def read_query(text: str, *, typing: bool = False) -> Query:
    """Return what somebody asks for; empty when nothing of it can be searched for."""
    text = text[:LONGEST_QUERY]
    words = list(german.words(text))
    last = words.pop() if typing and words and words[-1].end == len(text) else None
    groups: dict[str, Group] = {}
    for word in words:
        for group in _groups_of(word):
            # What is also asked for as a word of its own is more than a part.
            if group.term not in groups or not group.is_part:
                groups[group.term] = group
    whole = dict.fromkeys(word.term for word in words if word.term not in word.needed)
    asked = list(groups.values())[:MOST_GROUPS]
    if last is None:
        return Query(tuple(asked), tuple(whole))
    # What is still being written is not yet a compound, nor all of it.
    asked = [group for group in asked if group.term != last.term][: MOST_GROUPS - 1]
    begun = german.fold(text[last.start : last.end])
    return Query(
        groups=(*asked, Group(last.term, typed=begun)),
        whole=tuple(whole),
        typing=begun if len(begun) >= SHORTEST_PREFIX else "",
    )


def _groups_of(word: german.Word) -> Iterable[Group]:
    """Return what must be met for a word: the parts of a compound, else the word."""
    if word.needed == (word.term,):
        return (Group(word.term, typed=word.folded),)
    return (Group(german.stem(atom), is_part=True, typed=atom) for atom in word.atoms)


def relatives(terms: Iterable[str]) -> set[german.Word]:
    """Return the words that mean the same as one of these: "Perso" for "Personalausweis"."""
    families = _families()
    return {relative for term in terms for relative in families.get(term, ())}


@cache
def _families() -> dict[str, frozenset[german.Word]]:
    """Return for each term of a family the other words of it."""
    found: dict[str, frozenset[german.Word]] = {}
    for line in FAMILIES.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        words = {word.term: word for text in line.split() for word in german.words(text)}
        for term in words:
            others = (other for name, other in words.items() if name != term)
            found[term] = found.get(term, frozenset()) | frozenset(others)
    return found


@cache
def fingerprint() -> str:
    """Return what changes when the same text would yield other terms than before."""
    digest = hashlib.sha256(str(VERSION).encode())
    for path in (FAMILIES, *german.WORD_FILES):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
