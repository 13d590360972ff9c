"""An OpenID Connect provider over TLS that signs what a test wants, right or wrong."""

import json
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from urllib.parse import urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.fakes.secured import Answering, SecuredServer, serving
from tests.servers.certificate import Certificate

Claims = dict[str, Any]
Rewrite = Callable[[str], str]


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
        self.rewrite: Rewrite = str
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


class _Handler(Answering):
    server: "_Server"

    def do_GET(self) -> None:  # noqa: N802 - as http.server calls it
        self._say(self.server.fake.page(urlsplit(self.path).path))

    def do_POST(self) -> None:  # noqa: N802 - as http.server calls it
        self._say(self.server.fake.token(self.form()))

    def _say(self, said: Claims) -> None:
        self.answer(json.dumps(said).encode())


class _Server(SecuredServer):
    def __init__(self, fake: FakeProvider, certificate: Certificate) -> None:
        self.fake = fake
        super().__init__(_Handler, certificate.server_context())


def fake_provider(certificate: Certificate) -> AbstractContextManager[FakeProvider]:
    """Serve on a free port of this machine."""
    fake = FakeProvider()
    return serving(fake, _Server(fake, certificate))
