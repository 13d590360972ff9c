"""Asks a virus scanner by the protocol of clamd: INSTREAM over a unix socket or TCP.

Protocol: clamd(8), "COMMANDS". The scanner is foreign and may be slow, silent or talk
nonsense; nothing it does takes longer than :data:`SECONDS` or more than a short line.
"""

import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

SECONDS = 5.0
_PIECE = 64 * 1024
_LONGEST_REPLY = 1024
_START = b"zINSTREAM\0"
_FOUND, _CLEAN, _ERROR = " FOUND", "stream: OK", " ERROR"
# What clamd says of a stream beyond its StreamMaxLength (clamd.conf(5)).
_TOO_LARGE = "INSTREAM size limit exceeded"
_PREFIX = "stream: "
_LONGEST_NAME = 120


class ScannerError(Exception):
    """The scanner gave no verdict; the message says why in a few words."""


class RefusedError(ScannerError):
    """The scanner is there and answers, but has no verdict about this one file."""


class TooLargeError(RefusedError):
    """The file is larger than the scanner looks at: asking again changes nothing."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where the scanner listens: a path, or host and port."""

    path: str = ""
    host: str = ""
    port: int = 0

    def __str__(self) -> str:
        """Return it as it is written in the setting."""
        return self.path or f"{self.host}:{self.port}"


def find_virus(address: Address, file: BinaryIO, *, seconds: float = SECONDS) -> str:
    """Return what the scanner found in ``file``, "" for nothing.

    Raises ScannerError; RefusedError or TooLargeError where it has answered all the same.
    """
    ends_at = time.monotonic() + seconds
    try:
        with _connected(address, seconds) as wire:
            reply = _exchange(wire, file, ends_at)
    except TimeoutError as error:
        raise ScannerError("no answer in time") from error
    except OSError as error:
        raise ScannerError(error.strerror or type(error).__name__) from error
    return _read(reply)


@contextmanager
def _connected(address: Address, seconds: float) -> Iterator[socket.socket]:
    if not address.path:
        with socket.create_connection((address.host, address.port), timeout=seconds) as wire:
            yield wire
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as wire:
        wire.settimeout(seconds)
        wire.connect(address.path)
        yield wire


def _exchange(wire: socket.socket, file: BinaryIO, ends_at: float) -> bytes:
    """Send the file and return the reply; the scanner may stop reading to refuse what is large."""
    try:
        wire.sendall(_START)
        while piece := file.read(_PIECE):
            wire.settimeout(_left(ends_at))
            wire.sendall(struct.pack("!I", len(piece)) + piece)
        wire.sendall(struct.pack("!I", 0))
    except (BrokenPipeError, ConnectionResetError):
        # It has said why before it hung up; if not, the reply is empty.
        pass
    return _receive(wire, ends_at)


def _receive(wire: socket.socket, ends_at: float) -> bytes:
    reply = b""
    while b"\0" not in reply and len(reply) <= _LONGEST_REPLY:
        wire.settimeout(_left(ends_at))
        try:
            piece = wire.recv(_LONGEST_REPLY)
        except ConnectionResetError:
            # It hung up with some of our bytes unread; what it said until then counts.
            break
        if not piece:
            break
        reply += piece
    return reply.partition(b"\0")[0][:_LONGEST_REPLY]


def _left(ends_at: float) -> float:
    left = ends_at - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _read(reply: bytes) -> str:
    text = reply.decode("ascii", "replace").strip()
    if text == _CLEAN:
        return ""
    if text.startswith(_PREFIX) and text.endswith(_FOUND):
        name = text.removeprefix(_PREFIX).removesuffix(_FOUND)
        return "".join(sign if sign.isprintable() else "?" for sign in name)[:_LONGEST_NAME] or "?"
    if text.endswith(_ERROR):
        words = text.removeprefix(_PREFIX).removesuffix(_ERROR).strip()[:_LONGEST_NAME]
        raise TooLargeError(words) if words.startswith(_TOO_LARGE) else RefusedError(words)
    raise ScannerError("an answer that is none" if text else "hung up")
