"""Threads that watch the mailboxes, one an account, inside the served process."""

import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

from django.conf import settings
from django.db import close_old_connections, connection, connections

from channels_in import outcome
from channels_in.mail import lease
from channels_in.mail.connect import open_mailbox
from channels_in.mail.fetch import Counts, Memory, Visit, fetch_pass
from channels_in.mail.mailbox import Mailbox, MailboxError, Server
from channels_in.models import Account
from channels_in.store import DiskFullError
from helpdesk.lib.faults import fault
from helpdesk.lib.secretbox import SecretUnreadableError, unseal
from helpdesk.outbox.oauth import GrantError, access_token, forget_token

logger = logging.getLogger(__name__)
_random = secrets.SystemRandom()


@dataclass(frozen=True, slots=True)
class Timing:
    """How often what happens, in seconds; tests make it faster.

    ``poll`` bounds how long IDLE is relied upon: below the nine minutes after
    which servers cut it, and at least every five minutes a look (mail.md 14). While mails
    are being filed the next look is ``soon``: then they are marked, moved or deleted.
    """

    poll: float = 300.0
    soon: float = 10.0
    lookout: float = 2.0
    renew: float = 15.0
    full: float = 3600.0
    first_pause: float = 5.0
    longest_pause: float = 900.0


class StoppedError(Exception):
    """The thread was asked to end."""


def server_of(account: Account) -> Server:
    """Return how an account is reached, with its password or token in the clear.

    Raises SecretUnreadableError, or MailboxError if there is no token to be had.
    """
    server = Server(
        host=account.host,
        port=account.port,
        security=account.security,
        username=account.username,
        password="",
    )
    if account.grant_id is None:
        return replace(server, password=unseal(account.password))
    try:
        token = access_token(account.grant_id)
    except GrantError as error:
        raise MailboxError("login", str(error)) from error
    return replace(server, token=token, forget=partial(forget_token, account.grant_id, token))


@dataclass(slots=True)
class Fetcher:
    """One account's thread: connect, take the lease, pass after pass, and begin anew on failure."""

    account_id: int
    owner: str
    timing: Timing
    stopped: threading.Event = field(default_factory=threading.Event)
    failures: int = 0
    # Kept over connections: it names the mails that broke them.
    memory: Memory = field(default_factory=Memory)
    _remembered_until: float = 0.0
    _mailbox: Mailbox | None = None
    _renewed_at: float = 0.0

    def run(self) -> None:
        """Work until stopped; nothing a server or the database does ends the thread."""
        try:
            while not self.stopped.is_set():
                self._try()
        finally:
            connections.close_all()

    def stop(self) -> None:
        """Ask the thread to end and cut the line it may be waiting on."""
        self.stopped.set()
        mailbox = self._mailbox
        if mailbox is not None:
            mailbox.abort()

    def _try(self) -> None:
        close_old_connections()
        try:
            if not lease.acquire(self.account_id, self.owner):
                self._wait(self.timing.lookout)
                return
            fault("fetch.after_lease")
            self._watch()
        except (StoppedError, lease.LeaseLostError, Account.DoesNotExist):
            self._wait(self.timing.lookout)
        except (MailboxError, DiskFullError, SecretUnreadableError) as error:
            self._rest(error)
        except Exception as error:
            logger.exception("account %s: fetching stopped", self.account_id)
            self._rest(error)
        finally:
            self._leave()

    def _watch(self) -> None:
        account = Account.objects.get(pk=self.account_id)
        server = server_of(account)
        # A server that does not answer holds up this mailbox, and no connection to the database.
        connections.close_all()
        self._mailbox = mailbox = open_mailbox(server)
        fault("fetch.after_login")
        fresh_until = 0.0
        while True:
            self.check()
            full = time.monotonic() > fresh_until
            if full:
                fresh_until = time.monotonic() + self.timing.full
            self._forget_breaks()
            # SQLite lets one write at a time; two threads would only wait for each other.
            apart = connection.vendor == "postgresql"
            visit = Visit(account, mailbox, self.check, self.memory, apart=apart)
            counts = self._pass(visit, full=full)
            timing = self.timing
            wait = min(timing.soon, timing.poll) if counts.is_awaited else timing.poll
            mailbox.idle(wait, self._is_over)

    def _forget_breaks(self) -> None:
        """Give those that broke the line another chance, as seldom as there are full passes."""
        now = time.monotonic()
        if now > self._remembered_until:
            self.memory, self._remembered_until = Memory(), now + self.timing.full

    def _pass(self, visit: Visit, *, full: bool) -> Counts:
        counts = fetch_pass(visit, full=full)
        lease.note_success(self.account_id, has_mail=counts.new > 0, complaint=counts.complaint)
        fault("fetch.after_pass")
        self.failures = 0
        # A SQLite connection that stays open through an idle hour would hold up a restore.
        connections.close_all()
        return counts

    def check(self) -> None:
        """Raise if the thread is to end; renew the lease now and then."""
        if self.stopped.is_set():
            raise StoppedError
        if time.monotonic() - self._renewed_at >= self.timing.renew:
            lease.renew(self.account_id, self.owner)
            self._renewed_at = time.monotonic()

    def _is_over(self) -> bool:
        """Ask the same while waiting: a lost lease ends the wait, the next check says why."""
        renewed_at = self._renewed_at
        try:
            self.check()
        except (StoppedError, lease.LeaseLostError):
            return True
        if self._renewed_at != renewed_at:
            connections.close_all()
        return False

    def _rest(self, error: Exception) -> None:
        """Record the failure and wait, longer each time, never in step with others (mail.md 14)."""
        if self.stopped.is_set():
            return
        self.failures += 1
        _quietly(lambda: lease.note_failure(self.account_id, error))
        self._leave()
        self._wait(self.pause())

    def _wait(self, seconds: float) -> None:
        """Wait without a connection to the database: a process has only so many."""
        connections.close_all()
        self.stopped.wait(seconds)

    def pause(self) -> float:
        """Return how long to wait after so many failures: 5 s to 15 min, jittered (mail.md 14)."""
        pause = self.timing.first_pause * 2.0 ** min(self.failures - 1, 10)
        return min(self.timing.longest_pause, pause * _random.uniform(1.0, 1.5))

    def _leave(self) -> None:
        mailbox, self._mailbox = self._mailbox, None
        if mailbox is not None:
            mailbox.close()
        _quietly(lambda: lease.release(self.account_id, self.owner))


def _quietly(write: Callable[[], None]) -> None:
    """Write what is good to know; if the database is away, the lease ends by itself."""
    try:
        write()
    except Exception:
        logger.exception("the fetcher's state could not be written")


class FetcherThreads:
    """All fetchers of this process: started, renewed when an account changes, stopped at once."""

    def __init__(self, timing: Timing | None = None) -> None:
        """Prepare; nothing runs until ``start``."""
        self.timing = timing or Timing()
        self.owner = f"{socket.gethostname()[:30]}:{os.getpid()}:{secrets.token_hex(4)}"
        self._stopped = threading.Event()
        self._running: dict[int, tuple[object, Fetcher, threading.Thread]] = {}
        self._supervisor: threading.Thread | None = None

    def start(self) -> None:
        """Begin to look after every active mailbox; returns at once.

        The one-process run knows that it is alone on its data, so that leases
        of a process that was killed end here and not a minute later.
        """
        if settings.EMBEDDED:
            lease.release_all()
            outcome.release_leases()
        self._supervisor = threading.Thread(
            target=self._supervise, name="mail-fetchers", daemon=True
        )
        self._supervisor.start()

    def stop(self, timeout: float = 1.0) -> bool:
        """End all threads; True if they did within ``timeout`` seconds.

        One that is just filing a mail may go on a moment; a kill of it loses nothing.
        """
        end = time.monotonic() + timeout
        self._stopped.set()
        threads = [self._supervisor] if self._supervisor else []
        for _settings, fetcher, thread in list(self._running.values()):
            fetcher.stop()
            threads.append(thread)
        for thread in threads:
            thread.join(max(0.0, end - time.monotonic()))
        return not any(thread.is_alive() for thread in threads)

    def _supervise(self) -> None:
        while not self._stopped.is_set():
            try:
                close_old_connections()
                self._adjust(_wanted())
            except Exception:
                logger.exception("the list of mailboxes could not be read")
            finally:
                connections.close_all()
            self._stopped.wait(self.timing.lookout)

    def _adjust(self, wanted: dict[int, object]) -> None:
        for account_id, (known, fetcher, thread) in list(self._running.items()):
            if wanted.get(account_id) != known or not thread.is_alive():
                fetcher.stop()
                del self._running[account_id]
        for account_id, known in wanted.items():
            if account_id not in self._running and not self._stopped.is_set():
                self._start(account_id, known)

    def _start(self, account_id: int, known: object) -> None:
        owner = f"{self.owner}:{secrets.token_hex(2)}"
        fetcher = Fetcher(account_id, owner, self.timing)
        thread = threading.Thread(target=fetcher.run, name=f"mail-{account_id}", daemon=True)
        self._running[account_id] = (known, fetcher, thread)
        thread.start()


# What is noted of a mailbox while it is looked after. All else of its row is a setting.
NOTED = frozenset(
    {
        "lease_until",
        "lease_owner",
        "last_success_at",
        "last_mail_at",
        "last_error",
        "failure",
        "failing_since",
        "alarmed_at",
        "backlog",
        "sent_seq",
    }
)


def _wanted() -> dict[int, object]:
    """Return the active mailboxes, each with all its settings.

    A fetcher holds its mailbox as it was when it connected: whatever was set since needs a
    new connection.
    """
    fields = Account._meta.concrete_fields  # noqa: SLF001 - Django's public API despite its name
    columns = (field.attname for field in fields)
    rows = Account.objects.filter(kind=Account.Kind.IMAP, is_active=True).values_list(
        "pk",
        *(name for name in columns if name not in NOTED),
        "grant__client_id",
        "grant__token_url",
        "grant__client_secret",
    )
    return {row[0]: row for row in rows}
