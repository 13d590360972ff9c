"""No address hides another: of two routes with one pattern, the second would never be reached."""

from collections import Counter
from collections.abc import Iterator, Sequence

from django.urls import URLPattern, URLResolver, get_resolver


def addresses(routes: Sequence[URLPattern | URLResolver], before: str = "") -> Iterator[str]:
    for route in routes:
        address = before + str(route.pattern)
        if isinstance(route, URLPattern):
            yield address
        else:
            yield from addresses(route.url_patterns, address)


def test_no_two_routes_have_the_same_address() -> None:
    counted = Counter(addresses(get_resolver().url_patterns))

    assert len(counted) > 100
    assert [address for address, times in counted.items() if times > 1] == []
