"""One pass over one mailbox: see what is new, keep it, bring it to its outcome, settle it."""

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar

from django.db import InterfaceError, OperationalError
from django.db.models import Max, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from channels_in import outcome
from channels_in.limits import MAX_MAIL_BYTES, OVERSIZE_HEAD_BYTES
from channels_in.mail.beside import Beside
from channels_in.mail.lease import note_backlog
from channels_in.mail.mailbox import (
    Folder,
    LostConnectionError,
    Mailbox,
    MailboxError,
    RefusedError,
    Size,
)
from channels_in.mail.settle import settle
from channels_in.models import Account, FolderState, RawMessage, Sighting
from channels_in.process import process_claimed, process_raw, process_together
from channels_in.reading import Reading
from channels_in.store import DiskFullError, Place, Seen, check_room, keep, keep_together
from helpdesk.lib.faults import fault

logger = logging.getLogger(__name__)

Item = TypeVar("Item")

# Memory is bounded by a batch, however large the mailbox is (mail.md 12).
BATCH_BYTES = 8 * 1024 * 1024
BATCH_MAILS = 400
# So many share a commit: more would save little, and their leases last a minute.
KEPT_TOGETHER = 50
SIZES_AT_ONCE = 500
# A mail during whose fetching the line broke so often is put aside.
MAX_BREAKS = 3
MAX_ERROR = 300
# Not the mail's fault: the pass ends, and the next one finds it again.
WAIT_FOR = (DiskFullError, OperationalError, InterfaceError, OSError)
NO_FOLDER = Folder(0, 0, 0)
NO_STATE = FolderState()


@dataclass(slots=True)
class Memory:
    """What one fetcher remembers between passes and connections: mails that broke the line."""

    breaks: Counter[tuple[str, int, int]] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Visit:
    """One pass: an open mailbox on its account, and ``check``, which renews or ends it.

    ``check`` raises when the pass must stop: the lease is lost or the process ends.
    ``state`` and ``folder`` are what is known of the folder and what the server says of it.
    ``apart`` lets a thread of its own file what is kept.
    """

    account: Account
    mailbox: Mailbox
    check: Callable[[], None]
    memory: Memory
    state: FolderState = NO_STATE
    folder: Folder = NO_FOLDER
    apart: bool = False


@dataclass(slots=True)
class Counts:
    """What a pass did; ``complaint`` is what the server refused when settling.

    ``is_awaited`` tells that mails are still being filed, here or by another: soon there
    will be something to settle.
    """

    new: int = 0
    known: int = 0
    unfetchable: int = 0
    complaint: str = ""
    is_awaited: bool = False

    def add(self, others: "Counts") -> None:
        """Count what was counted elsewhere as well."""
        self.new += others.new
        self.known += others.known
        self.unfetchable += others.unfetchable


@dataclass(frozen=True, slots=True)
class _Group:
    """Mails whose bytes were kept by one commit, those that could be, and their reading."""

    sizes: Sequence[Size]
    kept: frozenset[int]
    reading: Reading


def fetch_pass(visit: Visit, *, full: bool = True) -> Counts:
    """Take in every mail that has no sighting yet, folder by folder, then settle what is done.

    ``full`` compares all UIDs with the sightings; otherwise only those after the
    newest known one are asked for. Mails that could not be fetched before are
    tried again in a full pass only. A further folder that can't be opened is a
    complaint and holds up no other; the watched one comes last and stays open.

    Raises LostConnectionError, DiskFullError or a database error; everything
    committed until then stays, and the next pass goes on from there.
    """
    counts = Counts()
    _finish_waiting(visit)
    for name in visit.account.folders:
        try:
            folder = visit.mailbox.select(name)
        except LostConnectionError:
            raise
        except MailboxError as error:
            if name == visit.account.folder:
                raise
            counts.complaint = counts.complaint or f"{name}: {error}"
            continue
        fault("fetch.after_select")
        state = _state(visit.account, name)
        _take_folder(replace(visit, state=state, folder=folder), counts, full=full)
    return counts


def _state(account: Account, name: str) -> FolderState:
    found, _is_new = FolderState.objects.get_or_create(
        account=account, name=name, defaults={"import_since": account.import_since}
    )
    return found


def _take_folder(visit: Visit, counts: Counts, *, full: bool) -> None:
    _note_uidvalidity(visit)
    fault("fetch.after_generation")
    uids = _unknown_uids(visit, full=full)
    fault("fetch.after_search")
    left = len(uids)
    for chunk in _chunks(uids, SIZES_AT_ONCE):
        note_backlog(visit.account.pk, left)
        _take_chunk(visit, chunk, counts)
        left -= len(chunk)
    complaint = settle(visit.account, visit.mailbox, visit.state.name, visit.folder)
    counts.complaint = counts.complaint or complaint
    stored = _places(visit).filter(
        settled_at__isnull=True, raw_message__state=RawMessage.State.STORED
    )
    counts.is_awaited = counts.is_awaited or stored.exists()


def _finish_waiting(visit: Visit) -> None:
    """File first what an earlier pass only kept, so that a reply does not overtake its mail."""
    waiting = outcome.waiting().filter(account=visit.account).values_list("pk", flat=True)
    for raw_id in list(waiting):
        visit.check()
        process_raw(raw_id)


def _note_uidvalidity(visit: Visit) -> None:
    """Remember the folder's generation; a new one means that every UID is new (mail.md 1)."""
    state, folder = visit.state, visit.folder
    if state.uidvalidity == folder.uidvalidity:
        return
    if state.uidvalidity is None:
        _retire_places(visit)
    else:
        logger.warning("account %s: UIDVALIDITY changed, reading all again", visit.account.pk)
    state.uidvalidity, state.first_uid = folder.uidvalidity, folder.uidnext
    state.save(update_fields=("uidvalidity", "first_uid"))


def _retire_places(visit: Visit) -> None:
    """Rename what was seen on a server the account pointed to before.

    Two servers may well give the same folder the same UIDVALIDITY, and then a
    new mail would pass for one already seen.
    """
    until = timezone.now().isoformat(timespec="seconds")
    _places(visit).update(folder=f"{visit.state.name} (until {until})"[:255], settled_at=Now())


def _places(visit: Visit) -> QuerySet[Sighting]:
    return Sighting.objects.filter(
        account=visit.account,
        folder=visit.state.name,
        uidvalidity=visit.folder.uidvalidity,
    )


def _unknown_uids(visit: Visit, *, full: bool) -> list[int]:
    sightings = _places(visit)
    if not full:
        newest = sightings.aggregate(newest=Max("uid"))["newest"] or 0
        return _search_from(visit, newest + 1)
    known = set(sightings.filter(raw_message__isnull=False).values_list("uid", flat=True))
    return [uid for uid in _search_from(visit, 1) if uid not in known]


def _search_from(visit: Visit, first: int) -> list[int]:
    """Search, leaving out what was there before the folder's start date (mail.md 12)."""
    since = visit.state.import_since
    if since is None:
        return visit.mailbox.search_uids(first=first, since=None)
    border = visit.state.first_uid or 1
    # SINCE counts in days of the server's zone; the exact time is compared later.
    day = since.astimezone(UTC).date() - timedelta(days=1)
    recent = visit.mailbox.search_uids(first=first, since=day) if first < border else []
    newer = visit.mailbox.search_uids(first=max(first, border), since=None)
    return sorted({*recent, *newer})


def _take_chunk(visit: Visit, uids: Sequence[int], counts: Counts) -> None:
    for batch in _batches(visit, uids):
        fault("fetch.after_sizes")
        visit.check()
        check_room()
        _take_batch(visit, batch, counts)
        settle(visit.account, visit.mailbox, visit.state.name, visit.folder)


def _batches(visit: Visit, uids: Sequence[int]) -> Iterator[list[Size]]:
    """Group ascending mails by what fits into memory; one that broke the line comes alone."""
    batch: list[Size] = []
    for size in visit.mailbox.fetch_sizes(uids):
        if not _is_wanted(visit, size):
            continue
        alone = size.size > MAX_MAIL_BYTES or visit.memory.breaks[_key(visit, size)] > 0
        full = (
            len(batch) >= BATCH_MAILS or sum(each.size for each in batch) + size.size > BATCH_BYTES
        )
        if batch and (alone or full):
            yield batch
            batch = []
        if alone:
            yield [size]
        else:
            batch.append(size)
    if batch:
        yield batch


def _is_wanted(visit: Visit, size: Size) -> bool:
    since, border = visit.state.import_since, visit.state.first_uid
    if since is None or border is None or size.uid >= border or size.arrived_at is None:
        return True
    return size.arrived_at >= since


def _take_batch(visit: Visit, batch: list[Size], counts: Counts) -> None:
    """Fetch and take a batch; one that the server refuses is tried again mail by mail."""
    try:
        found = _fetch(visit, batch)
    except RefusedError as error:
        _split_refused(visit, batch, error, counts)
        return
    given = [size for size in batch if size.uid in found]
    for size in given:
        visit.memory.breaks.pop(_key(visit, size), None)
    _take_groups(visit, list(_chunks(given, KEPT_TOGETHER)), found, counts)


def _take_groups(
    visit: Visit,
    groups: Sequence[Sequence[Size]],
    found: dict[int, bytes | None],
    counts: Counts,
) -> None:
    """Keep each group by one commit, and file the one before while the parser reads this one."""
    one_by_one = Counts()
    with ExitStack() as begun, Beside(apart=visit.apart) as filing:
        before: Callable[[], None] | None = None
        for sizes in groups:
            kept = _keep_together(visit, sizes, found)
            counts.new += len(kept)
            reading = Reading([kept[size.uid] for size in sizes if size.uid in kept])
            begun.callback(reading.give_back)
            if before is not None:
                filing.begin(before)
            group = _Group(sizes, frozenset(kept), reading)
            before = partial(_finish_group, visit, group, found, one_by_one)
        if before is not None:
            filing.begin(before)
        filing.finish()
    counts.add(one_by_one)


def _finish_group(
    visit: Visit, group: _Group, found: dict[int, bytes | None], counts: Counts
) -> None:
    """Bring to their outcomes what was kept together; the others are taken one by one."""
    process_together(group.reading, visit.check)
    for size in group.sizes:
        raw = found.pop(size.uid)
        if size.uid not in group.kept:
            visit.check()
            _take(visit, size, raw, counts)


def _keep_together(
    visit: Visit, group: Sequence[Size], found: dict[int, bytes | None]
) -> dict[int, RawMessage]:
    """Keep those that are new; what can't be kept together is taken one by one, with a name."""
    seen = [_seen(visit, size, raw) for size in group if (raw := found[size.uid]) is not None]
    if len(seen) < 2:
        return {}
    try:
        rows = keep_together(account=visit.account, seen=seen)
    except WAIT_FOR:
        raise
    except Exception:
        logger.exception("account %s: mails could not be kept together", visit.account.pk)
        return {}
    return {place.uid: row for place, row in rows.items()}


def _seen(visit: Visit, size: Size, raw: bytes) -> Seen:
    oversize = size.size if size.size > MAX_MAIL_BYTES else None
    place = Place(visit.state.name, visit.folder.uidvalidity, size.uid, oversize)
    return Seen(raw, _received_at(size.arrived_at), place)


def _split_refused(visit: Visit, batch: list[Size], error: RefusedError, counts: Counts) -> None:
    """Find the mail that the server refuses; only that one is put aside.

    The server may have lost step over it: then the ping fails, and the next
    connection goes on behind it, since the memory keeps which it was.
    """
    if len(batch) == 1:
        visit.memory.breaks[_key(visit, batch[0])] = MAX_BREAKS
        _note_unfetchable(visit, batch[0].uid, str(error), counts)
        visit.mailbox.ping()
        return
    visit.memory.breaks.update(_key(visit, size) for size in batch)
    visit.mailbox.ping()
    for size in batch:
        _take_batch(visit, [size], counts)


def _fetch(visit: Visit, batch: list[Size]) -> dict[int, bytes | None]:
    first = batch[0]
    if len(batch) == 1 and visit.memory.breaks[_key(visit, first)] >= MAX_BREAKS:
        raise RefusedError("command", "the connection broke each time this mail was fetched")
    fault("fetch.before_fetch")
    try:
        if first.size > MAX_MAIL_BYTES:
            return {first.uid: visit.mailbox.fetch_head(first.uid, OVERSIZE_HEAD_BYTES)}
        found = visit.mailbox.fetch_raw([size.uid for size in batch])
    except LostConnectionError:
        visit.memory.breaks.update(_key(visit, size) for size in batch)
        raise
    fault("fetch.after_fetch")
    return found


def _key(visit: Visit, size: Size) -> tuple[str, int, int]:
    return visit.state.name, visit.folder.uidvalidity, size.uid


def _take(visit: Visit, size: Size, raw: bytes | None, counts: Counts) -> None:
    if raw is None:
        _note_unfetchable(visit, size.uid, "the server has no content for this mail", counts)
        return
    seen = _seen(visit, size, raw)
    try:
        row, is_new = keep(
            account=visit.account, raw=raw, received_at=seen.received_at, place=seen.place
        )
    except WAIT_FOR:
        raise
    except Exception as error:  # one mail that can't be kept is listed and does not stop the next
        logger.exception("account %s: mail %s could not be kept", visit.account.pk, size.uid)
        _note_unfetchable(visit, size.uid, repr(error), counts)
        return
    if is_new:
        process_claimed(row)
    else:
        process_raw(row.pk)
    counts.new += is_new
    counts.known += not is_new


def _received_at(arrived_at: datetime | None) -> datetime:
    """Return the server's time of arrival, but never one to come (mail.md 45)."""
    now = timezone.now()
    return now if arrived_at is None else min(arrived_at, now)


def _note_unfetchable(visit: Visit, uid: int, error: str, counts: Counts) -> None:
    """List a mail that the server could not give us by its place (mail.md 19)."""
    Sighting.objects.update_or_create(
        account=visit.account,
        folder=visit.state.name,
        uidvalidity=visit.folder.uidvalidity,
        uid=uid,
        defaults={"error": error[:MAX_ERROR]},
    )
    counts.unfetchable += 1


def _chunks(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
