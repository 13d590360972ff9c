"""What must not be opened: by a scanner's word, or because its kind is not wanted here."""

from enum import StrEnum

from django.conf import settings
from django.utils.translation import gettext

from helpdesk.files.models import ScanState


class Lock(StrEnum):
    """Why a file is not, or not yet, as good as any other."""

    NONE = ""
    HELD = "held"
    DENIED = "denied"
    WAITING = "waiting"
    TOO_LARGE = "too_large"

    @property
    def is_shut(self) -> bool:
        """Tell whether nobody gets the file."""
        return self in {Lock.HELD, Lock.DENIED}


# What can be opened, but was not looked at by the scanner that there is.
_UNCHECKED: dict[str, Lock] = {
    ScanState.NOT_SCANNED.value: Lock.WAITING,
    ScanState.TOO_LARGE.value: Lock.TOO_LARGE,
}


def lock_of(name: str, content_type: str, scan_state: str) -> Lock:
    """Return what stands against opening a file of this name, type and state."""
    if scan_state == ScanState.HELD:
        return Lock.HELD
    if is_denied(name, content_type):
        return Lock.DENIED
    return _UNCHECKED.get(scan_state, Lock.NONE) if settings.SCANNER is not None else Lock.NONE


def is_denied(name: str, content_type: str) -> bool:
    """Tell whether files of this kind are not wanted (ANLIEGEN_DENIED_KINDS).

    Any ending of the name counts, since "bill.exe.txt" has been opened before.
    """
    endings = {part.strip().lower() for part in name.split(".")[1:]}
    denied: frozenset[str] = settings.DENIED_KINDS
    return content_type in denied or not endings.isdisjoint(denied)


def words_of(lock: Lock) -> str:
    """Return what an agent is told beside the name of the file."""
    sentences = {
        Lock.HELD: gettext("held back: it may be harmful"),
        Lock.DENIED: gettext("locked: files of this kind are not opened here"),
        Lock.WAITING: gettext("not yet scanned for viruses"),
        Lock.TOO_LARGE: gettext("too large to be scanned for viruses"),
    }
    return sentences.get(lock, "")
