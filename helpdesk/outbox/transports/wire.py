"""The lines of SMTP over one socket, each exchange under a deadline of its own.

The deadline holds for a whole exchange and not for each packet, so that a server
that sends one byte a second is given up as well.
"""

import select
import socket
import ssl
import sys
import time
from dataclasses import dataclass

CHUNK = 65536
MAXIMUM_LINE = 8192
MAXIMUM_LINES = 200
# How long a server that drops the connection is given to show it before the final dot.
GRACE = 0.01


class HungUpError(ConnectionError):
    """The server closed the connection, or speaks something that is not SMTP."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A server's reply: its code and its lines without the code."""

    code: int
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """Return all lines as one."""
        return " ".join(" ".join(self.lines).split())


class Wire:
    """A socket that speaks in command and reply; every method may raise OSError."""

    def __init__(self) -> None:
        """Prepare; :meth:`attach` gives it its socket."""
        self._sock: socket.socket | None = None
        self._buffer = b""
        self._deadline = 0.0

    def start(self, seconds: float) -> None:
        """Give what follows ``seconds`` in all."""
        self._deadline = time.monotonic() + seconds

    def attach(self, sock: socket.socket) -> None:
        """Speak over ``sock`` from now on."""
        self._sock, self._buffer = sock, b""

    def protect(self, host: str, context: ssl.SSLContext) -> None:
        """Go over to TLS and verify that the other side is ``host``."""
        if self._buffer:
            # What was injected before TLS must not be taken for part of it.
            raise HungUpError("the server sent more than its reply before TLS began")
        self.attach(context.wrap_socket(self._armed(), server_hostname=host))

    def command(self, line: str) -> Reply:
        """Send one line and return the reply; UTF-8 where the line is not ASCII."""
        if "\r" in line or "\n" in line:
            raise ValueError("A command has one line.")
        self.send(f"{line}\r\n".encode())
        return self.reply()

    def send(self, data: bytes) -> None:
        """Send all of ``data`` before the deadline."""
        for start in range(0, len(data), CHUNK):
            self._armed().sendall(data[start : start + CHUNK])

    def reply(self) -> Reply:
        """Read one reply of one or more lines."""
        lines: list[str] = []
        while len(lines) < MAXIMUM_LINES:
            line = self._line().decode("utf-8", "replace")
            if not line[:3].isdigit() or not line[:3].isascii():
                raise HungUpError("the server does not speak SMTP")
            lines.append(line[4:].strip())
            if line[3:4] != "-":
                return Reply(int(line[:3]), tuple(lines))
        raise HungUpError("the server's reply does not end")

    def settle(self) -> Reply | None:
        """Wait until the peer's machine has all that was sent; return what it says unasked.

        Normally it says nothing. A server that has hung up raises, so that the
        final dot is not sent to nobody and the mail can be tried again safely.
        """
        sock = self._armed()
        # After a reset nothing is confirmed any more; the reset itself can be read.
        while _unacknowledged(sock) and not _is_readable(sock, 0.001):
            self._armed()
        if not self._buffer and not self._has_news(sock):
            return None
        return self.reply()

    def close(self) -> None:
        """Hang up."""
        if self._sock is not None:
            self._sock.close()
        self._sock = None

    def _armed(self) -> socket.socket:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        if self._sock is None:
            raise HungUpError("not connected")
        self._sock.settimeout(left)
        return self._sock

    def _line(self) -> bytes:
        while b"\n" not in self._buffer:
            if len(self._buffer) > MAXIMUM_LINE:
                raise HungUpError("the server does not speak SMTP")
            self._take(self._armed().recv(4096))
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line

    def _take(self, chunk: bytes) -> None:
        if not chunk:
            raise HungUpError("the server closed the connection")
        self._buffer += chunk

    def _has_news(self, sock: socket.socket) -> bool:
        if not _is_readable(sock, GRACE):
            return False
        sock.setblocking(False)
        try:
            self._take(sock.recv(4096))
        except (BlockingIOError, ssl.SSLWantReadError):
            # A TLS record without content, such as a session ticket.
            return False
        return True


def _is_readable(sock: socket.socket, seconds: float) -> bool:
    """Wait for something to be read; by poll, since select takes no number above 1,023."""
    poller = select.poll()
    poller.register(sock, select.POLLIN)
    return bool(poller.poll(seconds * 1000))


def _unacknowledged(sock: socket.socket) -> int:
    """Return how many sent bytes the peer's machine has not confirmed; 0 where unknown."""
    if sys.platform != "linux":
        return 0
    # lazy: both modules exist on Unix only.
    import fcntl  # noqa: PLC0415 - Unix only
    import termios  # noqa: PLC0415 - Unix only

    return int.from_bytes(fcntl.ioctl(sock, termios.TIOCOUTQ, b"\0" * 4), sys.byteorder)
