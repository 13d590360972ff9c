"""How long a connection may take to say what it wants, and how much of it.

uvicorn waits for a head without an end, and for each of a thousand connections that
send a letter a minute. A reverse proxy in front of it bounds both; not everybody has one.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# From the connection, or the first byte of a further request, to the end of its head.
HEAD_SECONDS = 20.0
HEAD_BYTES = 64 * 1024
MOST_HEADERS = 200
_TOO_SLOW = (
    b"HTTP/1.1 408 Request Timeout\r\ncontent-type: text/plain; charset=utf-8\r\n"
    b"content-length: 25\r\nconnection: close\r\n\r\nThe request took too long"
)


class HeadTooLargeError(Exception):
    """There are too many headers, or they are too long."""


class PatientProtocol(HttpToolsProtocol):
    """HTTP as uvicorn speaks it, with a head that has an end in time and length."""

    _clock: asyncio.TimerHandle | None = None
    _in_head = True
    _head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Begin to wait for the first head."""
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._stop_clock()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count what comes while the head has no end; uvicorn does the rest."""
        super().data_received(data)
        if not self._in_head or self.transport.is_closing():
            return
        self._head_bytes += len(data)
        if self._head_bytes > HEAD_BYTES:
            self.send_400_response("The head of the request is too large.")

    def on_message_begin(self) -> None:
        """Wait for the end of this head."""
        super().on_message_begin()
        self._await_head()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; what this raises uvicorn answers with 400."""
        super().on_header(name, value)
        self._head_bytes += len(name) + len(value)
        if len(self.headers) > MOST_HEADERS or self._head_bytes > HEAD_BYTES:
            raise HeadTooLargeError

    def on_headers_complete(self) -> Any:  # noqa: ANN401 - as uvicorn has it
        """Stop the clock: the body has one of its own (project.bounds)."""
        self._stop_clock()
        self._in_head = False
        return super().on_headers_complete()

    def _await_head(self) -> None:
        self._stop_clock()
        self._in_head, self._head_bytes = True, 0
        self._clock = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def _stop_clock(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None

    def _give_up(self) -> None:
        if not self.transport.is_closing():
            self.transport.write(_TOO_SLOW)
            self.transport.close()
