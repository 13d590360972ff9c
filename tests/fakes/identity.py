"""An OpenID Connect provider over TLS that signs what a test wants, right or wrong."""

import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.servers.base import LOOPBACK
from tests.servers.certificate import Certificate

Claims = dict[str, Any]


class FakeProvider:
    """The running provider: what it was asked, and what it says next."""

    def __init__(self) -> None:
        self.port = 0
        self.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
        self.person: Claims = {"sub": "4711", "email": "clara@example.org", "email_verified": True}
        # What differs from a proper token, its header, and what the userinfo page says.
        self.changes: Claims = {}
        self.header: dict[str, Any] = {"alg": "RS256", "kid": "one"}
        self.signs_with: RSAKey | None = None
        self.rewrite: Callable[[str], str] = str
        self.userinfo: Claims = {}
        self.metadata: Claims = {}
        self.asked: list[dict[str, str]] = []
        self.nonce = ""

    @property
    def issuer(self) -> str:
        return f"https://localhost:{self.port}/realms/buerger"

    def page(self, path: str) -> Claims:
        """Return what stands at an address."""
        if path.endswith("/openid-configuration"):
            names = {
                "authorization_endpoint": "auth",
                "token_endpoint": "token",
                "jwks_uri": "keys",
                "userinfo_endpoint": "userinfo",
            }
            found = {name: f"{self.issuer}/{page}" for name, page in names.items()}
            return {"issuer": self.issuer} | found | self.metadata
        if path.endswith("/keys"):
            return {"keys": [self.key.as_dict(private=False)]}
        return self.userinfo

    def token(self, form: dict[str, str]) -> Claims:
        """Return the tokens of somebody who has signed in."""
        self.asked.append(form)
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": form["client_id"],
            "iat": now,
            "exp": now + 60,
            "nonce": self.nonce,
            **self.person,
            **self.changes,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        signed = jwt.encode(self.header, claims, self.signs_with or self.key)
        return {"access_token": "access", "token_type": "Bearer", "id_token": self.rewrite(signed)}


class _Handler(BaseHTTPRequestHandler):
    server: "_Server"

    def do_GET(self) -> None:
        self._send(self.server.fake.page(urlsplit(self.path).path))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self._send(self.server.fake.token(dict(parse_qsl(body))))

    def _send(self, said: Claims) -> None:
        content = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, fake: FakeProvider, context: ssl.SSLContext) -> None:
        self.fake = fake
        super().__init__((LOOPBACK, 0), _Handler)
        self.socket = context.wrap_socket(self.socket, server_side=True)


@contextmanager
def fake_provider(certificate: Certificate) -> Iterator[FakeProvider]:
    """Serve on a free port of this machine."""
    fake = FakeProvider()
    with _Server(fake, certificate.server_context()) as server:
        fake.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield fake
        finally:
            server.shutdown()
            thread.join(10)
