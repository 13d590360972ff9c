"""A virus scanner in a thread that speaks as clamd does and fails where a test asks it to."""

import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from helpdesk.files.clamd import Address
from tests.servers.base import LOOPBACK

# In pieces, so that no scanner takes this file for what it describes.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}" + b"$EICAR-STANDARD-ANTIVIRUS-" + b"TEST-FILE!$H+H*"


class Clamd:
    """The running scanner as a test sees it."""

    def __init__(self, listener: socket.socket, address: Address) -> None:
        self.address = address
        self.scanned: list[bytes] = []
        # What it does instead of scanning: "hang", "close", or words to say.
        self.mood = ""
        self.refuses_beyond: int | None = None
        # A file with these bytes is answered by an error.
        self.chokes_on = b""
        self._listener = listener

    def serve(self) -> None:
        while True:
            try:
                wire, _peer = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(wire,), daemon=True).start()

    def _answer(self, wire: socket.socket) -> None:
        with wire, suppress(OSError):
            if self.mood == "close":
                return
            if self.mood == "hang":
                time.sleep(30)
                return
            reply = self.mood.encode() or self._scan(wire)
            wire.sendall(reply + b"\0")

    def _scan(self, wire: socket.socket) -> bytes:
        assert self._exactly(wire, 10) == b"zINSTREAM\0"
        content = b""
        while size := struct.unpack("!I", self._exactly(wire, 4))[0]:
            content += self._exactly(wire, size)
            if self.refuses_beyond is not None and len(content) > self.refuses_beyond:
                return b"INSTREAM size limit exceeded. ERROR"
        if self.chokes_on and self.chokes_on in content:
            return b"stream: out of memory ERROR"
        self.scanned.append(content)
        return b"stream: Eicar-Test-Signature FOUND" if EICAR in content else b"stream: OK"

    def _exactly(self, wire: socket.socket, size: int) -> bytes:
        found = b""
        while len(found) < size:
            piece = wire.recv(size - len(found))
            if not piece:
                raise OSError
            found += piece
        return found


@contextmanager
def running(path: Path | None = None) -> Iterator[Clamd]:
    """Run a scanner on a unix socket, or on a free port without a path."""
    family = socket.AF_UNIX if path else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.bind(str(path) if path else (LOOPBACK, 0))
        listener.listen(16)
        address = (
            Address(path=str(path))
            if path
            else Address(host=LOOPBACK, port=listener.getsockname()[1])
        )
        scanner = Clamd(listener, address)
        thread = threading.Thread(target=scanner.serve, daemon=True)
        thread.start()
        try:
            yield scanner
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(timeout=5)
