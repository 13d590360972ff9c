"""How often a token may ask, and an address try wrong tokens."""

from collections.abc import Mapping

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from helpdesk.agents.models import ApiToken
from helpdesk.lib.limits import Limit, spend
from helpdesk.lib.network import client_address, network_of

WINDOW = 60
SAFE = frozenset({"GET", "HEAD"})
# Wrong tokens from one network; nobody mistypes that often, and nobody guesses 160 bits.
FAILURES = 60


class TokenRate(BaseThrottle):
    """Requests a minute and token: many for reading, fewer for writing."""

    _wait = 0

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Count the request and tell whether it is within the rate."""
        del view
        if not isinstance(request.auth, ApiToken):
            return True
        kind = "read" if request.method in SAFE else "write"
        rates: Mapping[str, int] = settings.API_RATES
        self._wait = spend([Limit(f"api-{kind}:{request.auth.pk}", rates[kind], WINDOW)])
        return self._wait == 0

    def wait(self) -> float:
        """Return the seconds until there is room again."""
        return self._wait


def count_failure(meta: Mapping[str, object]) -> int:
    """Count a wrong token; return the seconds to wait once there were too many."""
    address = client_address(meta, behind_proxy=settings.TRUSTED_PROXY)
    return spend([Limit(f"api-wrong:{network_of(address)}", FAILURES, WINDOW)])
