"""Where mail is handed over, what may be wrong with that place, and how long it may take."""

import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import ip_address

from helpdesk.outbox.models import Security
from helpdesk.outbox.transports.base import Stage


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds for each stage, from its first byte to its last (RFC 5321 4.5.3.2).

    ``final`` is long, since giving up there leaves nobody knowing.
    """

    connect: float = 20
    command: float = 60
    content: float = 180
    final: float = 600
    goodbye: float = 2


def _nothing() -> None:
    """Forget nothing: there is no token."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where and how mail is handed over; neither password nor token shows in a repr.

    With a ``token`` it is signed in by OAuth; ``forget`` is called when it is refused.
    """

    host: str
    port: int
    security: str
    username: str = ""
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    forget: Callable[[], None] = field(default=_nothing, repr=False)
    helo: str = "localhost"
    timeouts: Timeouts = field(default_factory=Timeouts)


class SmtpError(Exception):
    """A stage failed; ``code`` is 0 when no reply came, ``text`` may be shown to people."""

    def __init__(self, stage: Stage, code: int, text: str) -> None:
        """Keep what a human needs to see: the stage and the server's own words."""
        super().__init__(text)
        self.stage = stage
        self.code = code
        self.text = text


def demand_safe(server: Server) -> None:
    """Raise SmtpError when ``server`` would carry mail in plain text over a network."""
    if not server.host or not server.host.isprintable() or " " in server.host:
        raise SmtpError(Stage.SETTINGS, 0, "no mail server is entered")
    if server.security == Security.NONE and not is_loopback(server.host):
        raise SmtpError(Stage.SETTINGS, 0, "without TLS only a server on this machine is allowed")


def is_loopback(host: str) -> bool:
    """Tell whether ``host`` is this very machine, by its name or number alone."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def describe(error: OSError) -> str:
    """Return what went wrong in a few words that name no address."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate is not valid: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"no TLS connection: {error.reason or error}"
    if isinstance(error, socket.gaierror):
        return "the name of the server is unknown"
    if isinstance(error, ConnectionRefusedError):
        return "nobody answers at this port"
    if isinstance(error, ConnectionError) and error.errno is not None:
        return "the server closed the connection"
    return error.strerror or str(error) or type(error).__name__
