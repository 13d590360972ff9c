"""The built-in SMTP and LMTP listener: it says "250" only when the mail is committed."""

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session, syntax
from django.db import connections
from django.utils import timezone

from channels_in.limits import MAX_MAIL_BYTES
from channels_in.models import Account
from channels_in.recipients import Directory, read_directory
from channels_in.store import keep
from channels_in.trace import count_received
from helpdesk.lib.faults import fault

logger = logging.getLogger(__name__)

WORKERS = 2
START_SECONDS = 10
STOP_SECONDS = 2
MAX_RECIPIENTS = 100
# A mail that has come over more hops goes in circles (RFC 5321 6.3).
MAX_HOPS = 100
TIMEOUT_SECONDS = 300
LONGEST_LINE = 8 * 1024 * 1024

OK = "250 2.0.0 OK, kept"
UNKNOWN = "550 5.1.1 There is no such mailbox here"
TOO_MANY = "452 4.5.3 Too many recipients"
TRY_LATER = "451 4.3.0 Not kept, try again later"
IN_CIRCLES = "554 5.4.6 Too many hops"


class _Protocol(SMTP):
    """SMTP that also answers LHLO (RFC 2033), and takes lines as long as spoilt mails have."""

    line_length_limit = LONGEST_LINE
    is_lmtp = False

    @syntax("LHLO hostname")
    async def smtp_LHLO(self, hostname: str) -> None:  # noqa: N802 - aiosmtpd finds commands by name
        """Greet as LMTP does; from now on DATA gets one reply a recipient."""
        self.is_lmtp = True
        await self.smtp_EHLO(hostname)


class _Handler:
    """Decides on recipients, and keeps the mail for each account it is for."""

    def __init__(self, run: Callable[..., Any]) -> None:
        """Take ``run``, which calls a function in a thread that may use the database."""
        self._run = run

    async def handle_RCPT(  # noqa: N802 - aiosmtpd finds hooks by name
        self, _server: _Protocol, _session: Session, envelope: Envelope, *rest: Any
    ) -> str:
        """Accept addresses of our accounts only; a database that is away is nobody's fault."""
        address, options = rest
        if len(envelope.rcpt_tos) >= MAX_RECIPIENTS:
            return TOO_MANY
        try:
            directory: Directory = await self._run(read_directory)
        except Exception:
            logger.exception("the accounts could not be read")
            return TRY_LATER
        if directory.find(address) is None:
            return UNKNOWN
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd finds hooks by name
        self, server: _Protocol, _session: Session, envelope: Envelope
    ) -> str:
        """Reply once for all, or once a recipient if the other side speaks LMTP."""
        raw = bytes(envelope.original_content or b"")
        if count_received(raw) > MAX_HOPS:
            replies = [IN_CIRCLES] * len(envelope.rcpt_tos)
        else:
            replies = await self._run(
                keep_for_all, raw, (envelope.mail_from or "").strip("<>"), list(envelope.rcpt_tos)
            )
        fault("listener.before_reply")
        if server.is_lmtp:
            return "\r\n".join(replies)
        # One "try again" is enough to ask for the whole again: what is kept is known then.
        return next((reply for reply in replies if reply != OK), OK)


def keep_for_all(raw: bytes, sender: str, recipients: list[str]) -> list[str]:
    """Keep a mail once for each account among its recipients; return a reply for each of them."""
    try:
        directory = read_directory()
    except Exception:
        logger.exception("the accounts could not be read")
        return [TRY_LATER] * len(recipients)
    chosen = {address: directory.find(address) for address in recipients}
    replies: dict[int, str] = {}
    for account in {each.pk: each for each in chosen.values() if each}.values():
        own = [address for address, each in chosen.items() if each and each.pk == account.pk]
        replies[account.pk] = _keep_for(account, raw, sender, own)
    return [UNKNOWN if each is None else replies[each.pk] for each in map(chosen.get, recipients)]


def _keep_for(account: Account, raw: bytes, sender: str, recipients: list[str]) -> str:
    try:
        keep(
            account=account,
            raw=raw,
            received_at=timezone.now(),
            envelope_from=sender,
            envelope_to=recipients,
        )
    except Exception:
        logger.exception("account %s: a mail could not be kept", account.pk)
        return TRY_LATER
    return OK


class Listener:
    """The listener's thread with a loop of its own (RFC 5321 6.1: a "250" is a promise)."""

    def __init__(self, host: str, port: int) -> None:
        """Prepare to listen on a loopback address; ``start`` opens the port."""
        self._address = host, port
        self._executor = ThreadPoolExecutor(WORKERS, thread_name_prefix="smtp-in")
        self._handler = _Handler(self._run)
        self._opened: Future[int] = Future()
        self._loop = asyncio.new_event_loop()
        self._end = asyncio.Event()
        self._thread = threading.Thread(target=self._serve, name="smtp-listener", daemon=True)

    def start(self) -> int:
        """Open the port and return it; raises OSError if it is taken."""
        self._thread.start()
        return self._opened.result(START_SECONDS)

    def stop(self) -> None:
        """Close the port and all connections.

        A mail that is just being kept is either kept without its reply, and
        known when it is sent again, or was never promised.
        """
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._end.set)
            self._thread.join(STOP_SECONDS)
        self._executor.shutdown(wait=True, cancel_futures=True)

    def _serve(self) -> None:
        try:
            self._loop.run_until_complete(self._listen())
        except Exception as error:
            if self._opened.done():
                logger.exception("the mail listener ended")
            else:
                self._opened.set_exception(error)
        finally:
            self._loop.close()

    async def _listen(self) -> None:
        server = await self._loop.create_server(self._protocol, *self._address)
        self._opened.set_result(int(server.sockets[0].getsockname()[1]))
        await self._end.wait()
        server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _protocol(self) -> _Protocol:
        return _Protocol(
            self._handler,
            data_size_limit=MAX_MAIL_BYTES,
            enable_SMTPUTF8=True,
            timeout=TIMEOUT_SECONDS,
            ident="Anliegen",
            hostname="anliegen",
            loop=self._loop,
        )

    async def _run(self, function: Callable[..., Any], *args: Any) -> Any:  # noqa: ANN401 - passes through
        return await self._loop.run_in_executor(self._executor, _with_database, function, args)


def _with_database(function: Callable[..., Any], args: tuple[Any, ...]) -> Any:  # noqa: ANN401 - passes through
    try:
        return function(*args)
    finally:
        connections.close_all()
