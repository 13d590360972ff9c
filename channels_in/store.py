"""Keeps each raw mail once and durably, before anything looks into it (I1, I2)."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from channels_in.limits import MIN_FREE_BYTES, PROCESS_LEASE, ROW_BYTES
from channels_in.models import Account, RawMessage, Sighting
from channels_in.reasons import Notice
from channels_in.trace import identify
from helpdesk.events.wake import wake_on_commit
from helpdesk.files import store as files
from helpdesk.lib.faults import fault
from helpdesk.lib.statements import Insert, Lookup

TASK = "channels_in.process"
RAW_TYPE = "message/rfc822"


_KNOWN = Lookup(
    # Only the key is asked for: almost always there is nothing to be read.
    lambda account_id, message_id, content_hash: RawMessage.objects.filter(
        account_id=account_id, message_id=message_id, content_hash=content_hash
    ).values_list("pk"),
    "account_id",
    "message_id",
    "content_hash",
)
_WAITING = Insert(RawMessage)
_LEASED = Insert(RawMessage, lease_until=Now() + PROCESS_LEASE)
_SEEN = Insert(Sighting)


class DiskFullError(Exception):
    """There is not room for one more large mail; nothing is taken in until there is."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where on a server a mail was seen; ``oversize`` is its true size if it was cut."""

    folder: str
    uidvalidity: int
    uid: int
    oversize: int | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """One mail as a mailbox gave it."""

    raw: bytes
    received_at: datetime
    place: Place


def keep(
    *,
    account: Account,
    raw: bytes,
    received_at: datetime,
    envelope_from: str | None = None,
    envelope_to: Sequence[str] = (),
    place: Place | None = None,
) -> tuple[RawMessage, bool]:
    """Commit the unaltered bytes of one mail and return its row, and whether it is new.

    The same mail again (same account, Message-ID and content) gives the
    existing row. With ``place`` the sighting is committed along with it, and a
    new row is leased to the caller, who processes it at once; without, the
    task is woken. Must not be called inside a transaction: the caller tells
    the sender "I have it" when this returns.

    Raises DiskFullError or a database error; then nothing was kept.
    """
    check_room()
    message_id, hashed = identify(raw)
    known = _KNOWN.first(account_id=account.pk, message_id=message_id, content_hash=hashed)
    if known is not None:
        found = RawMessage.objects.get(pk=known[0])
        _note_place(found, place)
        return found, False
    row = RawMessage(
        account=account,
        message_id=message_id,
        content_hash=hashed,
        envelope_from=None if envelope_from is None else _clean(envelope_from),
        envelope_to=[_clean(address) for address in envelope_to],
        received_at=received_at,
    )
    _place_bytes(row, raw, place)
    return _insert(row, place)


def keep_together(*, account: Account, seen: Sequence[Seen]) -> dict[Place, RawMessage]:
    """Commit the bytes and places of several mails at once, each leased to the caller.

    Only those that are new: what is known already, or twice among them, is left
    to :func:`keep`. Raises what that raises; then none of them was kept.
    """
    check_room()
    rows: dict[tuple[str, str], tuple[Seen, RawMessage]] = {}
    for one in seen:
        message_id, hashed = identify(one.raw)
        row = RawMessage(
            account=account,
            message_id=message_id,
            content_hash=hashed,
            received_at=one.received_at,
        )
        rows.setdefault((message_id, hashed), (one, row))
    asked = [
        {"account_id": account.pk, "message_id": message_id, "content_hash": hashed}
        for message_id, hashed in rows
    ]
    for key, known in zip(list(rows), _KNOWN.for_all(asked), strict=True):
        if known:
            del rows[key]
    large = _place_all(list(rows.values()))
    new = {one.place: row for one, row in rows.values()}
    _insert_together(new, large)
    return new


def _place_all(rows: Sequence[tuple[Seen, RawMessage]]) -> list[tuple[RawMessage, files.Placed]]:
    """Give each its bytes, and return those for whom they lie on disk and have no row yet."""
    large = [(one, row) for one, row in rows if len(one.raw) > ROW_BYTES]
    placed = files.place_all([(one.raw, RAW_TYPE) for one, _row in large])
    lying = [(row, each) for (_one, row), each in zip(large, placed, strict=True)]
    digests = {id(row): each.sha256 for row, each in lying}
    for one, row in rows:
        _describe(row, one.raw, one.place, digests.get(id(row)))
        fault("store.after_bytes")
    return lying


def _insert_together(
    new: dict[Place, RawMessage], large: Sequence[tuple[RawMessage, files.Placed]]
) -> None:
    if not new:
        return
    with transaction.atomic(durable=True):
        stored = files.write_rows([placed for _row, placed in large])
        for (row, _placed), file in zip(large, stored, strict=True):
            row.file = file
        _LEASED.write(*new.values())
        fault("store.between_rows")
        _SEEN.write(*(_sighting(row, place) for place, row in new.items()))
        fault("store.before_commit")
    fault("store.after_commit")


def check_room() -> None:
    """Raise DiskFullError while free space is below one and a half of the largest mail."""
    free = files.free_bytes()
    if free < MIN_FREE_BYTES:
        raise DiskFullError(
            f"the disk has {free // 2**20} MB free, {MIN_FREE_BYTES // 2**20} MB are needed"
        )


def read_raw(raw_message: RawMessage) -> bytes:
    """Return the bytes as they came; raises files.FileMissingError when they are gone."""
    if raw_message.file is not None:
        return files.read_file(raw_message.file)
    return bytes(raw_message.body or b"")


def is_cut(raw_message: RawMessage) -> bool:
    """Tell whether only the beginning of a mail is ours, the whole of it on its server alone.

    By its sizes: its reason may long be another, such as why it lay in quarantine.
    """
    file = raw_message.file
    return raw_message.size > (len(raw_message.body or b"") if file is None else file.size)


def _clean(address: str) -> str:
    """Drop what no database takes: NUL, controls, lone surrogates."""
    return "".join(char for char in address if char.isprintable())[:320]


def _place_bytes(row: RawMessage, raw: bytes, place: Place | None) -> None:
    stored = files.put(raw, RAW_TYPE) if len(raw) > ROW_BYTES else None
    row.file = stored
    _describe(row, raw, place, stored.sha256 if stored else None)
    fault("store.after_bytes")


def _describe(row: RawMessage, raw: bytes, place: Place | None, digest: str | None) -> None:
    """Note what the bytes are; small ones are in the row itself.

    Those that lie on disk have their ``digest`` from there: 35 MB take a moment to add up.
    """
    row.sha256, row.size = digest or hashlib.sha256(raw).hexdigest(), len(raw)
    if place is not None and place.oversize is not None:
        row.size, row.reason = place.oversize, Notice.OVERSIZE
    if len(raw) <= ROW_BYTES:
        row.body = raw


def _insert(row: RawMessage, place: Place | None) -> tuple[RawMessage, bool]:
    try:
        with transaction.atomic(durable=True):
            if place is not None:
                _LEASED.write(row)
                _note_place(row, place)
            else:
                _WAITING.write(row)
                wake_on_commit(TASK)
            fault("store.before_commit")
    except IntegrityError:
        known = RawMessage.objects.get(
            account=row.account, message_id=row.message_id, content_hash=row.content_hash
        )
        _note_place(known, place)
        return known, False
    fault("store.after_commit")
    return row, True


def _note_place(row: RawMessage, place: Place | None) -> None:
    """Remember where it was seen; a place once noted as unreadable is now readable."""
    if place is None:
        return
    seen = _sighting(row, place)
    if not _SEEN.write_if_new(seen):
        Sighting.objects.filter(
            account_id=row.account_id,
            folder=place.folder,
            uidvalidity=place.uidvalidity,
            uid=place.uid,
        ).update(raw_message=row, error=seen.error)


def _sighting(row: RawMessage, place: Place) -> Sighting:
    return Sighting(
        account_id=row.account_id,
        folder=place.folder,
        uidvalidity=place.uidvalidity,
        uid=place.uid,
        raw_message_id=row.pk,
        error=_cut_notice(place),
    )


def _cut_notice(place: Place) -> str:
    return "" if place.oversize is None else f"too large: {place.oversize} bytes"
