"""Addresses of maps: taken only where a place fits in, and never without encryption."""

from decimal import Decimal

import pytest

from helpdesk.lib.maps import is_map_address, map_link


@pytest.mark.parametrize(
    "pattern",
    [
        "https://geo.example/?lat={lat}",
        "http://geo.example/?lat={lat}&lon={lon}",
        "javascript:alert('{lat}{lon}')",
        "https:///{lat}/{lon}",
        "https://[geo/{lat}/{lon}",
    ],
)
def test_what_is_no_address_of_a_map_is_refused(pattern: str) -> None:
    assert not is_map_address(pattern)


def test_a_place_is_put_into_the_address() -> None:
    pattern = "https://geo.example/karte#{lon},{lat}"

    assert is_map_address(pattern)
    assert map_link(pattern, Decimal("50.1"), Decimal("8.68")) == (
        "https://geo.example/karte#8.68,50.1"
    )
    assert map_link(pattern, None, Decimal("8.68")) == ""
    assert map_link("", Decimal("50.1"), Decimal("8.68")) == ""
