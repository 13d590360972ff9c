"""Whether the holder of a link has opened the request: a signed cookie for this one page.

Mail scanners and previews of messengers follow links, but they press no button. So
the link alone shows how far a request has got, and words and files are shown after
"Open the request". Nothing is stored: the cookie goes back to the address of this
link only, ends by itself, and is void with the link.
"""

import time
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from helpdesk.lib.figures import is_figure
from helpdesk.lib.keys import derive_key
from helpdesk.lib.leases import SKEW
from helpdesk.lib.tokens import mac, matches
from helpdesk.tickets.models import Ticket

OPEN_FOR = timedelta(hours=2)
LONGEST = OPEN_FOR + SKEW


def _name() -> str:
    return "__Secure-request" if settings.SECURE else "request"


def _proof(ticket: Ticket, until: str) -> str:
    key = derive_key(settings.MASTER_KEY, "opened-request")
    return mac(key, "opened-request", str(ticket.pk), ticket.link_nonce, until)


def is_open(request: HttpRequest, ticket: Ticket) -> bool:
    """Tell whether this browser has opened ``ticket`` and may still read it."""
    until, _, proof = request.COOKIES.get(_name(), "").partition(".")
    if not is_figure(until):
        return False
    # More than was ever given was given by a clock that was wrong.
    left = int(until) - time.time()
    return matches(_proof(ticket, until), proof) and 0 < left <= LONGEST.total_seconds()


def mark_open(response: HttpResponseBase, ticket: Ticket, token: str) -> None:
    """Let this browser read ``ticket`` for two hours."""
    until = str(int(time.time() + OPEN_FOR.total_seconds()))
    response.set_cookie(
        _name(),
        f"{until}.{_proof(ticket, until)}",
        max_age=OPEN_FOR,
        path=reverse("portal:status", args=[token]),
        secure=settings.SECURE,
        httponly=True,
        samesite="Lax",
    )


def mark_closed(response: HttpResponseBase, token: str) -> None:
    """Forget at once that the request was opened here."""
    response.delete_cookie(_name(), path=reverse("portal:status", args=[token]), samesite="Lax")
