"""How often a token may ask: counters in the cache, one a minute and token."""

import time
from collections.abc import Mapping

from django.conf import settings
from django.core.cache import cache
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from helpdesk.agents.models import ApiToken

WINDOW = 60
SAFE = frozenset({"GET", "HEAD"})
# Wrong tokens from one address; nobody mistypes that often, and nobody guesses 160 bits.
FAILURES = 30


class TokenRate(BaseThrottle):
    """Requests a minute and token: many for reading, fewer for writing."""

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Count the request and tell whether it is within the rate."""
        del view
        if not isinstance(request.auth, ApiToken):
            return True
        kind = "read" if request.method in SAFE else "write"
        rates: Mapping[str, int] = settings.API_RATES
        return _count(f"api-rate:{kind}:{request.auth.pk}") <= rates[kind]

    def wait(self) -> float:
        """Return the seconds until the next minute begins."""
        return _rest()


def count_failure(address: str) -> None:
    """Count a wrong token."""
    _count(f"api-failures:{address}")


def failures_exhausted(address: str) -> float:
    """Return how long an address that tried too many wrong tokens has to wait, 0 for none."""
    tried = cache.get(_key(f"api-failures:{address}"), 0)
    return _rest() if tried >= FAILURES else 0.0


def _key(name: str) -> str:
    return f"{name}:{int(time.time()) // WINDOW}"


def _count(name: str) -> int:
    key = _key(name)
    cache.add(key, 0, WINDOW * 2)
    try:
        return cache.incr(key)
    except ValueError:
        # The cache was emptied in between.
        return 1


def _rest() -> float:
    return WINDOW - time.time() % WINDOW
