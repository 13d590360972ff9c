"""The description of the interface, for programs and for people."""

from functools import lru_cache
from typing import Any

import yaml
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator

from helpdesk.agents.queries import first_authority
from helpdesk.api.problems import CODES
from helpdesk.events.publish import canonical

METHODS = ("get", "post", "patch", "delete")


@lru_cache(maxsize=1)
def description() -> dict[str, Any]:
    """Return the description; made once, since routes don't change while a process lives."""
    generator = SchemaGenerator(urlconf="helpdesk.api.urls")  # type: ignore[no-untyped-call]  # spectacular is half typed
    found: dict[str, Any] = generator.get_schema(request=None, public=True)  # type: ignore[no-untyped-call]  # the same
    return found


@require_safe
def openapi_json(_request: HttpRequest) -> HttpResponse:
    """Serve the description as JSON."""
    return _fresh(HttpResponse(canonical(description()), content_type="application/json"))


@require_safe
def openapi_yaml(_request: HttpRequest) -> HttpResponse:
    """Serve the description as YAML."""
    text = yaml.safe_dump(description(), sort_keys=False, allow_unicode=True)
    return _fresh(HttpResponse(text, content_type="application/yaml"))


def _fresh(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-cache"
    return response


@require_safe
def browse(request: HttpRequest) -> HttpResponse:
    """Show every operation on one page, without a script."""
    found = description()
    context = {
        "authority": first_authority(),
        "info": found["info"],
        "groups": _groups(found),
        "codes": [(code, status, title) for code, (status, title) in CODES.items()],
    }
    return _fresh(render(request, "api/browse.html", context))


def _groups(found: dict[str, Any]) -> list[dict[str, Any]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, methods in found["paths"].items():
        for method, one in methods.items():
            if method in METHODS:
                groups.setdefault(one["tags"][0], []).append(_operation(path, method, one, found))
    return [{"name": name, "operations": listed} for name, listed in sorted(groups.items())]


def _operation(
    path: str, method: str, one: dict[str, Any], found: dict[str, Any]
) -> dict[str, Any]:
    return {
        "id": one["operationId"],
        "method": method.upper(),
        "path": path,
        "summary": one.get("summary", ""),
        "description": one.get("description", ""),
        "scope": one.get("x-required-scope", ""),
        "parameters": one.get("parameters", []),
        "body": _members(_schema_of(one.get("requestBody", {}).get("content", {}), found)),
        "answers": [
            {
                "status": status,
                "description": answer.get("description", ""),
                "members": _members(_schema_of(answer.get("content", {}), found)),
                "is_success": status.startswith("2"),
            }
            for status, answer in sorted(one["responses"].items())
        ],
    }


def _schema_of(content: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """Return the object that a content describes; of a page that of its rows."""
    schema: dict[str, Any] = next((one["schema"] for one in content.values()), {})
    while "$ref" in schema:
        schema = found["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    rows = schema.get("properties", {}).get("results", {}).get("items")
    return _schema_of({"": {"schema": rows}}, found) if rows else schema


def _members(schema: dict[str, Any]) -> list[dict[str, Any]]:
    needed = schema.get("required", [])
    return [
        {
            "name": name,
            "type": _type(member),
            "is_needed": name in needed,
            "description": member.get("description", ""),
        }
        for name, member in schema.get("properties", {}).items()
    ]


def _type(member: dict[str, Any]) -> str:
    kind = member.get("type", "")
    names = kind if isinstance(kind, list) else [kind]
    reference = member.get("$ref", "") or next(
        (one.get("$ref", "") for one in (*member.get("allOf", ()), *member.get("oneOf", ()))), ""
    )
    if reference:
        names = [reference.rpartition("/")[2]]
    return " | ".join(name for name in names if name)
