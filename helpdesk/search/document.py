"""What rooms hand over to be found, and who hands it over."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

# What stands after this in one document is not searched: a book is no request.
LONGEST_TEXT = 200_000


class Weight(IntEnum):
    """How much a word found in a field tells: a heading more than a name, that more than a text."""

    TEXT = 1
    NOTED = 2
    HEADING = 3


@dataclass(frozen=True, slots=True)
class Field:
    """Some text of a document and its weight."""

    text: str
    weight: Weight = Weight.TEXT


@dataclass(frozen=True, slots=True)
class Document:
    """One thing that can be found, as it is now.

    ``keys`` say who may find it and by what it is narrowed ("team:3", "public"); they only
    spare the engine work, the room's own query decides. What fewer people may read belongs
    into a document of another kind. ``rank`` sorts what is found equally well, the highest
    first: a moment in seconds, for most. Documents of one ``kind`` and ``id`` in several
    languages live and go together.
    """

    kind: str
    id: int
    authority_id: int
    title: str
    fields: Sequence[Field] = ()
    language: str = ""
    keys: frozenset[str] = frozenset()
    rank: int = 0


class Source(Protocol):
    """A room's way to hand over its documents; registered once for its ``kind``."""

    kind: str
    # The kinds of subjects whose facts make a document differ.
    subjects: frozenset[str]

    def ids_of(self, subject: str, ids: Collection[int]) -> Collection[int]:
        """Return whose documents differ after facts about subjects of one of these kinds."""

    def ids_after(self, last_id: int, limit: int) -> Sequence[int]:
        """Return the next ids of everything that can be found, in order."""

    def documents(self, ids: Sequence[int]) -> Iterable[Document]:
        """Return what is to be found of these; an id that yields nothing is taken out."""


_sources: dict[str, Source] = {}


def register_source(source: Source) -> None:
    """Let the documents of a room be found; the same kind again replaces the former."""
    _sources[source.kind] = source


def sources() -> list[Source]:
    """Return all rooms that have something to find, in a fixed order."""
    return [_sources[kind] for kind in sorted(_sources)]
