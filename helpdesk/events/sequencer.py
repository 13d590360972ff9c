"""Numbers committed events, one sequencer at a time, and chains them by hashes.

Numbers drawn inside the writing transaction may commit out of order, and a
reader by number then loses one for good. So events get theirs after commit.
"""

import hashlib
from datetime import UTC
from typing import Any

from django.db import connection, transaction

from helpdesk.events.models import Event, Seal, Unsealed
from helpdesk.events.publish import canonical

BATCH = 500
GENESIS = "0" * 64
# Any constant of ours; it names the sequencer among PostgreSQL's advisory locks.
ADVISORY_LOCK = 0x416E6C6965676531


def has_unsealed() -> bool:
    """Tell whether committed events wait for their number, without taking a lock."""
    return _row("SELECT 1 FROM events_unsealed LIMIT 1") is not None


def count_committed() -> int:
    """Return how many events were ever committed: any that is written makes it grow by one.

    The highest id does not tell that: of two events the lower one may be committed last. Both
    numbers come from one statement, for sealing moves an event from one table to the other.
    """
    row = _row(
        "SELECT (SELECT count(*) FROM events_unsealed)"
        " + coalesce((SELECT max(seq) FROM events_seal), 0)"
    )
    return int(row[0]) if row else 0


def seal_batch(*, limit: int = BATCH) -> list[Seal]:
    """Number the oldest committed events and return their seals, each with its event.

    Returns nothing if another sequencer is at work. Its caller may add rows in
    the same transaction; the lock lasts until that one ends.
    """
    with transaction.atomic(savepoint=False):
        if not _take_turn():
            return []
        events = [row.event for row in _oldest(limit)]
        if not events:
            return []
        seals = _chain(events)
        Seal.objects.bulk_create(seals)
        Unsealed.objects.filter(event_id__in=[event.id for event in events]).delete()
    return seals


def content(event: Event, seq: int) -> dict[str, Any]:
    """Return everything that the hash of a sealed event covers."""
    return {
        "seq": seq,
        "id": event.id,
        "created_at": event.created_at.astimezone(UTC).isoformat(timespec="microseconds"),
        "authority_id": event.authority_id,
        "kind": event.kind,
        "version": event.version,
        "actor": [event.actor_kind, event.actor_id],
        "subject": [event.subject_kind, event.subject_id],
        "data": event.data,
        "payload_digest": event.payload_digest,
        "cause_id": event.cause_id,
    }


def link(previous: str, event: Event, seq: int) -> str:
    """Return the hash of this event as the successor of ``previous``."""
    return hashlib.sha256(previous.encode() + canonical(content(event, seq))).hexdigest()


def _take_turn() -> bool:
    if connection.vendor != "postgresql":
        # Every transaction on SQLite begins IMMEDIATE: there is only one writer at a time.
        return True
    row = _row("SELECT pg_try_advisory_xact_lock(%s)", ADVISORY_LOCK)
    return bool(row and row[0])


def _oldest(limit: int) -> list[Unsealed]:
    # Events of one ticket were written under its row lock, so their ids are in order.
    return list(Unsealed.objects.select_related("event").order_by("event_id")[:limit])


def _chain(events: list[Event]) -> list[Seal]:
    last = _row("SELECT seq, hash FROM events_seal ORDER BY seq DESC LIMIT 1")
    seq, previous = last or (0, GENESIS)
    seals = []
    for event in events:
        seq += 1
        previous = link(previous, event, seq)
        seals.append(Seal(seq=seq, event=event, hash=previous))
    return seals


def _row(sql: str, *values: int) -> tuple[Any, ...] | None:
    """Ask something that is asked for every event; the ORM would triple what it costs."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        row: tuple[Any, ...] | None = cursor.fetchone()
        return row
