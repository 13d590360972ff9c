"""How often one network may try, and the page that says so and names another way."""

import math

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from helpdesk.lib.limits import Limit, spend
from helpdesk.lib.network import belongs_to, client_address, network_of
from helpdesk.notifications.portal_mails import Asker
from helpdesk.portal.frame import frame

HOUR = 3600
# What is counted → how many an hour from one network.
HOURLY = {
    "lookup": 10,
    "code": 10,
    "act": 60,
    "later": 10,
    "nearby": 60,
    "follow": 10,
    "sign_in": 10,
    "passkey": 60,
    "provider": 60,
}


def seconds_to_wait(request: HttpRequest, what: str) -> int:
    """Count one try of ``what``; return 0, or how long its network has to wait.

    The town hall's own terminals, which many citizens share, are not counted.
    """
    network = _network(request)
    return spend([Limit(f"{what}:{network}", HOURLY[what], HOUR)]) if network else 0


def asker_of(request: HttpRequest) -> Asker:
    """Return by what asking for a mail is counted: the network, none at a terminal of the town."""
    return Asker(_network(request))


def _network(request: HttpRequest) -> str:
    address = client_address(request.META, behind_proxy=settings.TRUSTED_PROXY)
    return "" if belongs_to(address, settings.KIOSK_NETWORKS) else network_of(address)


def too_often(request: HttpRequest, seconds: int) -> HttpResponse:
    """Answer that it was too often, how long to wait, and how else the town is reached.

    A text that was typed stands on the page with the files kept so far, to be sent again.
    """
    context = {
        **frame(request),
        "minutes": math.ceil(seconds / 60),
        "typed": request.POST.get("text", ""),
        "kept": request.POST.getlist("kept"),
        "key": request.POST.get("key", ""),
        "retry_url": request.path,
    }
    response = render(request, "errors/429.html", context, status=429)
    response["Retry-After"] = str(seconds)
    return response
