"""The virus scanner's queue: every stored file that has no verdict yet, and when it is asked again.

Files are taken in without a scanner's word and shown with one: whoever hands a file in
waits for nothing, and a scanner that is away costs nobody a file.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from helpdesk.files.clamd import Address, RefusedError, ScannerError, TooLargeError, find_virus
from helpdesk.files.models import ScanState, StoredFile
from helpdesk.files.store import FileMissingError, open_file

BATCH = 50
# A file is asked about again after this time, be it that whoever asked has died.
LEASE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=1)
DOUBLINGS = 8
NOTE = 200


@dataclass(frozen=True, slots=True)
class Finding:
    """A file in which the scanner found something."""

    stored_id: int
    virus: str


@dataclass(frozen=True, slots=True)
class ScannerHealth:
    """How the scanner does: how many files wait, since when, and what it said last."""

    waiting: int
    since: datetime | None
    problem: str
    held: int
    too_large: int


def scan_waiting() -> Iterator[Finding]:
    """Ask about files that wait, and yield what was found; the caller writes that down.

    What is clean, too large or could not be scanned is noted here. A scanner that does not
    answer is asked no more in this round. No transaction is open while it is asked.
    """
    if settings.SCANNER is None:
        return
    for stored in list(_due()[:BATCH]):
        if not _claim(stored):
            continue
        try:
            virus = _ask(settings.SCANNER, stored)
        except ScannerError as error:
            _postpone(stored, str(error))
            if not isinstance(error, RefusedError):
                return
        else:
            if virus:
                yield Finding(stored.pk, virus)


def _ask(scanner: Address, stored: StoredFile) -> str:
    """Return what was found in a file; note what else there is to say of it."""
    try:
        with open_file(stored) as file:
            virus = find_virus(scanner, file)
    except FileMissingError:
        _postpone(stored, "missing on disk")
        return ""
    except TooLargeError as error:
        set_state(stored_id=stored.pk, state=ScanState.TOO_LARGE, note=str(error))
        return ""
    if not virus:
        set_state(stored_id=stored.pk, state=ScanState.CLEAN)
    return virus


def set_state(*, stored_id: int, state: ScanState, note: str = "") -> None:
    """Write the scanner's verdict about a file, or that of a person who knows better."""
    StoredFile.objects.filter(pk=stored_id).update(
        scan_state=state, scan_note=note[:NOTE], scan_after=None
    )


def held_files() -> list[StoredFile]:
    """Return the files that nobody gets, the newest first."""
    return _in_state(ScanState.HELD)


def unchecked_files() -> list[StoredFile]:
    """Return the files that are too large for the scanner, the newest first."""
    return _in_state(ScanState.TOO_LARGE)


def _in_state(state: ScanState) -> list[StoredFile]:
    return list(StoredFile.objects.filter(scan_state=state).order_by("-id"))


def scanner_health() -> ScannerHealth:
    """Return how the scanner does, in three bounded questions."""
    waiting = StoredFile.objects.filter(scan_state=ScanState.NOT_SCANNED)
    oldest = waiting.order_by("id").first()
    told = waiting.exclude(scan_note="").order_by("-scan_after").first()
    marked = StoredFile.objects.filter(scan_state__in=(ScanState.HELD, ScanState.TOO_LARGE))
    counts = Counter(marked.values_list("scan_state", flat=True))
    return ScannerHealth(
        waiting=waiting.count(),
        since=oldest.created_at if oldest else None,
        problem=told.scan_note if told else "",
        held=counts[ScanState.HELD],
        too_large=counts[ScanState.TOO_LARGE],
    )


def _due() -> QuerySet[StoredFile]:
    is_due = Q(scan_after__isnull=True) | Q(scan_after__lte=Now())
    # The newest first: somebody may be about to open it; an old stock waits behind.
    return StoredFile.objects.filter(is_due, scan_state=ScanState.NOT_SCANNED).order_by("-id")


def _claim(stored: StoredFile) -> bool:
    """Take a file for this process; False when another one was quicker."""
    free = StoredFile.objects.filter(
        pk=stored.pk, scan_state=ScanState.NOT_SCANNED, scan_after=stored.scan_after
    )
    return bool(free.update(scan_after=Now() + LEASE, scan_tries=F("scan_tries") + 1))


def _postpone(stored: StoredFile, problem: str) -> None:
    pause = min(LEASE * 2 ** min(stored.scan_tries, DOUBLINGS), LONGEST_PAUSE)
    StoredFile.objects.filter(pk=stored.pk).update(
        scan_after=Now() + pause, scan_note=problem[:NOTE]
    )


def scan_again() -> int:
    """Let the scanner look at all files anew but those held back, and return how many."""
    rows = StoredFile.objects.exclude(scan_state=ScanState.HELD)
    return rows.update(
        scan_state=ScanState.NOT_SCANNED, scan_after=None, scan_note="", scan_tries=0
    )
