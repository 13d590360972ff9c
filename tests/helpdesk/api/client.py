"""A program with a token, as the tests of the interface see one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from django.test import Client

from helpdesk.agents.domain.tokens import TokenDetails, make_personal_token
from helpdesk.agents.models import User
from helpdesk.agents.scopes import SCOPES
from helpdesk.events.publish import canonical

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse

ROOT = "/api/v1"
Response: TypeAlias = "_MonkeyPatchedWSGIResponse"


def token_for(user: User, *scopes: str, name: str = "Skript") -> str:
    """Return the secret of a new personal token; without scopes it holds all."""
    details = TokenDetails(name=name, scopes=scopes or tuple(SCOPES), days=30)
    return make_personal_token(user=user, details=details)[1]


@dataclass
class Program:
    """Asks the interface; ``secret`` is its token."""

    secret: str
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        raw: bytes | None = None,
        content_type: str = "application/json",
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Return the response; keyword names become headers (If_Match is If-Match)."""
        given = {"Authorization": f"Bearer {self.secret}"} if self.secret else {}
        given |= headers or {}
        content = raw if raw is not None else (b"" if body is None else canonical(body))
        response: Response = self.client.generic(
            method,
            f"{ROOT}{path}",
            content,
            content_type=content_type,
            headers=given,
        )
        return response

    def get(self, path: str, **headers: str) -> Response:
        """Return the answer to a GET; keyword names become headers (If_Match is If-Match)."""
        return self.ask("GET", path, headers=_named(headers))

    def post(self, path: str, body: object, **headers: str) -> Response:
        """Return the answer to a POST of JSON."""
        return self.ask("POST", path, body, headers=_named(headers))

    def patch(self, path: str, body: object, **headers: str) -> Response:
        """Return the answer to a PATCH of JSON."""
        return self.ask("PATCH", path, body, headers=_named(headers))

    def upload(self, name: str, content: bytes, content_type: str = "text/plain") -> Response:
        """Send one file."""
        boundary = "grenze"
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
            f"Content-Type: {content_type}\r\n\r\n"
        )
        raw = head.encode() + content + f"\r\n--{boundary}--\r\n".encode()
        return self.ask(
            "POST", "/uploads", raw=raw, content_type=f"multipart/form-data; boundary={boundary}"
        )


def _named(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def program_of(user: User, *scopes: str) -> Program:
    """Return a program that acts as ``user``."""
    return Program(token_for(user, *scopes))
