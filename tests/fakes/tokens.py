"""A token service (RFC 6749) over TLS that misbehaves on demand, and counts who knocks."""

import json
import time
from collections.abc import Callable
from contextlib import AbstractContextManager

from tests.fakes.scripts import Script, Step
from tests.fakes.secured import Answering, SecuredServer, serving
from tests.servers.certificate import Certificate

Mint = Callable[[], str]


class FakeTokens:
    """The running service as a test sees it: what was asked, and what is answered."""

    def __init__(self) -> None:
        self.port = 0
        self.asked: list[dict[str, str]] = []
        self.connections = 0
        self.steps = Script()
        self.mint: Mint = lambda: f"token-{len(self.asked)}"
        # With a new refresh token at each answer the old one is void, as at Microsoft.
        self.rotates = False
        self.refresh_token = "refresh-0"
        self.lifetime: object = 3600
        self.dripping: bytes | None = None

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}/token"

    def script(self, status: int, body: str = "", *, location: str = "", times: int = 1) -> None:
        """Answer with ``status`` and ``body`` instead of a token."""
        self.steps.add(Step("POST", f"{status}\n{location}\n{body}", times=times))

    def hang(self, *, seconds: float) -> None:
        """Stay silent for ``seconds`` before the proper answer."""
        self.steps.add(Step("POST", delay=seconds))

    def drip(self, begin: bytes) -> None:
        """Answer with ``begin`` and then a letter at a time, for as long as anybody listens."""
        self.dripping = begin

    def answer(self, form: dict[str, str]) -> tuple[int, dict[str, object]]:
        """Return what a proper service says to a form."""
        self.asked.append(form)
        if form["grant_type"] == "refresh_token" and form["refresh_token"] != self.refresh_token:
            return 400, {"error": "invalid_grant", "error_description": f"No: {form}"}
        said: dict[str, object] = {
            "access_token": self.mint(),
            "token_type": "Bearer",
            "expires_in": self.lifetime,
        }
        if self.rotates or form["grant_type"] == "authorization_code":
            self.refresh_token = f"refresh-{len(self.asked)}"
            said["refresh_token"] = self.refresh_token
        return 200, said


class _Handler(Answering):
    server: "_Server"

    def do_POST(self) -> None:  # noqa: N802 - as http.server calls it
        fake, form = self.server.fake, self.form()
        if fake.dripping is not None:
            self._drip(fake.dripping)
        step = fake.steps.take("POST")
        if step is not None:
            time.sleep(step.delay)
        if step is not None and step.reply:
            status, location, text = step.reply.split("\n", 2)
            self.answer(text.encode(), status=int(status), location=location)
            return
        code, said = fake.answer(form)
        self.answer(json.dumps(said).encode(), status=code)

    def _drip(self, begin: bytes) -> None:
        self.wfile.write(begin)
        while True:
            self.wfile.write(b"x")
            self.wfile.flush()
            time.sleep(0.1)


class _Server(SecuredServer):
    def __init__(self, fake: FakeTokens, certificate: Certificate) -> None:
        self.fake = fake
        super().__init__(_Handler, certificate.server_context())

    def verify_request(self, request: object, client_address: object) -> bool:
        """Count everybody who connects, before anything is said."""
        del request, client_address
        self.fake.connections += 1
        return True


def fake_tokens(certificate: Certificate) -> AbstractContextManager[FakeTokens]:
    """Serve on a free port of this machine."""
    fake = FakeTokens()
    return serving(fake, _Server(fake, certificate))
