"""Search by an index in the data folder, for the run in one process.

Whoosh keeps the inverted lists; what is found is ranked here, by the same points as on the
other engine. The folder is a cache: never backed up, never restored (it holds pickles),
removed and built again when anything about it is odd.
"""

import json
import logging
import shutil
import threading
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from whoosh import columns, fields, formats, index
from whoosh.filedb.filestore import FileStorage
from whoosh.index import LockError
from whoosh.reading import SegmentReader

from helpdesk.search.backend import (
    Hit,
    IndexBusyError,
    IndexUnavailableError,
    Meta,
    Prepared,
    Question,
    read_meta,
)
from helpdesk.search.bits import bits_of, numbers_of
from helpdesk.search.codec import PresenceCodec
from helpdesk.search.leaf import Leaf, best_of
from helpdesk.search.marks import heads_of, kind_of, terms_of

logger = logging.getLogger(__name__)

WRITER_SECONDS = 10
MEMORY_MEGABYTES = 64
# So many segments of about one size become one of the next size; the largest are left alone.
TIER = 8
LARGEST_MERGED = 20_000
META_TERM = "=meta"


# Term, how often, weight, and what the format keeps of it.
_Posting = tuple[bytes, int, float, bytes]


class TermSet(fields.FieldType):  # type: ignore[misc] # whoosh ships no types
    """A field given as a set of terms: no positions, no lengths, nothing to analyse."""

    def __init__(self) -> None:
        """Hold presence alone."""
        super().__init__(formats.Existence(), analyzer=None)

    def index(self, value: Iterable[str], **_options: Any) -> Iterator[_Posting]:
        """Yield each term once, as whoosh wants it."""
        for term in value:
            yield term.encode(), 1, 1.0, b""


SCHEMA = fields.Schema(
    # Whose document it is, by which it is taken out.
    owner=TermSet(),
    head=TermSet(),
    terms=TermSet(),
    object_id=fields.COLUMN(columns.NumericColumn("q")),
    rank=fields.COLUMN(columns.NumericColumn("q")),
    size=fields.COLUMN(columns.NumericColumn("q")),
    content=fields.STORED,
)


class WhooshEngine:
    """The index in a folder; see :class:`helpdesk.search.backend.Engine`."""

    name = "Whoosh"

    def __init__(self, folder: Path) -> None:
        """Use the index in ``folder``, if there is one."""
        self._folder = folder
        self._lock = threading.RLock()
        self._leaves: dict[str, Leaf] = {}
        self._order: list[Leaf] = []
        self._generation = -1
        self._meta: Meta | None = None

    def meta(self) -> Meta | None:
        """Return what the index says of itself, None when there is none or it is broken."""
        try:
            with self._lock:
                self._refresh()
                return self._meta
        except IndexUnavailableError:
            return None

    def write(
        self, *, documents: Sequence[Prepared], gone: Collection[tuple[str, int]], meta: Meta
    ) -> None:
        """Replace these documents, take out those ``gone``, and note ``meta``, all or nothing."""
        stale = {*gone, *((one.document.kind, one.document.id) for one in documents)}
        owners = [META_TERM, *(_owner(kind, number) for kind, number in stale)]
        try:
            writer = self._open().writer(
                timeout=WRITER_SECONDS, limitmb=MEMORY_MEGABYTES, codec=PresenceCodec()
            )
        except LockError as error:
            raise IndexBusyError from error
        try:
            with self._lock:
                self._refresh()
                self._delete(writer, owners)
            for one in documents:
                _add(writer, one)
            writer.add_document(owner=[META_TERM], content=json.dumps(meta.as_json()))
        except BaseException:
            writer.cancel()
            raise
        writer.commit(mergetype=merge_by_size)

    def find(self, question: Question) -> list[Hit]:
        """Return the best documents, the best first; raises IndexUnavailableError."""
        if not question.query.groups:
            return []
        with self._lock:
            self._refresh()
            if self._meta is None:
                raise IndexUnavailableError
            # Whoosh reads its files through one shared handle.
            return best_of(self._order, question)

    def held(
        self, terms: Collection[str], *, kind: str = "", keys: Sequence[Collection[str]] = ()
    ) -> set[str]:
        """Return those of ``terms`` that a document holds; raises IndexUnavailableError."""
        with self._lock:
            self._refresh()
            # The largest segments know most words.
            leaves = sorted(self._order, key=lambda leaf: -len(leaf.ids))
            asked = [(leaf, leaf.among(kind, keys) if kind else ~leaf.deleted) for leaf in leaves]
            return {
                term
                for term in terms
                if any(leaf.once("terms", [term]) & there for leaf, there in asked)
            }

    def clear(self) -> None:
        """Remove everything, also what is broken."""
        with self._lock:
            self._forget()
            shutil.rmtree(self._folder, ignore_errors=True)

    def ids(self, kind: str) -> Iterator[int]:
        """Yield the ids of all documents of a kind; raises IndexUnavailableError."""
        with self._lock:
            self._refresh()
            found = {
                leaf.ids[number]
                for leaf in self._order
                for number in numbers_of(leaf.holding("terms", kind_of(kind)) & ~leaf.deleted)
            }
        yield from found

    def _open(self) -> Any:  # noqa: ANN401 - whoosh ships no types
        try:
            if index.exists_in(self._folder):
                return index.open_dir(self._folder)
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            return index.create_in(self._folder, SCHEMA)
        except Exception as error:
            # A broken index fails in as many ways as there are bytes to be wrong.
            raise IndexUnavailableError(f"{type(error).__name__}: {error}") from error

    def _refresh(self) -> None:
        """Look at the newest state of the folder; raises IndexUnavailableError."""
        try:
            storage = FileStorage(str(self._folder))
            generation = index.TOC._latest_generation(storage, "MAIN")  # noqa: SLF001 - whoosh has no other way to ask without reading all
            if generation == self._generation and generation >= 0:
                return
            self._read(storage, generation)
        except Exception as error:
            self._forget()
            if not isinstance(error, IndexUnavailableError):
                logger.warning("search index is broken: %s: %s", type(error).__name__, error)
            raise IndexUnavailableError(f"{type(error).__name__}: {error}") from error

    def _read(self, storage: FileStorage, generation: int) -> None:
        if generation < 0:
            raise IndexUnavailableError
        toc = index.TOC.read(storage, "MAIN", schema=SCHEMA)
        leaves = {}
        for segment in toc.segments:
            key = segment.segment_id()
            leaf = self._leaves.get(key) or Leaf(SegmentReader(storage, SCHEMA, segment))
            leaf.deleted = bits_of(sorted(segment.deleted_docs()))
            leaves[key] = leaf
        self._leaves, self._order = leaves, list(leaves.values())
        self._generation = generation
        self._meta = self._find_meta()

    def _find_meta(self) -> Meta | None:
        for leaf in self._order:
            for number in numbers_of(leaf.holding("owner", META_TERM) & ~leaf.deleted):
                return read_meta(json.loads(leaf.reader.stored_fields(number)["content"]))
        return None

    def _delete(self, writer: Any, owners: Iterable[str]) -> None:  # noqa: ANN401 - the same
        """Take documents out; the writer counts through the segments that were read just now."""
        wanted = list(owners)
        offset = 0
        for leaf in self._order:
            for number in numbers_of(leaf.once("owner", wanted) & ~leaf.deleted):
                writer.delete_document(offset + number)
            offset += leaf.reader.doc_count_all()

    def _forget(self) -> None:
        self._leaves, self._order = {}, []
        self._generation, self._meta = -1, None


def merge_by_size(writer: Any, segments: Sequence[Any]) -> list[Any]:  # noqa: ANN401 - whoosh ships no types
    """Merge segments of like size once there are eight of them, so that none is copied often."""
    tiers: dict[int, list[Any]] = {}
    for segment in segments:
        size = max(1, segment.doc_count())
        tiers.setdefault(len(f"{size:o}"), []).append(segment)
    merged: set[str] = set()
    for tier in tiers.values():
        if len(tier) >= TIER and sum(one.doc_count() for one in tier) <= LARGEST_MERGED:
            for segment in tier:
                reader = SegmentReader(writer.storage, writer.schema, segment)
                writer.add_reader(reader)
                reader.close()
                merged.add(segment.segment_id())
    return [segment for segment in segments if segment.segment_id() not in merged]


def _owner(kind: str, number: int) -> str:
    return f"{kind}:{number}"


def _add(writer: Any, one: Prepared) -> None:  # noqa: ANN401 - whoosh ships no types
    found = one.document
    writer.add_document(
        owner=[_owner(found.kind, found.id)],
        head=heads_of(one),
        terms=terms_of(one),
        object_id=found.id,
        rank=found.rank,
        size=one.terms.size,
        content=found.language,
    )
