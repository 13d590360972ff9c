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

TASK = "channels_in.process"


class DiskFullError(Exception):
    """There is not room for one more large mail; nothing is taken in until there is."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where on a server a mail was seen; ``oversize`` is its true size if it was cut."""

    folder: str
    uidvalidity: int
    uid: int
    oversize: int | None = None


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
    # Only the key is asked for: almost always there is nothing to be read.
    known = RawMessage.objects.filter(
        account=account, message_id=message_id, content_hash=hashed
    ).values_list("pk", flat=True)[:1]
    for pk in known:
        found = RawMessage.objects.get(pk=pk)
        _note_place(found, place)
        return found, False
    row = RawMessage(
        account=account,
        message_id=message_id,
        content_hash=hashed,
        sha256=hashlib.sha256(raw).hexdigest(),
        size=len(raw),
        envelope_from=None if envelope_from is None else _clean(envelope_from),
        envelope_to=[_clean(address) for address in envelope_to],
        received_at=received_at,
    )
    _place_bytes(row, raw)
    if place is not None:
        row.lease_until = Now() + PROCESS_LEASE
    if place is not None and place.oversize is not None:
        row.size, row.reason = place.oversize, Notice.OVERSIZE
    return _insert(row, place)


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


def _clean(address: str) -> str:
    """Drop what no database takes: NUL, controls, lone surrogates."""
    return "".join(char for char in address if char.isprintable())[:320]


def _place_bytes(row: RawMessage, raw: bytes) -> None:
    if len(raw) <= ROW_BYTES:
        row.body = raw
    else:
        row.file = files.put(raw, "message/rfc822")


def _insert(row: RawMessage, place: Place | None) -> tuple[RawMessage, bool]:
    try:
        with transaction.atomic(durable=True):
            row.save(force_insert=True)
            if place is not None:
                _note_place(row, place)
            else:
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
    Sighting.objects.update_or_create(
        account=row.account,
        folder=place.folder,
        uidvalidity=place.uidvalidity,
        uid=place.uid,
        defaults={"raw_message": row, "error": _cut_notice(place)},
    )


def _cut_notice(place: Place) -> str:
    return "" if place.oversize is None else f"too large: {place.oversize} bytes"
