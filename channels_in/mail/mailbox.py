"""A mailbox on a server as fetching sees it: typed words, errors by step, no protocol."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol


class MailboxError(Exception):
    """The server, or the way to it, failed; ``step`` names which part (mail.md 18)."""

    def __init__(self, step: str, message: str) -> None:
        """Keep the step: dns, tcp, tls, login, folder, permission, command or connection."""
        super().__init__(f"{step}: {message}")
        self.step = step
        self.message = message


class LostConnectionError(MailboxError):
    """The line was cut or stayed silent; connect anew."""


class RefusedError(MailboxError):
    """The server said no to one command; the connection still stands."""


class MovedPartlyError(MailboxError):
    """A copy was made but the original could not be marked: never copy it again (mail.md 11)."""


def _nothing() -> None:
    """Forget nothing: there is no token."""


@dataclass(frozen=True, slots=True)
class Server:
    """How a mailbox is reached; ``password`` and ``token`` are plain and must never be logged.

    With a ``token`` it is signed in by OAuth; ``forget`` is called when it is refused.
    """

    host: str
    port: int
    security: str
    username: str
    password: str
    token: str = ""
    forget: Callable[[], None] = _nothing

    def __repr__(self) -> str:
        """Leave password and token out."""
        return f"Server({self.host}:{self.port} {self.security} {self.username})"


@dataclass(frozen=True, slots=True)
class Folder:
    """What SELECT said of a folder; one that is not writable can be read alone."""

    uidvalidity: int
    uidnext: int
    count: int
    is_writable: bool = True


@dataclass(frozen=True, slots=True)
class Size:
    """A mail's size and when it reached the server, known before its bytes."""

    uid: int
    size: int
    arrived_at: datetime | None


class Mailbox(Protocol):
    """A mailbox on a server, in the few words that fetching needs.

    Every method may raise LostConnectionError; RefusedError where the server
    says no. A UID that is gone is left out of answers, without an error.
    """

    def select(self, folder: str) -> Folder:
        """Open a folder for reading and settling."""

    def search_uids(self, *, first: int, since: date | None) -> list[int]:
        """Return the UIDs from ``first`` on, ascending; ``since`` cuts by day of arrival."""

    def fetch_sizes(self, uids: Sequence[int]) -> list[Size]:
        """Return sizes and times, ascending."""

    def fetch_raw(self, uids: Sequence[int]) -> dict[int, bytes | None]:
        """Return the bytes of mails, unread as they were; None if the server has none to give."""

    def fetch_head(self, uid: int, limit: int) -> bytes:
        """Return the first ``limit`` bytes of a mail without marking it as read."""

    def mark_seen(self, uids: Sequence[int]) -> None:
        """Mark as read."""

    def move(self, uids: Sequence[int], folder: str) -> None:
        """Move to a folder; raises MovedPartlyError if only the copy worked."""

    def delete(self, uids: Sequence[int]) -> None:
        """Delete these mails and no others: never a bare EXPUNGE (mail.md 10)."""

    def has_message(self, folder: str, message_id: str) -> bool:
        """Tell whether a folder holds a mail of this Message-ID; opens it to look."""

    def append(self, folder: str, raw: bytes, at: datetime | None) -> None:
        """Lay a mail into a folder, as one that was read."""

    def idle(self, seconds: float, is_over: Callable[[], bool]) -> bool:
        """Wait for news; True if there are some.

        ``is_over`` is asked at least once a second; True from it ends the wait.
        """

    def ping(self) -> None:
        """Ask the server for a sign of life."""

    def abort(self) -> None:
        """Cut the line from another thread, so that a waiting call ends."""

    def close(self) -> None:
        """Log out, whatever state the line is in."""
