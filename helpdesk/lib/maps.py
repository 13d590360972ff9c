"""Links to a map that somebody else shows: ours has none, and nothing is asked of one by itself."""

from decimal import Decimal
from urllib.parse import urlsplit

LATITUDE, LONGITUDE = "{lat}", "{lon}"


def is_map_address(pattern: str) -> bool:
    """Tell whether ``pattern`` is an address in which a place can be put."""
    try:
        parts = urlsplit(pattern)
    except ValueError:
        return False
    has_places = LATITUDE in pattern and LONGITUDE in pattern
    return parts.scheme == "https" and bool(parts.hostname) and has_places


def map_link(pattern: str, latitude: Decimal | None, longitude: Decimal | None) -> str:
    """Return the address at which this place is seen, "" without a map or a place."""
    if not pattern or latitude is None or longitude is None:
        return ""
    return pattern.replace(LATITUDE, str(latitude)).replace(LONGITUDE, str(longitude))


def geo_link(latitude: Decimal | None, longitude: Decimal | None) -> str:
    """Return the address by which a device finds the way (RFC 5870), "" without a place.

    Made here: a template would write the numbers with the comma of its language.
    """
    if latitude is None or longitude is None:
        return ""
    return f"geo:{latitude},{longitude}"
