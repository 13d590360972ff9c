"""Keeps the search index behind the facts, by itself, in batches, never in a request.

The index knows the number of the last event it has read; that number is written with the
documents, so a process that is killed leaves a whole index that goes on where it was. What
is missing, broken or of another version is built anew, step by step, in the background.
"""

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from helpdesk.events import feed
from helpdesk.events.models import Seal
from helpdesk.lib.faults import fault
from helpdesk.search import analysis, vocabulary
from helpdesk.search.backend import Building, Engine, IndexBusyError, Meta, Prepared
from helpdesk.search.document import Document, Source, sources
from helpdesk.search.engines import engine

logger = logging.getLogger(__name__)

EVENTS = 200
DOCUMENTS = 200
# Then the thread is given back; the sweep each second goes on.
LONGEST = 5.0
MOST_FAILURES = 50

_turn = threading.Lock()


class _Reader:
    """How far this process has read past events that concern no document.

    ``known`` is how far it has seen the index itself to be.
    """

    def __init__(self) -> None:
        self.seq = 0
        self.seal = ""
        self.known = 0


_reader = _Reader()


def run(*, until: float) -> None:
    """Work until the index knows everything or the moment of ``time.monotonic()`` has come.

    In each process only one does so at a time; another process that writes is left to it.
    """
    if not _turn.acquire(blocking=False):
        return
    try:
        while step(engine()) and time.monotonic() < until:
            pass
    except IndexBusyError:
        logger.info("another process is writing to the search index")
    finally:
        _turn.release()


def step(here: Engine) -> bool:
    """Do one batch; False when nothing is left to do."""
    meta = here.meta()
    if meta is None or meta.fingerprint != analysis.fingerprint() or not _belongs(meta):
        begin(here)
        return True
    if meta.building:
        _build(here, meta, meta.building)
        return True
    return _follow(here, meta)


def begin(here: Engine) -> None:
    """Throw the index away and begin a new one with everything that has happened until now."""
    logger.info("the search index is built anew")
    here.clear()
    vocabulary.forget_all()
    seq = feed.head()
    first = Building(kind=_kinds()[0], after=0) if sources() else None
    meta = Meta(analysis.fingerprint(), seq, _hash_of(seq), building=first, words=time.time_ns())
    here.write(documents=(), gone=(), meta=meta)


def rebuild(here: Engine) -> Iterable[Meta]:
    """Build anew from the start to the end, yielding the state after each batch."""
    with _turn:
        begin(here)
        while (meta := here.meta()) is not None and meta.building:
            yield meta
            _build(here, meta, meta.building)
        while (meta := here.meta()) is not None and _follow(here, meta):
            yield meta


def sweep(here: Engine) -> int:
    """Compare the index with what there is, mend it, and return how many were mended.

    Words that no document holds any more are taken out of the vocabulary as well.
    """
    meta = here.meta()
    if meta is None or meta.building or not _turn.acquire(blocking=False):
        return 0
    try:
        mended = sum(_sweep_kind(here, source) for source in sources())
        _forget_words(here)
    finally:
        _turn.release()
    if mended:
        logger.warning("%s documents were missing from the search index or too many", mended)
    return mended


def _sweep_kind(here: Engine, source: Source) -> int:
    indexed = set(here.ids(source.kind))
    missing, gone = set(_all_ids(source)) - indexed, indexed - set(_all_ids(source))
    # Not everything that could be found is to be found now: a draft has no document.
    wrong = sorted(gone | {number for part in _parts(missing) for number in _there(source, part)})
    for part in _parts(wrong):
        meta = here.meta()
        if meta is not None:
            _write(here, {source.kind: part}, meta)
    return len(wrong)


def _forget_words(here: Engine) -> None:
    meta = here.meta()
    if meta is not None and vocabulary.forget_unheld(here.held):
        here.write(documents=(), gone=(), meta=replace(meta, words=time.time_ns()))


def _there(source: Source, ids: Sequence[int]) -> set[int]:
    return {one.document.id for one in _prepare(source, ids)[0]}


def _parts(ids: Collection[int]) -> Iterator[list[int]]:
    ordered = sorted(ids)
    for start in range(0, len(ordered), DOCUMENTS):
        yield ordered[start : start + DOCUMENTS]


def unread(meta: Meta) -> int:
    """Return how many events since then concern documents, counted up to a page of them."""
    subjects = {subject for source in sources() for subject in source.subjects}
    seals = Seal.objects.filter(seq__gt=meta.seq, event__subject_kind__in=subjects)
    return seals.order_by()[: feed.PAGE].count()


def oldest_unread(meta: Meta) -> Seal | None:
    """Return the first event since then that concerns a document."""
    subjects = {subject for source in sources() for subject in source.subjects}
    seals = Seal.objects.filter(seq__gt=meta.seq, event__subject_kind__in=subjects)
    return seals.select_related("event").order_by("seq").first()


def _kinds() -> list[str]:
    return [source.kind for source in sources()]


def _hash_of(seq: int) -> str:
    return Seal.objects.filter(seq=seq).values_list("hash", flat=True).first() or ""


def _belongs(meta: Meta) -> bool:
    """Tell whether the index has read this very history, not that of a restored backup."""
    return (meta.seq, meta.seal) == (_reader.seq, _reader.seal) or _hash_of(meta.seq) == meta.seal


def _build(here: Engine, meta: Meta, building: Building) -> None:
    source = next((one for one in sources() if one.kind == building.kind), None)
    ids = source.ids_after(building.after, DOCUMENTS) if source else ()
    if ids:
        on = replace(meta, building=Building(building.kind, ids[-1]))
    else:
        later = [kind for kind in _kinds() if kind > building.kind]
        on = replace(meta, building=Building(later[0], 0) if later else None)
        if not later:
            logger.info("the search index is complete")
    _write(here, {building.kind: ids}, on)


def _follow(here: Engine, meta: Meta) -> bool:
    """Read the next events; False when there are none."""
    is_put_back = meta.seq < _reader.known
    _reader.known = meta.seq
    # A slower process may have written over what we wrote: then all since then is read again.
    goes_on = _reader.seq > meta.seq and not is_put_back and _belongs_still()
    after = _reader.seq if goes_on else meta.seq
    seals = feed.read_after(after, limit=EVENTS)
    if not seals:
        return False
    touched = _touched(seals)
    last = seals[-1]
    if touched:
        _write_in_parts(here, touched, meta, replace(meta, seq=last.seq, seal=last.hash))
        _reader.known = last.seq
    _reader.seq, _reader.seal = last.seq, last.hash
    return len(seals) == EVENTS


def _belongs_still() -> bool:
    return _hash_of(_reader.seq) == _reader.seal


def _touched(seals: Iterable[Seal]) -> dict[str, list[int]]:
    """Return which documents of which kind may differ after these events."""
    told: dict[str, set[int]] = defaultdict(set)
    for seal in seals:
        told[seal.event.subject_kind].add(seal.event.subject_id)
    ids: dict[str, set[int]] = defaultdict(set)
    for source in sources():
        for subject in source.subjects & told.keys():
            ids[source.kind].update(source.ids_of(subject, told[subject]))
    return {kind: sorted(found) for kind, found in ids.items() if found}


def _write_in_parts(
    here: Engine, touched: Mapping[str, Sequence[int]], meta: Meta, after: Meta
) -> None:
    """Write a batch of documents at a time; only with the last one the events count as read."""
    parts = [{kind: part} for kind, ids in touched.items() for part in _parts(ids)]
    for part in parts[:-1]:
        _write(here, part, meta)
        meta = here.meta() or meta
    _write(here, parts[-1], replace(after, failed=meta.failed))


def _write(here: Engine, wanted: Mapping[str, Sequence[int]], meta: Meta) -> None:
    """Read the documents as they are now and hand them to the engine with the new state."""
    prepared: list[Prepared] = []
    gone: set[tuple[str, int]] = set()
    failed = {name for name in meta.failed if not _is_among(name, wanted)}
    for source in sources():
        ids = wanted.get(source.kind, ())
        found, broken = _prepare(source, ids)
        prepared += found
        failed |= {f"{source.kind}:{number}" for number in broken}
        there = {one.document.id for one in found}
        gone |= {(source.kind, number) for number in ids if number not in there}
    spellings = {w: t for one in prepared for w, t in one.terms.spellings.items()}
    vocabulary.learn(spellings, since=meta.words)
    fault("index.before_write")
    kept = tuple(sorted(failed)[:MOST_FAILURES])
    here.write(documents=prepared, gone=gone, meta=replace(meta, failed=kept))
    fault("index.after_write")


def _is_among(name: str, wanted: Mapping[str, Collection[int]]) -> bool:
    kind, _, number = name.partition(":")
    return int(number) in wanted.get(kind, ())


def _prepare(source: Source, ids: Sequence[int]) -> tuple[list[Prepared], list[int]]:
    """Return the documents with their terms, and the ids that could not be read."""
    if not ids:
        return [], []
    try:
        return [_prepared(document) for document in source.documents(ids)], []
    except Exception:
        if len(ids) == 1:
            logger.exception("%s %s could not be read into the search index", source.kind, ids[0])
            return [], list(ids)
    # One of them is odd; the others must not suffer for it.
    found: list[Prepared] = []
    broken: list[int] = []
    for number in ids:
        one, odd = _prepare(source, [number])
        found += one
        broken += odd
    return found, broken


def _prepared(document: Document) -> Prepared:
    return Prepared(document, analysis.terms_of(document))


def _all_ids(source: Source) -> Iterable[int]:
    after = 0
    while ids := source.ids_after(after, 10_000):
        yield from ids
        after = ids[-1]
