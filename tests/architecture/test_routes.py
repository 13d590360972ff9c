"""Every address leads to one view: of two routes with one pattern the second is never reached."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from django.urls import URLResolver, get_resolver


def _routes(patterns: list[Any], before: str = "") -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        address = f"{before}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns, address)
        else:
            yield address, pattern.lookup_str


def test_no_two_routes_share_an_address() -> None:
    found: dict[str, list[str]] = defaultdict(list)
    for address, view in _routes(get_resolver().url_patterns):
        found[address].append(view)

    assert len(found) > 100
    assert {address: views for address, views in found.items() if len(views) > 1} == {}
