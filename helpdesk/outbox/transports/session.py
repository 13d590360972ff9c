"""One SMTP session, stage by stage; never in plain text over a network, no stage without end."""

import base64
import contextlib
import hashlib
import hmac
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from helpdesk.outbox.bearer import choose_way, without_token
from helpdesk.outbox.models import Security
from helpdesk.outbox.transports.base import Gate, Stage
from helpdesk.outbox.transports.server import (
    Server,
    SmtpError,
    demand_safe,
    describe,
    is_loopback,
)
from helpdesk.outbox.transports.wire import Reply, Wire

# Smallest speed at which content must flow.
BYTES_A_SECOND = 20_000
LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)


def _ignore(_stage: Stage) -> None:
    """Take no notice."""


class Session:
    """One connection to a server, ready to take mail once :meth:`open` has returned."""

    def __init__(self, server: Server) -> None:
        """Prepare; nothing is opened yet."""
        self._server = server
        self._wire = Wire()
        self._extensions: dict[str, str] = {}
        self.peer = f"{server.host}:{server.port}"

    def open(self, report: Callable[[Stage], None] = _ignore) -> None:
        """Connect, protect and log in; ``report`` hears of each stage that went well."""
        limits, security = self._server.timeouts, self._server.security
        demand_safe(self._server)
        addresses = self._resolve()
        report(Stage.DNS)
        with self._stage(Stage.CONNECT, limits.connect):
            self._wire.attach(_connect(addresses, limits.connect))
        report(Stage.CONNECT)
        if security == Security.TLS:
            self._protect()
            report(Stage.TLS)
        with self._stage(Stage.BANNER, limits.command):
            self._expect(Stage.BANNER, self._wire.reply())
        self._greet()
        report(Stage.BANNER)
        if security == Security.STARTTLS:
            self._upgrade()
            report(Stage.TLS)
        if self._server.username:
            self._login()
            report(Stage.LOGIN)

    @property
    def takes_utf8(self) -> bool:
        """Tell whether the server offers SMTPUTF8 (RFC 6531)."""
        return "SMTPUTF8" in self._extensions

    def begin(self, envelope_from: str, *, size: int, utf8: bool) -> None:
        """Send MAIL; raise SmtpError when the server takes nothing from this address."""
        parts = [f"MAIL FROM:<{envelope_from}>"]
        if "SIZE" in self._extensions:
            parts.append(f"SIZE={size}")
        if utf8:
            parts.append("SMTPUTF8")
        with self._stage(Stage.MAIL, self._server.timeouts.command):
            self._expect(Stage.MAIL, self._wire.command(" ".join(parts)))

    def name(self, address: str) -> str:
        """Send RCPT and return the reply; raise SmtpError when this recipient is refused."""
        with self._stage(Stage.RECIPIENT, self._server.timeouts.command):
            return self._expect(Stage.RECIPIENT, self._wire.command(f"RCPT TO:<{address}>"))

    def send(self, content: bytes, gate: Gate) -> str:
        """Send the content and return the server's last reply.

        SmtpError before stage REPLY means that the server can't have taken it;
        in REPLY with code 0 nobody knows.
        """
        limits = self._server.timeouts
        with self._stage(Stage.DATA, limits.command):
            self._expect(Stage.DATA, self._wire.command("DATA"), kind=3)
        gate()
        with self._stage(Stage.CONTENT, limits.content + len(content) / BYTES_A_SECOND):
            self._wire.send(dot_stuffed(content))
            if (unasked := self._wire.settle()) is not None:
                raise self._refusal(Stage.CONTENT, unasked)
        with self._stage(Stage.CONTENT, limits.command):
            self._send_dot()
        with self._stage(Stage.REPLY, limits.final):
            return self._expect(Stage.REPLY, self._wire.reply())

    def close(self) -> None:
        """Say QUIT and hang up, whatever the answer."""
        with contextlib.suppress(OSError):
            self._wire.start(self._server.timeouts.goodbye)
            self._wire.command("QUIT")
        self._wire.close()

    @contextmanager
    def _stage(self, stage: Stage, seconds: float) -> Iterator[None]:
        """Give everything inside ``seconds`` and turn each way to fail into SmtpError."""
        self._wire.start(seconds)
        try:
            yield
        except TimeoutError as error:
            raise SmtpError(stage, 0, f"no reply within {seconds:g} s") from error
        except OSError as error:
            raise SmtpError(stage, 0, describe(error)[:300]) from error

    def _resolve(self) -> list[tuple[str, int]]:
        with self._stage(Stage.DNS, self._server.timeouts.connect):
            found = socket.getaddrinfo(
                self._server.host, self._server.port, type=socket.SOCK_STREAM
            )
        addresses = [(str(each[4][0]), int(each[4][1])) for each in found]
        if self._server.security == Security.NONE:
            # The name passed; what it points to must be this machine as well.
            addresses = [each for each in addresses if is_loopback(each[0])]
        return addresses

    def _greet(self) -> None:
        """Say EHLO; what was offered before TLS is forgotten (RFC 3207 4.2)."""
        with self._stage(Stage.EHLO, self._server.timeouts.command):
            reply = self._wire.command(f"EHLO {self._server.helo}")
            self._expect(Stage.EHLO, reply)
        offers = (line.replace("=", " ", 1).partition(" ") for line in reply.lines[1:])
        self._extensions = {name.upper(): rest for name, _, rest in offers}

    def _protect(self) -> None:
        with self._stage(Stage.TLS, self._server.timeouts.command):
            self._wire.protect(self._server.host, ssl.create_default_context())

    def _upgrade(self) -> None:
        if "STARTTLS" not in self._extensions:
            raise SmtpError(Stage.TLS, 0, "the server does not offer STARTTLS")
        with self._stage(Stage.TLS, self._server.timeouts.command):
            self._expect(Stage.TLS, self._wire.command("STARTTLS"))
        self._protect()
        self._greet()

    def _login(self) -> None:
        offered = self._extensions.get("AUTH", "").upper().split()
        if self._server.token:
            self._sign_in_by_token(offered)
            return
        ways = {"PLAIN": self._plain, "LOGIN": self._two_steps, "CRAM-MD5": self._challenge}
        chosen = next((way for name, way in ways.items() if name in offered), None)
        if chosen is None:
            raise SmtpError(Stage.LOGIN, 0, "the server offers no way of logging in that we know")
        with self._stage(Stage.LOGIN, self._server.timeouts.command):
            self._expect(Stage.LOGIN, chosen())

    def _sign_in_by_token(self, offered: list[str]) -> None:
        """Log in by OAuth; a token that is refused is forgotten, so that the next is a new one."""
        way = choose_way(offered)
        if way is None:
            raise SmtpError(Stage.LOGIN, 0, "the server offers no way of logging in by OAuth")
        with self._stage(Stage.LOGIN, self._server.timeouts.command):
            words = way.words(self._server.username, self._server.token)
            reply = self._wire.command(f"AUTH {way.name} {_base64(words)}")
            if reply.code // 100 == 3:
                # The reason, as JSON; the refusal itself follows our empty answer.
                reply = self._wire.command(_base64(way.after_refusal))
        if reply.code // 100 == 5:
            self._server.forget()
        self._expect(Stage.LOGIN, reply)

    def _plain(self) -> Reply:
        return self._wire.command(f"AUTH PLAIN {_base64(self._plain_secret)}")

    def _two_steps(self) -> Reply:
        self._expect(Stage.LOGIN, self._wire.command("AUTH LOGIN"), kind=3)
        self._expect(Stage.LOGIN, self._wire.command(_base64(self._server.username)), kind=3)
        return self._wire.command(_base64(self._server.password))

    def _challenge(self) -> Reply:
        text = self._expect(Stage.LOGIN, self._wire.command("AUTH CRAM-MD5"), kind=3)
        try:
            challenge = base64.b64decode(text)
        except ValueError as error:
            raise SmtpError(Stage.LOGIN, 0, "the server's challenge can't be read") from error
        key = self._server.password.encode()
        digest = hmac.new(key, challenge, hashlib.md5).hexdigest()
        return self._wire.command(_base64(f"{self._server.username} {digest}"))

    @property
    def _plain_secret(self) -> str:
        return f"\0{self._server.username}\0{self._server.password}"

    def _send_dot(self) -> None:
        try:
            self._wire.send(b".\r\n")
        except TimeoutError as error:
            raise SmtpError(Stage.REPLY, 0, "no reply to the end of the message") from error

    def _expect(self, stage: Stage, reply: Reply, *, kind: int = 2) -> str:
        if reply.code // 100 != kind:
            raise self._refusal(stage, reply)
        return (
            f"{reply.code} {self._without_secrets(reply.text)}"[:300] if kind == 2 else reply.text
        )

    def _refusal(self, stage: Stage, reply: Reply) -> SmtpError:
        return SmtpError(
            stage, reply.code, f"{reply.code} {self._without_secrets(reply.text)}"[:300]
        )

    def _without_secrets(self, text: str) -> str:
        """Cut out what a talkative server repeats of the login."""
        secret, token = self._server.password, self._server.token
        if secret:
            for each in (secret, _base64(secret), _base64(self._plain_secret)):
                text = text.replace(each, "***")
        return without_token(text, self._server.username, token) if token else text


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _connect(addresses: list[tuple[str, int]], seconds: float) -> socket.socket:
    """Return a connection to the first address that takes one; all share the time."""
    deadline = time.monotonic() + seconds
    problem: OSError = ConnectionError("the name points to no usable address")
    for address in addresses:
        try:
            left = max(deadline - time.monotonic(), 0.1)
            return socket.create_connection(address, timeout=left)
        except OSError as error:
            problem = error
    raise problem


def dot_stuffed(content: bytes) -> bytes:
    """Return ``content`` with CRLF at its end and a second dot before each leading one."""
    stuffed = LEADING_DOT.sub(b"..", content)
    return stuffed if stuffed.endswith(b"\r\n") else stuffed + b"\r\n"
