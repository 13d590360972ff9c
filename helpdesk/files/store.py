"""Files by the SHA-256 of their bytes: durable on disk before a row speaks of them."""

import hashlib
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone

from helpdesk.files.models import StoredFile, WaitingFile
from helpdesk.lib.faults import fault
from helpdesk.lib.statements import Insert

_STORED = Insert(StoredFile)
_PIECE = 1024 * 1024
# Bytes that were put within this time may be about to get a row.
FRESH_SECONDS = 600
# The disk makes so many files durable in hardly more time than one.
PLACED_AT_ONCE = 4


class FileMissingError(Exception):
    """A row names a file that is not in the folder; only a backup brings it back."""

    def __init__(self, stored: StoredFile) -> None:
        """Name the file by its row and digest."""
        super().__init__(f"stored file {stored.pk} ({stored.sha256}) is missing on disk")


@dataclass(frozen=True, slots=True)
class Placed:
    """Bytes that lie durably under their digest, and are to get a row as this type."""

    sha256: str
    size: int
    content_type: str


def put(content: bytes, content_type: str) -> StoredFile:
    """Keep bytes and return their row; the same bytes give the same row.

    The bytes are on disk before the row is made, so that no crash leaves a row without
    its file (I6). The first content type stays; an attachment keeps its own.

    Raises OSError when the disk is full or broken; then there is no row.
    """
    return _row_of(place(content, content_type))


def place(content: bytes, content_type: str) -> Placed:
    """Lay bytes on disk, for a row that :func:`write_rows` makes soon.

    Written under a temporary name, synced, renamed and the folder synced. A crash before
    the row leaves a file without one: harmless, and taken up when these bytes come again.

    Raises OSError when the disk is full or broken.
    """
    digest = hashlib.sha256(content).hexdigest()
    target = path_of(digest)
    if not _is_whole(target, len(content)):
        _write_durably(target, content)
    return Placed(digest, len(content), content_type[:120])


class _Placers:
    """A few threads that lay files on disk, begun when first needed, for the whole process.

    Beginning threads for each group of files took a third of the time that the disk did.
    """

    def __init__(self) -> None:
        self.after_fork()

    def after_fork(self) -> None:
        """Begin anew: a parent's lock and threads did not come along."""
        self._lock = threading.Lock()
        self._threads: ThreadPoolExecutor | None = None

    def begin(self, content: bytes, content_type: str) -> Future[Placed]:
        try:
            with self._lock:
                if self._threads is None:
                    self._threads = ThreadPoolExecutor(PLACED_AT_ONCE, thread_name_prefix="files")
                return self._threads.submit(place, content, content_type)
        except RuntimeError:
            return _place_here(content, content_type)


def _place_here(content: bytes, content_type: str) -> Future[Placed]:
    """Lay a file now: no thread is to be had, there are too many or the process is ending."""
    done: Future[Placed] = Future()
    try:
        done.set_result(place(content, content_type))
    except OSError as error:
        done.set_exception(error)
    return done


_PLACERS = _Placers()
os.register_at_fork(after_in_child=_PLACERS.after_fork)


def begin_placing(content: bytes, content_type: str) -> Future[Placed]:
    """Begin what :func:`place` does, beside the caller's work; several are laid at once."""
    return _PLACERS.begin(content, content_type)


def place_all(files: Sequence[tuple[bytes, str]]) -> list[Placed]:
    """Do what :func:`place` does for bytes and types, several at once, and return all in order."""
    if len(files) < 2:
        return [place(*file) for file in files]
    return await_placed([begin_placing(*file) for file in files])


def await_placed(begun: Sequence[Future[Placed]]) -> list[Placed]:
    """Return the files once all of them lie on disk; raises what went wrong with the first.

    Only when the others have ended, too: whoever gives up must not leave threads behind that
    still write for them, and hold their bytes in memory meanwhile.
    """
    wait(begun)
    return [each.result() for each in begun]


def write_rows(placed: Sequence[Placed]) -> list[StoredFile]:
    """Return the row of each, in order; what has none gets it in the caller's transaction.

    New rows are made in the order of their digests: two who store the same two files at once
    would else wait for each other. Inside `together` another who stores the same bytes at this
    moment is an IntegrityError.
    """
    if not placed:
        return []
    digests = {each.sha256 for each in placed}
    rows = {row.sha256: row for row in StoredFile.objects.filter(sha256__in=digests)}
    for each in sorted(placed, key=lambda one: one.sha256):
        if each.sha256 not in rows:
            rows[each.sha256] = _row_of(each)
    return [rows[each.sha256] for each in placed]


def _row_of(placed: Placed) -> StoredFile:
    stored = StoredFile(sha256=placed.sha256, size=placed.size, content_type=placed.content_type)
    if _STORED.write_if_new(stored):
        return stored
    return StoredFile.objects.get(sha256=placed.sha256)


def open_file(stored: StoredFile) -> BinaryIO:
    """Open the bytes for reading; raises FileMissingError when they are gone."""
    try:
        return path_of(stored.sha256).open("rb")
    except FileNotFoundError as error:
        raise FileMissingError(stored) from error


def read_file(stored: StoredFile) -> bytes:
    """Return all bytes; raises FileMissingError when they are gone."""
    with open_file(stored) as file:
        return file.read()


def find_damage(stored: StoredFile) -> str:
    """Return "" for a file that is whole, else "missing" or "changed"; reads all of it."""
    digest = hashlib.sha256()
    try:
        with open_file(stored) as file:
            while piece := file.read(_PIECE):
                digest.update(piece)
    except FileMissingError:
        return "missing"
    return "" if digest.hexdigest() == stored.sha256 else "changed"


def discard(*, stored_id: int) -> bool:
    """Delete a file that no row points to, with its bytes; False when something may need it.

    Whoever puts the same bytes again has a few moments until a row of theirs points to
    them; ``put`` touches what it finds, and what was touched lately stays until the sweep
    tries again. Not for use inside a transaction: the bytes would be gone before it is sure
    that the row is.
    """
    with transaction.atomic():
        stored = StoredFile.objects.select_for_update().filter(pk=stored_id).first()
        if stored is None:
            return False
        if _is_fresh(path_of(stored.sha256)):
            keep_for(stored, timedelta(seconds=FRESH_SECONDS))
            return False
        try:
            # A savepoint: the refusal of a row that points here must not break the rest.
            with transaction.atomic():
                stored.delete()
        except ProtectedError:
            return False
    # Whoever put the same bytes in this very moment gives them a row anew.
    if not _is_fresh(path_of(stored.sha256)):
        path_of(stored.sha256).unlink(missing_ok=True)
    return True


def _is_fresh(path: Path) -> bool:
    try:
        return time.time() - path.stat().st_mtime < FRESH_SECONDS
    except FileNotFoundError:
        return False


def keep_for(stored: StoredFile, duration: timedelta) -> None:
    """Note that a file waits for a row of somebody, and may go when none has come by then."""
    WaitingFile.objects.create(file=stored, expires_at=timezone.now() + duration)


def sweep_waiting(*, at_most: int = 500) -> int:
    """Delete files whose time to wait is over and that nothing speaks of; return how many.

    Not for use inside a transaction, as :func:`discard`.
    """
    over = WaitingFile.objects.filter(expires_at__lt=timezone.now()).order_by("expires_at")
    rows = list(over.values_list("pk", "file_id")[:at_most])
    WaitingFile.objects.filter(pk__in=[pk for pk, _ in rows]).delete()
    return sum(1 for stored_id in {file_id for _, file_id in rows} if discard(stored_id=stored_id))


def free_bytes() -> int:
    """Return how many bytes the folder's disk still takes."""
    root = Path(settings.FILES_ROOT)
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    return shutil.disk_usage(root).free


def path_of(digest: str) -> Path:
    """Return where the bytes of this digest lie: two levels keep folders small."""
    return Path(settings.FILES_ROOT) / digest[:2] / digest[2:4] / digest


def _is_whole(path: Path, size: int) -> bool:
    try:
        # Touched, so that whoever is deleting these bytes sees that they are wanted again.
        os.utime(path)
        return path.stat().st_size == size
    except FileNotFoundError:
        return False


def _write_durably(target: Path, content: bytes) -> None:
    _make_folder(target.parent)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".part-")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fault("files.before_rename")
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)
    fault("files.after_rename")


def _make_folder(folder: Path) -> None:
    """Make a folder and those above it, each one's name synced into its parent."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(exist_ok=True, mode=0o700)
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
