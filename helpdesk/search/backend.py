"""What an engine must do; both rank alike, so that both find the same in the same order."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Protocol

from helpdesk.search.analysis import Query, Terms
from helpdesk.search.document import Document

# What a group met is worth: by the term itself or by what stands in for it, in the
# heading, in what is noted beside it, in the text.
EXACT: Final = (80, 40, 20)
OTHER: Final = (18, 12, 4)
# A compound of the query that stands there whole, in the heading and anywhere.
WHOLE: Final = (150, 30)
# For the words asked for that the title holds, shared out among all of its words: a title
# that says nothing else is nearer.
CLOSENESS: Final = 40
# An engine hands over so many of the best and no more.
MOST_HITS: Final = 1000


class IndexUnavailableError(Exception):
    """There is no index that could be asked, or it is broken; it is built again by itself."""


class IndexBusyError(Exception):
    """Somebody else is writing to the index; the next turn tries again."""


@dataclass(frozen=True, slots=True)
class Building:
    """How far a rebuild has come: up to which id of which kind."""

    kind: str
    after: int


@dataclass(frozen=True, slots=True)
class Meta:
    """What an index says of itself; it is written together with the documents.

    ``seq`` is the number of the last event it knows of and ``seal`` that event's hash, by
    which a database that was put back is noticed.
    """

    fingerprint: str
    seq: int
    seal: str
    building: Building | None = None
    # What could not be read into the index, as "kind:id"; the health page tells of it.
    failed: tuple[str, ...] = ()
    # When words were last taken out of the vocabulary, in nanoseconds: who remembers what it
    # has learnt forgets it then.
    words: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return what JSON can hold of it."""
        return asdict(self)


def read_meta(kept: dict[str, Any]) -> Meta:
    """Return the description that was kept as JSON."""
    building = Building(**kept["building"]) if kept["building"] else None
    return Meta(**{**kept, "building": building, "failed": tuple(kept["failed"])})


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document with what it is found by."""

    document: Document
    terms: Terms


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of an engine.

    ``need`` is how many groups of the query must be met; of each set in ``keys`` a document
    must have one; ``newest`` is the least rank. ``by_rank`` wants the highest ranks instead
    of the best, for all of them that there are and not only among the best.
    """

    kind: str
    query: Query
    need: int
    keys: Sequence[Collection[str]] = ()
    newest: int | None = None
    limit: int = MOST_HITS
    by_rank: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """A document that was found; the room that owns it decides whether it may be seen."""

    id: int
    language: str
    score: int


class Engine(Protocol):
    """An index of documents. All of it can be built again from the database."""

    name: str

    def meta(self) -> Meta | None:
        """Return what the index says of itself, None when there is none or it is broken."""

    def write(
        self, *, documents: Sequence[Prepared], gone: Collection[tuple[str, int]], meta: Meta
    ) -> None:
        """Replace these documents, take out those ``gone``, and note ``meta``, all or nothing.

        Raises IndexBusyError while another process is writing.
        """

    def find(self, question: Question) -> list[Hit]:
        """Return the best documents, the best first; raises IndexUnavailableError."""

    def held(
        self, terms: Collection[str], *, kind: str = "", keys: Sequence[Collection[str]] = ()
    ) -> set[str]:
        """Return those of ``terms`` that a document holds; raises IndexUnavailableError.

        With ``kind`` one of that kind, which has a key of each set in ``keys``.
        """

    def clear(self) -> None:
        """Remove everything, also what is broken."""

    def ids(self, kind: str) -> Iterator[int]:
        """Yield the ids of all documents of a kind, in no order; raises IndexUnavailableError."""
