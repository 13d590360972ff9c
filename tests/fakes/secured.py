"""What fakes of HTTP over TLS have in common: handshakes in threads, forms, short answers."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Protocol, TypeVar
from urllib.parse import parse_qsl

from tests.servers.base import LOOPBACK


class Fake(Protocol):
    """What a test sees of a fake; its port is known once it runs."""

    port: int


F = TypeVar("F", bound=Fake)


class Answering(BaseHTTPRequestHandler):
    """Reads forms and answers in one go."""

    def form(self) -> dict[str, str]:
        """Return the form that was posted."""
        return dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))

    def answer(self, content: bytes, *, status: int = 200, location: str = "") -> None:
        """Send a whole answer."""
        self.send_response(status)
        if location:
            self.send_header("Location", location)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


class SecuredServer(ThreadingHTTPServer):
    """A server on a free port of this machine."""

    daemon_threads = True

    def __init__(self, handler: type[Answering], context: ssl.SSLContext) -> None:
        self.context = context
        super().__init__((LOOPBACK, 0), handler)

    def finish_request(self, request: object, client_address: object) -> None:
        """Begin TLS in the connection's own thread, where it can't hold up others."""
        try:
            wrapped = self.context.wrap_socket(request, server_side=True)  # type: ignore[arg-type] # a socket
        except OSError:
            return
        with wrapped:
            super().finish_request(wrapped, client_address)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is what these tests are about."""


@contextmanager
def serving(fake: F, server: SecuredServer) -> Iterator[F]:
    """Serve until the block ends."""
    with server:
        fake.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield fake
        finally:
            server.shutdown()
            thread.join(10)
