"""Who asks: a token in the Authorization header, and nothing else. Cookies mean nothing here."""

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, Throttled
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from helpdesk.agents.domain.tokens import note_use
from helpdesk.agents.models import ApiToken, User
from helpdesk.agents.queries import find_token
from helpdesk.api.problems import Problem
from helpdesk.api.throttling import count_failure

SCHEME = "bearer"
CHALLENGE = 'Bearer realm="Anliegen"'
LONGEST = 200


class TokenAuthentication(BaseAuthentication):
    """Authorization: Bearer anl_…; read from the database for each request."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """Return user and token; None without a header, a failure for a wrong one."""
        header = request.headers.get("Authorization", "")
        if not header:
            return None
        scheme, _, secret = header[:LONGEST].partition(" ")
        token = find_token(secret.strip()) if scheme.lower() == SCHEME else None
        if token is None:
            if wait := count_failure(request.META):
                raise Throttled(wait=wait)
            raise AuthenticationFailed
        note_use(token)
        token.user.via_token = token.pk
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        """Return the challenge of a 401."""
        del request
        return CHALLENGE


class ScopeRequired(BasePermission):
    """The token must hold the scope that the endpoint names for the method."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Let the method through if the token's scopes allow it."""
        if not isinstance(request.auth, ApiToken):
            return False
        wanted = scope_of(view, request.method or "")
        if wanted and wanted not in request.auth.scopes:
            raise Problem(
                "missing_scope",
                f"This needs the permission {wanted}.",
                more={"required_scope": wanted},
            )
        return True


def scope_of(view: APIView, method: str) -> str:
    """Return the scope that a method of an endpoint needs, "" for none."""
    scopes: dict[str, str] = getattr(view, "scopes", {})
    return scopes.get("GET" if method == "HEAD" else method, "")


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call] # registers itself
    """How the description speaks of tokens."""

    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        """Return the scheme."""
        del auto_schema
        return {
            "type": "http",
            "scheme": SCHEME,
            "bearerFormat": "anl_<prefix>_<secret>",
            "description": "A token from one's profile, or of a service from the settings.",
        }
