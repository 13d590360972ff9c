"""Talks IMAP: the one file that knows imapclient, behind a typed face."""

import contextlib
import imaplib
import logging
import re
import select
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import Any

import imapclient
from imapclient.exceptions import ProtocolError

from channels_in.mail.mailbox import (
    Folder,
    LostConnectionError,
    Mailbox,
    MailboxError,
    MovedPartlyError,
    RefusedError,
    Server,
    Size,
)
from helpdesk.lib.leaving import leave_database
from helpdesk.outbox.bearer import choose_way, without_token
from helpdesk.outbox.models import Security

# The library's log of the protocol holds what citizens write, and what servers repeat of a login.
# A filter, since `disabled` is lifted whenever logging is configured anew.
logging.getLogger("imapclient.imaplib").addFilter(lambda _: False)
# RFC 3516: it answers to BINARY alone, which is never asked for.
_LITERAL8 = re.compile(rb"~\{\d+\+?\}")
_BYTES_SHOWN = re.compile(r"b(?P<quote>['\"])(?P<text>.*)(?P=quote)", re.DOTALL)
CONNECT_SECONDS = 15.0
READ_SECONDS = 60.0
# A SEARCH answer is one line, and servers with a million mails exist.
SEARCH_WINDOW = 50_000
FIRST_IDLE_SECONDS = 1.0
SLICE_SECONDS = 0.5
SEEN = b"\\Seen"
DELETED = b"\\Deleted"


def open_mailbox(server: Server) -> Mailbox:
    """Connect and log in; raises MailboxError with the step that failed.

    Certificates are verified and STARTTLS is never optional (mail.md 15).
    """
    leave_database()
    return ImapMailbox(_login(_connect(server), server))


def tls_context() -> ssl.SSLContext:
    """Return a verifying context; SSL_CERT_FILE names a certificate authority of the town's own."""
    return ssl.create_default_context()


def resolve(server: Server) -> str:
    """Return one address of the host; raises MailboxError at step dns."""
    try:
        found = socket.getaddrinfo(server.host, server.port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise MailboxError("dns", str(error)) from error
    return str(found[0][4][0])


def _connect(server: Server) -> Any:  # noqa: ANN401 - imapclient ships no types
    resolve(server)
    with_tls = server.security == Security.TLS
    # A server without STARTTLS, or one that is no IMAP server, answers in its own way.
    step = "tls" if server.security == Security.STARTTLS else "tcp"
    client = None
    try:
        client = imapclient.IMAPClient(
            server.host,
            port=server.port,
            ssl=with_tls,
            ssl_context=tls_context() if with_tls else None,
            timeout=imapclient.SocketTimeout(connect=CONNECT_SECONDS, read=READ_SECONDS),
        )
        if server.security == Security.STARTTLS:
            client.starttls(tls_context())
    except (OSError, imaplib.IMAP4.error) as error:
        if client is not None:
            _shut(client)
        if isinstance(error, ssl.SSLError):
            step = "tls"
        elif isinstance(error, OSError):
            step = "tcp"
        raise MailboxError(step, _words(error)) from error
    client.normalise_times = False
    # The library writes every answer, and with it every mail, out twice for that log.
    client._imap.debug = 0  # noqa: SLF001 - imapclient sets it to 5 and offers no way to leave it
    return client


def _login(client: Any, server: Server) -> Any:  # noqa: ANN401 - imapclient ships no types
    try:
        if server.token:
            _sign_in_by_token(client, server)
        else:
            client.login(server.username, server.password)
    except (imaplib.IMAP4.error, OSError) as error:
        _shut(client)
        # Anything but a failure of the line is the server's answer, in its words without ours.
        cause = error if isinstance(error, OSError) else None
        raise MailboxError("login", _without_secrets(_words(error), server)) from cause
    return client


def _sign_in_by_token(client: Any, server: Server) -> None:  # noqa: ANN401 - imapclient ships no types
    """Sign in by OAuth; a token that is refused is forgotten, so that the next is a new one."""
    offered = [each.decode().upper() for each in client.capabilities() if each[:5] == b"AUTH="]
    way = choose_way([each.removeprefix("AUTH=") for each in offered])
    if way is None:
        raise imaplib.IMAP4.error("the server offers no way of logging in by OAuth")
    answers = iter((way.words(server.username, server.token), way.after_refusal))
    try:
        client.sasl_login(way.name, lambda _challenge: next(answers, "").encode())
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error:
        server.forget()
        raise


def _without_secrets(text: str, server: Server) -> str:
    """Cut out what a talkative server repeats of the login."""
    if server.token:
        return without_token(text, server.username, server.token)
    return text.replace(server.password, "***") if server.password else text


def _shut(client: Any) -> None:  # noqa: ANN401 - imapclient ships no types
    with contextlib.suppress(OSError, imaplib.IMAP4.error):
        client.shutdown()


def _words(error: Exception) -> str:
    """Return an error in one short line; servers answer in bytes now and then.

    The library sometimes hands on the text of such bytes, with their ``b'…'`` around it.
    """
    first = error.args[0] if error.args else ""
    text = first.decode("utf-8", "replace") if isinstance(first, bytes) else str(error)
    if bytes_shown := _BYTES_SHOWN.fullmatch(text):
        text = bytes_shown["text"]
    return " ".join(text.split())[:250] or type(error).__name__


class ImapMailbox:
    """The Mailbox of a real server (RFC 3501, with IDLE, MOVE and UIDPLUS where offered).

    Who waits for it holds no connection to the database meanwhile.
    """

    def __init__(self, client: Any) -> None:  # noqa: ANN401 - imapclient ships no types
        """Take over a connection that is logged in."""
        self._client = client
        self._folder = Folder(0, 0, 0)

    def select(self, folder: str) -> Folder:
        """Open a folder; raises MailboxError at step folder if it is not there."""
        try:
            said, is_writable = self._call(self._open, folder)
        except RefusedError as error:
            raise MailboxError("folder", error.message) from error
        self._folder = Folder(
            uidvalidity=int(said.get(b"UIDVALIDITY", 0)),
            uidnext=int(said.get(b"UIDNEXT", 0)),
            count=int(said.get(b"EXISTS", 0)),
            is_writable=is_writable,
        )
        return self._folder

    def _open(self, folder: str) -> tuple[dict[bytes, Any], bool]:
        """Open a folder to read at least where it may not be changed, as in a shared mailbox.

        The library takes that for a broken line, but the mails there can be taken in: what
        the server then refuses to mark or move is the complaint of a pass.
        """
        try:
            return self._client.select_folder(folder), True
        except imaplib.IMAP4.readonly:
            return self._client.select_folder(folder, readonly=True), False

    def search_uids(self, *, first: int, since: date | None) -> list[int]:
        """Search in windows, since one answer is one line."""
        end = max(self._folder.uidnext, first)
        found: set[int] = set()
        for start in range(first, end, SEARCH_WINDOW):
            last = start + SEARCH_WINDOW - 1
            found.update(self._search(f"{start}:{last}", since))
        # UIDNEXT may be old by now, or unknown; "*" always names the newest mail.
        found.update(uid for uid in self._search(f"{end}:*", since) if uid >= first)
        return sorted(found)

    def fetch_sizes(self, uids: Sequence[int]) -> list[Size]:
        """Ask for RFC822.SIZE and INTERNALDATE."""
        said = self._fetch(uids, ["RFC822.SIZE", "INTERNALDATE"])
        return sorted(
            (
                Size(uid, int(parts[b"RFC822.SIZE"]), parts.get(b"INTERNALDATE"))
                for uid, parts in said.items()
                if b"RFC822.SIZE" in parts
            ),
            key=lambda size: size.uid,
        )

    def fetch_raw(self, uids: Sequence[int]) -> dict[int, bytes | None]:
        """Fetch BODY.PEEK[]."""
        said = self._fetch(uids, ["BODY.PEEK[]"])
        return {
            uid: _content(parts[b"BODY[]"]) for uid, parts in said.items() if b"BODY[]" in parts
        }

    def fetch_head(self, uid: int, limit: int) -> bytes:
        """Fetch BODY.PEEK[]<0.limit>."""
        parts = self._fetch([uid], [f"BODY.PEEK[]<0.{limit}>"]).get(uid, {})
        bodies = (value for key, value in parts.items() if key.startswith(b"BODY[]"))
        return bytes(next(bodies, None) or b"")

    def mark_seen(self, uids: Sequence[int]) -> None:
        """Add the flag silently."""
        self._call(self._client.add_flags, list(uids), [SEEN], silent=True)

    def move(self, uids: Sequence[int], folder: str) -> None:
        """MOVE (RFC 6851), else COPY, flag and UID EXPUNGE (RFC 4315)."""
        if self._offers("MOVE"):
            self._call(self._client.move, list(uids), folder)
            return
        self._call(self._client.copy, list(uids), folder)
        try:
            self.delete(uids)
        except MailboxError as error:
            raise MovedPartlyError("command", error.message) from error

    def delete(self, uids: Sequence[int]) -> None:
        """Flag as deleted, and expunge these alone where the server can; else they stay flagged."""
        self._call(self._client.add_flags, list(uids), [DELETED], silent=True)
        if self._offers("UIDPLUS"):
            self._call(self._client.uid_expunge, list(uids))

    def has_message(self, folder: str, message_id: str) -> bool:
        """Select the folder and search for the header."""
        self.select(folder)
        return bool(self._call(self._client.search, ["HEADER", "Message-ID", message_id]))

    def append(self, folder: str, raw: bytes, at: datetime | None) -> None:
        """APPEND with the flag of a mail that was read (RFC 3501 6.3.11)."""
        self._call(self._client.append, folder, raw, flags=(SEEN,), msg_time=at)

    def idle(self, seconds: float, is_over: Callable[[], bool]) -> bool:
        """IDLE (RFC 2177) in slices; a server without it is simply left alone for the time."""
        if not self._offers("IDLE"):
            return _sleep(seconds, is_over)
        if self._was_told_of_news():
            return True
        # A mail that came between the last search and IDLE may be told of in the same
        # breath as the go-ahead, and then shows only when IDLE ends: so a short one first.
        short = min(seconds, FIRST_IDLE_SECONDS)
        # A server that looks for news only now and then speaks of what came during the short
        # one in the go-ahead of the next: NOOP asks for it before.
        return (
            self._idle_once(short, is_over)
            or self._asks_for_news()
            or self._idle_once(seconds - short, is_over)
        )

    def _asks_for_news(self) -> bool:
        _text, said = self._call(self._client.noop)
        return any(_is_news(each) for each in said)

    def _was_told_of_news(self) -> bool:
        """Tell whether the server spoke of a new mail since the folder was opened.

        It says so with the answer to any command, and not once more when IDLE begins.
        """
        said = self._client._imap.untagged_responses  # noqa: SLF001 - imapclient keeps it to itself
        # The first is the answer to SELECT.
        return len(said.get("EXISTS", ())) > 1

    def _idle_once(self, seconds: float, is_over: Callable[[], bool]) -> bool:
        if seconds <= 0 or is_over():
            return False
        self._call(self._client.idle)
        news = self._call(_watch, self._client, seconds, is_over)
        _text, said = self._call(self._client.idle_done)
        return bool(news) or any(_is_news(each) for each in said)

    def ping(self) -> None:
        """NOOP."""
        self._call(self._client.noop)

    def abort(self) -> None:
        """Shut the socket down; the thread that waits on it gets an error."""
        with contextlib.suppress(OSError):
            self._client.socket().shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """LOGOUT if the line still stands."""
        leave_database()
        with contextlib.suppress(OSError, imaplib.IMAP4.error, AttributeError):
            self._client.logout()
        _shut(self._client)

    def _offers(self, capability: str) -> bool:
        """Tell what the server can do; the library asks it when it has not said so itself."""
        return bool(self._call(self._client.has_capability, capability))

    def _search(self, uids: str, since: date | None) -> Iterable[int]:
        criteria: list[object] = ["UID", uids]
        if since is not None:
            criteria += ["SINCE", since]
        return (int(uid) for uid in self._call(self._client.search, criteria))

    def _fetch(self, uids: Sequence[int], items: list[str]) -> dict[int, dict[bytes, Any]]:
        if not uids:
            return {}
        said: dict[int, dict[bytes, Any]] = self._call(self._client.fetch, list(uids), items)
        wanted = set(uids)
        # A server may tell of flags of other mails in between.
        return {uid: parts for uid, parts in said.items() if uid in wanted}

    def _call(self, command: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - passes through
        leave_database()
        try:
            return command(*args, **kwargs)
        except (imaplib.IMAP4.abort, OSError) as error:
            raise LostConnectionError("connection", _words(error)) from error
        except (ProtocolError, imaplib.IMAP4.error, ValueError, LookupError) as error:
            raise RefusedError("command", _words(error)) from error


def _content(value: bytes | None) -> bytes | None:
    """Return what a server gave; of a literal8 the library keeps the announcement alone."""
    return None if value is None or _LITERAL8.fullmatch(value) else value


def _watch(client: Any, seconds: float, is_over: Callable[[], bool]) -> bool:  # noqa: ANN401 - imapclient ships no types
    """Wait in slices until something is said; an empty answer before its time is a dead line."""
    end = time.monotonic() + seconds
    while not is_over() and (remaining := end - time.monotonic()) > 0:
        if not _is_readable(client.socket(), min(remaining, SLICE_SECONDS)):
            continue
        said = client.idle_check(timeout=0)
        if not said:
            raise imaplib.IMAP4.abort("the server closed the connection")
        if any(_is_news(each) for each in said):
            return True
    return False


def _sleep(seconds: float, is_over: Callable[[], bool]) -> bool:
    end = time.monotonic() + seconds
    while not is_over() and (remaining := end - time.monotonic()) > 0:
        time.sleep(min(remaining, SLICE_SECONDS))
    return False


def _is_readable(line: socket.socket, seconds: float) -> bool:
    """Wait for bytes; not by select(), which fails beyond 1024 open files."""
    poller = select.poll()
    poller.register(line, select.POLLIN)
    return bool(poller.poll(seconds * 1000))


def _is_news(said: Any) -> bool:  # noqa: ANN401 - imapclient ships no types
    return isinstance(said, tuple) and len(said) > 1 and said[1] in {b"EXISTS", b"RECENT"}
