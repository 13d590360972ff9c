"""A browser with its keys (RFC 8291), and a push service over TLS that says what a test wants."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from helpdesk.lib.webpush import Browser, decode, encode
from tests.servers.base import LOOPBACK
from tests.servers.certificate import Certificate

SECRET = b"sixteen bytes ok"


@dataclass(frozen=True, slots=True)
class FakeBrowser:
    """A browser: what it tells us of itself, and the key with which it reads."""

    known: Browser
    private: ec.EllipticCurvePrivateKey

    def read(self, body: bytes) -> dict[str, Any]:
        """Return what a message of ours says."""
        found: dict[str, Any] = json.loads(self.unsealed(body))
        return found

    def unsealed(self, body: bytes) -> bytes:
        """Return a message as RFC 8291 3.4 opens it."""
        salt, length = body[:16], body[20]
        sender, sealed = body[21 : 21 + length], body[21 + length :]
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender)
        shared = self.private.exchange(ec.ECDH(), theirs)
        info = b"WebPush: info\0" + decode(self.known.p256dh) + sender
        secret = _derived(shared, decode(self.known.auth), info, 32)
        key = _derived(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
        nonce = _derived(secret, salt, b"Content-Encoding: nonce\0", 12)
        plain = AESGCM(key).decrypt(nonce, sealed, None)
        assert plain.endswith(b"\x02")
        return plain[:-1]


def new_browser(endpoint: str) -> FakeBrowser:
    """Return a browser that is pushed to at ``endpoint``."""
    private = ec.generate_private_key(ec.SECP256R1())
    point = private.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    return FakeBrowser(Browser(endpoint, encode(point), encode(SECRET)), private)


def _derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length=length, salt=salt, info=info).derive(secret)


@dataclass(slots=True)
class FakePush:
    """The running service: what it was asked to pass on, and what it says."""

    port: int = 0
    status: int = 201
    asked: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}/push"


class _Handler(BaseHTTPRequestHandler):
    server: "_Server"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.fake.asked.append((self.path, dict(self.headers.items()), body))
        self.send_response(self.server.fake.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, fake: FakePush) -> None:
        self.fake = fake
        super().__init__((LOOPBACK, 0), _Handler)


@contextmanager
def serve_push(certificate: Certificate) -> Iterator[FakePush]:
    """Run a push service whose certificate is this one."""
    fake = FakePush()
    server = _Server(fake)
    context = certificate.server_context()
    server.socket = context.wrap_socket(server.socket, server_side=True)
    fake.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
