"""Attack case 48: which routes do without the token of a form, and what guards each of them."""

from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

# Its page is the same for everybody and holds no token: the browser says whence it is sent
# (helpdesk.portal.caching.is_from_here).
BY_ORIGIN = {"portal:feedback"}
# Each request brings its own token in a header, which no other site can set.
BY_HEADER = "api:"


def routes(patterns: list[Any], space: str = "") -> Iterator[tuple[str, Any]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from routes(pattern.url_patterns, inner)
        elif isinstance(pattern, URLPattern):
            yield f"{space}{pattern.name}", pattern.callback


def test_every_route_but_these_demands_the_token_of_its_form() -> None:
    exempt = {
        name
        for name, view in routes(get_resolver().url_patterns)
        if getattr(view, "csrf_exempt", False)
    }

    assert {name for name in exempt if not name.startswith(BY_HEADER)} == BY_ORIGIN
