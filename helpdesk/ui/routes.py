"""Addresses that every page shows, looked up among all routes once."""

from functools import lru_cache

from django.urls import get_script_prefix, get_urlconf, reverse

# Of lists and tools, and of the lists of teams and saved views.
KEPT = 512


def route(name: str, *args: str | int) -> str:
    """Return what ``reverse`` does; for names that come again, not for the number of a request."""
    return _route(get_urlconf(), get_script_prefix(), name, args)


@lru_cache(maxsize=KEPT)
def _route(urlconf: str | None, _prefix: str, name: str, args: tuple[str | int, ...]) -> str:
    return reverse(name, urlconf, args=args)
