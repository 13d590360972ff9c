"""From which network a request comes, as far as limits need to know."""

from collections.abc import Mapping
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network
# A provider gives a household one of these; single addresses are too easily changed.
PREFIX = {4: 24, 6: 48}


def client_address(meta: Mapping[str, object], *, behind_proxy: bool) -> str:
    """Return the address of the client, "" if it can't be told.

    Only the entry that our own proxy added to X-Forwarded-For is believed.
    """
    if behind_proxy:
        forwarded = str(meta.get("HTTP_X_FORWARDED_FOR", ""))
        return _valid(forwarded.rpartition(",")[2].strip())
    return _valid(str(meta.get("REMOTE_ADDR", "")))


def network_of(address: str) -> str:
    """Return the /24 or /48 an address belongs to, "unknown" where there is none."""
    if not address:
        return "unknown"
    parsed = _parsed(address)
    return str(ip_network((parsed, PREFIX[parsed.version]), strict=False))


def belongs_to(address: str, networks: tuple[Network, ...]) -> bool:
    """Tell whether an address lies in one of the networks."""
    if not address or not networks:
        return False
    parsed = _parsed(address)
    return any(parsed.version == network.version and parsed in network for network in networks)


def _parsed(address: str) -> IPv4Address | IPv6Address:
    parsed = ip_address(address)
    mapped = getattr(parsed, "ipv4_mapped", None)
    return mapped or parsed


def _valid(address: str) -> str:
    try:
        ip_address(address)
    except ValueError:
        return ""
    return address
