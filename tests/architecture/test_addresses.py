"""No two routes share an address: the second would never be reached."""

import re
from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver


def addresses(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, str]]:
    for each in resolver.url_patterns:
        address = before + re.sub(r"<[^>]*>", "<>", str(each.pattern))
        if isinstance(each, URLPattern):
            yield address, str(each.name)
        else:
            yield from addresses(each, address)


def test_no_two_routes_of_ours_have_the_same_address() -> None:
    seen: dict[str, str] = {}
    twice = []
    for address, name in addresses(get_resolver("helpdesk.project.urls")):
        if address in seen and "<>" not in address.rpartition("/")[0].rpartition("/")[2]:
            twice.append((address, seen[address], name))
        seen.setdefault(address, name)

    assert twice == []
