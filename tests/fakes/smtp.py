"""A mail server in a thread that keeps every byte and fails where a test asks it to.

Stages for :meth:`SmtpSink.script`: BANNER, EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA (before
the 354), DOT (after the last dot; the mail is kept only if ``keep``).
"""

import asyncio
import base64
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.fakes.scripts import Held, Script, Step
from tests.servers.base import LOOPBACK, wait_until
from tests.servers.certificate import Certificate

Tls = Literal["none", "starttls", "implicit"]
NOT_ALLOWED = "530 5.7.0 Authentication required"


@dataclass(frozen=True)
class ReceivedMail:
    """One accepted mail: envelope, bytes as they came (dots unstuffed), login, TLS or not."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    login: str | None
    encrypted: bool


class SmtpSink:
    """The running server as a test sees it."""

    def __init__(self, *, login: tuple[str, str] | None, certificate: Certificate | None) -> None:
        self.host = LOOPBACK
        self.port = 0
        self.login = login
        self.certificate = certificate
        self.mails: list[ReceivedMail] = []
        self.steps = Script()
        # What AUTH OAUTHBEARER and XOAUTH2 accept; the bearer ways that were used.
        self.tokens: set[str] = set()
        self.bearers: list[str] = []
        self._kept: set[int] = set()

    def script(
        self,
        stage: str,
        reply: str = "",
        *,
        times: int = 1,
        close: bool = False,
        match: str = "",
    ) -> None:
        """Answer ``stage`` with ``reply`` and hang up if ``close``; both empty means silence.

        ``match`` limits a step to commands whose argument contains it (one recipient).
        """
        self.steps.add(Step(stage, reply, times=times, close=close, match=match))

    def drop_after_dot(self, *, keep: bool, times: int = 1, every: int = 1) -> None:
        """Take the whole mail, then hang up without a word: did it arrive or not?"""
        step = Step("DOT", times=times, close=True, every=every)
        if keep:
            self._kept.add(id(step))
        self.steps.add(step)

    def hang(self, stage: str, *, seconds: float, times: int = 1) -> None:
        """Stay silent for ``seconds`` at ``stage``, then go on as if nothing had been."""
        self.steps.add(Step(stage, times=times, delay=seconds))

    def hold(self, stage: str, *, times: int = 1) -> Held:
        """Stay silent at ``stage`` until what is returned is let go; then go on."""
        held = Held()
        self.steps.add(Step(stage, times=times, held=held))
        return held

    def clear(self) -> None:
        """Forget mails and script, so that one sink serves many tests."""
        self.mails.clear()
        self.steps.clear()
        self.tokens.clear()
        self.bearers.clear()

    def wait_for(self, count: int, *, seconds: float = 10.0) -> list[ReceivedMail]:
        """Return the mails as soon as there are ``count``; fails when the time is over."""
        wait_until(lambda: len(self.mails) >= count, seconds=seconds)
        assert len(self.mails) == count, f"{len(self.mails)} mails arrived, not {count}"
        return list(self.mails)

    def version(self) -> str:
        """Read the greeting off the wire."""
        with socket.create_connection((self.host, self.port), timeout=5) as wire:
            return "SMTP " + wire.recv(500).decode().strip().partition(" ")[2]

    def keeps(self, step: Step) -> bool:
        """Whether a mail dropped by ``step`` counts as received."""
        return id(step) in self._kept


class _Handler:
    """Hooks of aiosmtpd that keep accepted mails."""

    def __init__(self, sink: SmtpSink) -> None:
        self.sink = sink

    def keep(self, server: "_Server", envelope: Envelope) -> None:
        content = envelope.original_content
        assert isinstance(content, bytes)
        self.sink.mails.append(
            ReceivedMail(
                sender=envelope.mail_from or "",
                recipients=tuple(str(address) for address in envelope.rcpt_tos),
                content=content,
                login=server.login,
                encrypted=server.encrypted,
            )
        )

    async def handle_DATA(  # noqa: N802 - aiosmtpd finds its hooks by these names
        self, server: "_Server", _session: Session, envelope: Envelope
    ) -> str:
        step = self.sink.steps.take("DOT")
        if step is not None:
            if self.sink.keeps(step):
                self.keep(server, envelope)
            if await server.perform(step, answer=False):
                return step.reply
        self.keep(server, envelope)
        return "250 2.0.0 OK: kept"


class _Server(SMTP):
    """aiosmtpd's protocol, asking the script before each command."""

    def __init__(self, sink: SmtpSink, **options: Any) -> None:
        super().__init__(_Handler(sink), authenticator=self._check_login, **options)
        self.sink = sink
        self.login: str | None = None

    @property
    def encrypted(self) -> bool:
        """Whether bytes travel under TLS, by STARTTLS or from the first one."""
        transport = self.transport
        return transport is not None and transport.get_extra_info("sslcontext") is not None

    def _check_login(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: object
    ) -> AuthResult:
        if self.sink.login is None or not isinstance(data, LoginPassword):
            return AuthResult(success=False, handled=False)
        given = (data.login.decode(), data.password.decode())
        self.login = given[0] if given == self.sink.login else None
        return AuthResult(success=self.login is not None, handled=False)

    async def auth_XOAUTH2(self, server: "_Server", args: list[str]) -> AuthResult:  # noqa: N802 - aiosmtpd's name
        return await self._bearer("XOAUTH2", server, args)

    async def auth_OAUTHBEARER(self, server: "_Server", args: list[str]) -> AuthResult:  # noqa: N802 - aiosmtpd's name
        return await self._bearer("OAUTHBEARER", server, args)

    async def _bearer(self, name: str, _server: "_Server", args: list[str]) -> AuthResult:
        self.sink.bearers.append(name)
        words = base64.b64decode(args[1]).decode()
        token = words.partition("auth=Bearer ")[2].rstrip("\x01")
        if token in self.sink.tokens:
            self.login = words.partition("=")[2].partition("\x01")[0].rstrip(",")
            return AuthResult(success=True)
        await self.challenge_auth(f'{{"status":"401","sent":"{token}"}}')
        await self.push(f"535 5.7.8 {token} is not accepted")
        return AuthResult(success=False, handled=True)

    async def perform(self, step: Step, *, answer: bool = True) -> bool:
        """Do what ``step`` says; False when the proper answer shall follow after all."""
        await asyncio.sleep(step.delay)
        if step.held:
            step.held.reached.set()
            while not step.held.is_over.is_set():  # noqa: ASYNC110 - a test lets go from its own thread
                await asyncio.sleep(0.01)
        if step.drip:
            await self._drip(step)
        elif answer and step.reply:
            await self.push(step.reply)
        if step.close:
            transport = self.transport
            assert isinstance(transport, asyncio.Transport)
            transport.close()
            # The connection's end cancels this task.
            await asyncio.sleep(60)
        return bool(step.reply)

    async def _drip(self, step: Step) -> None:
        """Send the reply byte by byte, until the other side has had enough."""
        transport = self.transport
        assert isinstance(transport, asyncio.Transport)
        for byte in f"{step.reply}\r\n".encode():
            if transport.is_closing():
                return
            transport.write(bytes((byte,)))
            await asyncio.sleep(step.drip)

    async def _scripted(self, stage: str, argument: str | None) -> bool:
        step = self.sink.steps.take(stage, argument or "")
        return step is not None and await self.perform(step)

    async def _handle_client(self) -> None:
        if not await self._scripted("BANNER", None):
            await super()._handle_client()

    async def smtp_EHLO(self, hostname: str) -> None:  # noqa: N802 - aiosmtpd's name
        if not await self._scripted("EHLO", hostname):
            await super().smtp_EHLO(hostname)

    async def smtp_HELO(self, hostname: str) -> None:  # noqa: N802 - aiosmtpd's name
        if not await self._scripted("EHLO", hostname):
            await super().smtp_HELO(hostname)

    async def smtp_STARTTLS(self, arg: str) -> None:  # noqa: N802 - aiosmtpd's name
        if not await self._scripted("STARTTLS", arg):
            await super().smtp_STARTTLS(arg)

    async def smtp_AUTH(self, arg: str) -> None:  # noqa: N802 - aiosmtpd's name
        if not await self._scripted("AUTH", arg):
            await super().smtp_AUTH(arg)

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802 - aiosmtpd's name
        if await self._scripted("MAIL", arg):
            return
        if self.sink.login is not None and not (self.session and self.session.authenticated):
            await self.push(NOT_ALLOWED)
            return
        await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str | None) -> None:  # noqa: N802 - aiosmtpd's name
        if not await self._scripted("RCPT", arg):
            await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - aiosmtpd's name
        if not await self._scripted("DATA", arg):
            await super().smtp_DATA(arg)


def _contexts(
    tls: Tls, certificate: Certificate | None
) -> tuple[ssl.SSLContext | None, ssl.SSLContext | None]:
    """Contexts for STARTTLS and for a connection that is encrypted from its first byte."""
    if tls == "none" or certificate is None:
        return None, None
    context = certificate.server_context()
    return (context, None) if tls == "starttls" else (None, context)


async def _shut(server: asyncio.Server, connections: list[_Server]) -> None:
    """End the listening and every connection that a client has left open."""
    server.close()
    for connection in connections:
        if isinstance(connection.transport, asyncio.Transport):
            connection.transport.abort()
    tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    # Aborted transports close their sockets in the loop's next rounds.
    await asyncio.sleep(0.01)


@contextmanager
def smtp_sink(
    *,
    login: tuple[str, str] | None = None,
    tls: Tls = "none",
    certificate: Certificate | None = None,
    smtputf8: bool = True,
) -> Iterator[SmtpSink]:
    """Serve on a free port; ``login`` demands AUTH, ``tls`` needs a ``certificate``."""
    sink = SmtpSink(login=login, certificate=certificate)
    loop = asyncio.new_event_loop()
    upgrade, implicit = _contexts(tls, certificate)

    connections: list[_Server] = []

    def protocol() -> _Server:
        connection = _Server(
            sink,
            loop=loop,
            hostname="sink.test",
            data_size_limit=None,
            enable_SMTPUTF8=smtputf8,
            tls_context=upgrade,
            auth_require_tls=False,
        )
        connections.append(connection)
        return connection

    async def listen() -> asyncio.Server:
        return await loop.create_server(protocol, LOOPBACK, 0, ssl=implicit)

    # The calling thread may have a loop of its own running (playwright's), hence the thread first.
    thread = threading.Thread(target=loop.run_forever, name="smtp-sink", daemon=True)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(listen(), loop).result(10)
    sink.port = server.sockets[0].getsockname()[1]
    try:
        yield sink
    finally:
        asyncio.run_coroutine_threadsafe(_shut(server, connections), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
