from ipaddress import ip_network

import pytest

from helpdesk.lib.network import belongs_to, client_address, network_of


@pytest.mark.parametrize(
    "address, network",
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1::/48"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("", "unknown"),
    ],
)
def test_addresses_of_a_household_count_as_one_network(address: str, network: str) -> None:
    assert network_of(address) == network


def test_a_header_is_believed_only_behind_our_proxy_and_only_its_last_entry() -> None:
    meta = {"REMOTE_ADDR": "192.0.2.1", "HTTP_X_FORWARDED_FOR": "1.1.1.1, 198.51.100.9"}

    assert client_address(meta, behind_proxy=False) == "192.0.2.1"
    assert client_address(meta, behind_proxy=True) == "198.51.100.9"
    assert client_address({"HTTP_X_FORWARDED_FOR": "nonsense"}, behind_proxy=True) == ""


def test_a_kiosk_is_known_by_its_network() -> None:
    kiosks = (ip_network("10.1.2.0/28"), ip_network("2001:db8::/64"))

    assert belongs_to("10.1.2.7", kiosks)
    assert belongs_to("2001:db8::1", kiosks)
    assert not belongs_to("10.1.2.99", kiosks)
    assert not belongs_to("", kiosks)
