"""What all endpoints share: tokens, scopes, strict JSON, problems, English, nothing cached."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import translation
from rest_framework.authentication import BaseAuthentication
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.permissions import BasePermission
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from helpdesk.agents.models import ApiToken, User
from helpdesk.api.authentication import ScopeRequired, TokenAuthentication
from helpdesk.api.problems import Problem
from helpdesk.api.throttling import TokenRate

LANGUAGE = "en"


class OnlyJSON(BaseContentNegotiation):
    """Answers are JSON whatever a client says it would like; one form, no 406."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser | None:
        """Return the parser of the body's media type, without its parameters."""
        media_type = (request.content_type or "").partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == media_type), None)

    def select_renderer(
        self,
        request: Request,
        renderers: Iterable[BaseRenderer],
        format_suffix: str | None = None,
    ) -> tuple[BaseRenderer, str]:
        """Return the first renderer."""
        del request, format_suffix
        first = next(iter(renderers))
        return first, first.media_type or ""


class Endpoint(APIView):
    """A handler of the interface; ``scopes`` names what each method needs."""

    scopes: ClassVar[dict[str, str]] = {}
    authentication_classes: Sequence[type[BaseAuthentication]] = (TokenAuthentication,)
    permission_classes: Sequence[type[BasePermission]] = (ScopeRequired,)
    throttle_classes = (TokenRate,)
    parser_classes: Sequence[type[BaseParser]] = ()
    renderer_classes = (JSONRenderer,)
    content_negotiation_class = OnlyJSON
    metadata_class = None
    http_method_names = ["get", "head", "post", "patch", "delete"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Speak English, as the description does."""
        with translation.override(LANGUAGE):
            return super().dispatch(request, *args, **kwargs)

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        """Keep answers out of every cache."""
        final = super().finalize_response(request, response, *args, **kwargs)
        final.headers.setdefault("Cache-Control", "no-store")
        final.headers["Content-Language"] = LANGUAGE
        return final


def user_of(request: Request) -> User:
    """Return the agent or service whose rights count."""
    user = request.user
    assert isinstance(user, User)  # noqa: S101 - demanded by every endpoint
    return user


def token_of(request: Request) -> ApiToken:
    """Return the token of the request."""
    token = request.auth
    assert isinstance(token, ApiToken)  # noqa: S101 - demanded by every endpoint
    return token


class NotThere(Endpoint):
    """Whatever has no address here."""

    authentication_classes = ()
    permission_classes = ()
    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Say that it is not there, whatever the method."""
        del request, args, kwargs
        raise Problem("not_found")
