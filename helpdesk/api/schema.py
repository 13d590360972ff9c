"""How an endpoint describes itself: one call above each method, errors and headers included."""

from collections.abc import Callable, Iterable
from typing import Any, Final

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    inline_serializer,
)
from rest_framework import serializers
from rest_framework.serializers import BaseSerializer

from helpdesk.api.authentication import scope_of
from helpdesk.api.params import Param
from helpdesk.api.problems import CODES, CONTENT_TYPE
from helpdesk.api.serializers.shapes import ProblemShape

JSON: Final = "application/json"
Body = type[BaseSerializer[Any]]

# What any endpoint may answer.
ALWAYS = (400, 401, 403, 404, 405, 429, 500, 503)
# What an endpoint with a body may answer as well.
WITH_BODY = (409, 411, 413, 415, 422)
WITH_MATCH = (412, 428)
ANSWERS_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description="The ticket's ETag; an answer needs it, so that it answers what stands there now.",
)
MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    required=True,
    description='The ETag of what you have read, such as `"7"`. Another version answers 412.',
)
KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": 255},
    OpenApiParameter.HEADER,
    description="The same key again replays the first answer instead of doing it twice; kept 24 h.",
)


def operation(  # noqa: PLR0913 - every part of a description has a name
    name: str,
    summary: str,
    *,
    response: Body | Any,  # noqa: ANN401 - a serializer with or without many
    body: Body | None = None,
    status: int = 200,
    params: Iterable[Param] = (),
    needs_match: bool = False,
    match_for_answers: bool = False,
    returns_etag: bool = False,
    may_vanish: bool = False,
    paged: bool = False,
    media_type: str = JSON,
    tag: str = "",
) -> Callable[[Any], Any]:
    """Describe a method: its success, and every problem it can answer with."""
    extra = [param.described() for param in params]
    extra += [KEY] if body is not None else []
    extra += [MATCH] if needs_match else []
    extra += [ANSWERS_MATCH] if match_for_answers else []
    extra += _headers(status, returns_etag=returns_etag, is_write=body is not None)
    guarded = needs_match or match_for_answers
    vanished = {204: OpenApiResponse(description="Done; it went to a team that you can't read.")}
    return extend_schema(
        operation_id=name,
        summary=summary,
        request={media_type: body} if body else None,
        responses=_success(status, _page_of(name, response) if paged else response)
        | (vanished if may_vanish else {})
        | _refusals(is_write=body is not None, needs_match=guarded),
        parameters=extra,
        tags=[tag or _tag(name)],
    )


def _tag(name: str) -> str:
    """Return the resource that an operation is about: create_ticket is about tickets."""
    noun = name.partition("_")[2]
    return noun if noun.endswith("s") or noun == "me" else f"{noun}s"


def _page_of(name: str, rows: Any) -> Any:  # noqa: ANN401 - a serializer of many
    return inline_serializer(
        name="".join(part.title() for part in name.partition("_")[2].split("_")) + "Page",
        fields={
            "results": rows,
            "next": serializers.CharField(
                allow_null=True, help_text="The next page's address; null on the last."
            ),
        },
    )


def _success(status: int, response: Any) -> dict[Any, Any]:  # noqa: ANN401 - as above
    if response is bytes:
        binary = {"type": "string", "format": "binary"}
        return {(status, "application/octet-stream"): OpenApiResponse(binary, "The bytes.")}
    return {(status, JSON): response}


def _refusals(*, is_write: bool, needs_match: bool) -> dict[Any, Any]:
    wanted = [*ALWAYS, *(WITH_BODY if is_write else ()), *(WITH_MATCH if needs_match else ())]
    return {
        (status, CONTENT_TYPE): OpenApiResponse(ProblemShape, describe(status))
        for status in sorted(wanted)
    }


def describe(status: int) -> str:
    """Return which codes a status stands for."""
    return " · ".join(f"`{code}`: {title}" for code, (own, title) in CODES.items() if own == status)


def _headers(status: int, *, returns_etag: bool, is_write: bool) -> list[OpenApiParameter]:
    def header(name: str, text: str, statuses: list[int]) -> OpenApiParameter:
        return OpenApiParameter(
            name, str, OpenApiParameter.HEADER, response=statuses, description=text
        )

    found = [header("Retry-After", "Seconds to wait.", [429, 503])]
    found.append(header("WWW-Authenticate", "How to authenticate.", [401]))
    if returns_etag:
        found.append(header("ETag", "The version; send it back as If-Match.", [status]))
    if is_write:
        found.append(header("Idempotency-Replayed", "true when replayed.", [status]))
    return found


class ScopedSchema(AutoSchema):
    """Names the scope that an operation needs."""

    def get_extensions(self) -> dict[str, Any]:
        """Return it as an extension of the description."""
        scope = scope_of(self.view, self.method)
        return {"x-required-scope": scope} if scope else {}


# With `fields` a program gets fewer members than these have.
PARTIAL = ("ExpandedTicketShape", "ArticleShape")


def tighten(result: dict[str, Any], **_rest: object) -> dict[str, Any]:
    """Say which ids the routes take, and that bodies hold nothing else; a hook of the generator."""
    for name, component in result["components"]["schemas"].items():
        if name.endswith("Body"):
            component["additionalProperties"] = False
        if name in PARTIAL:
            component.pop("required", None)
    for path in result.get("paths", {}).values():
        for method in path.values():
            for parameter in method.get("parameters", ()):
                if parameter["in"] == "path":
                    parameter["schema"] = {"type": "integer", "minimum": 0, "maximum": 10**18 - 1}
    return result
