"""Pages by cursor: the values of the last row, signed; stable while rows come and go."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import F, Model, Q, QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from helpdesk.api.params import LIMIT
from helpdesk.api.problems import Problem
from helpdesk.lib.keys import derive_key
from helpdesk.lib.tokens import mac, matches

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Order:
    """A sort order: a column, and the id that makes it definite. One column alone is the id."""

    name: str
    column: str
    is_descending: bool = False

    def sort(self, rows: QuerySet[M]) -> QuerySet[M]:
        """Sort the rows."""
        names = (self.column,) if self.column == "id" else (self.column, "id")
        ordered = [F(name).desc() if self.is_descending else F(name).asc() for name in names]
        return rows.order_by(*ordered)

    def values_of(self, row: Model) -> list[Any]:
        """Return what says where a row stands."""
        value = getattr(row, self.column)
        shown = value.isoformat() if isinstance(value, datetime) else value
        return [row.pk] if self.column == "id" else [shown, row.pk]

    def after(self, values: list[Any]) -> Q:
        """Return the condition of the rows behind those values."""
        way = "lt" if self.is_descending else "gt"
        if self.column == "id":
            return Q(**{f"id__{way}": values[0]})
        column, key = datetime.fromisoformat(values[0]), values[1]
        beyond = Q(**{f"{self.column}__{way}": column})
        beside = Q(**{self.column: column, f"id__{way}": key})
        # The first condition says nothing new, and lets both engines walk the index.
        return Q(**{f"{self.column}__{way}e": column}) & (beyond | beside)


BY_ID = Order("id", "id")


@dataclass(frozen=True, slots=True)
class Page:
    """Rows, and the address of those that follow."""

    rows: list[Any]
    next_url: str | None


def paginate(
    request: Request, rows: QuerySet[M], params: Mapping[str, Any], order: Order = BY_ID
) -> Page:
    """Cut one page out of ``rows`` in the order given."""
    limit = params.get("limit", LIMIT)
    scope = scope_of(request, order.name)
    if "cursor" in params:
        rows = rows.filter(order.after(read_cursor(params["cursor"], scope)))
    found = list(order.sort(rows)[: limit + 1])
    if len(found) <= limit:
        return Page(found, None)
    last = found[limit - 1]
    return Page(found[:limit], next_url(request, write_cursor(order.values_of(last), scope)))


def page_response(page: Page, results: list[Any]) -> Response:
    """Shape a page as the answer."""
    headers = {"Link": f'<{page.next_url}>; rel="next"'} if page.next_url else {}
    return Response({"results": results, "next": page.next_url}, headers=headers)


def scope_of(request: Request, order: str) -> str:
    """Return what a cursor is bound to: address, order and filters, not the size of a page."""
    filters = sorted(
        (name, value)
        for name, value in request.query_params.items()
        if name not in {"cursor", "limit", "fields", "expand"}
    )
    return f"{request.path}?{urlencode(filters)}#{order}"


def next_url(request: Request, cursor: str) -> str:
    """Return the address of the next page."""
    query = {**request.query_params.dict(), "cursor": cursor}
    return request.build_absolute_uri(f"{request.path}?{urlencode(query)}")


def write_cursor(values: list[Any], scope: str) -> str:
    """Return values as an opaque, signed text."""
    content = json.dumps(values, separators=(",", ":"))
    encoded = base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")
    return f"{encoded}.{mac(_key(), scope, content)}"


def read_cursor(cursor: str, scope: str) -> list[Any]:
    """Return the values, or refuse what we have not written for this address."""
    encoded, _, proof = cursor.partition(".")
    try:
        content = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode()
    except (binascii.Error, ValueError) as error:
        raise Problem("invalid_cursor") from error
    if not proof.isascii() or not matches(mac(_key(), scope, content), proof):
        raise Problem("invalid_cursor", "Follow the link to the next page as it was given.")
    values: list[Any] = json.loads(content)
    return values


def _key() -> bytes:
    return derive_key(settings.MASTER_KEY, "api-cursor")
