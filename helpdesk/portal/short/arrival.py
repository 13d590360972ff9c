"""What is said after a form of one page was sent: a cookie remembers for this browser.

The number and, for those without mail, the code by which a request is followed stand on a page
of their own, which a reload shows again and which no address gives away.
"""

from typing import cast

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from helpdesk.tickets.models import Ticket

SALT = "arrived"
DAY = 24 * 3600


def _name() -> str:
    return "__Secure-arrived" if settings.SECURE else "arrived"


def lead_to_arrival(ticket: Ticket) -> HttpResponse:
    """Lead to the page that says that ``ticket`` has arrived."""
    response = HttpResponseRedirect(reverse("portal:arrived"))
    response.set_cookie(
        _name(),
        signing.dumps(ticket.pk, salt=SALT),
        max_age=DAY,
        path=reverse("portal:arrived"),
        secure=settings.SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def arrived_ticket(request: HttpRequest) -> Ticket | None:
    """Return the request that this browser has sent within a day."""
    try:
        key = cast("int", signing.loads(request.COOKIES.get(_name(), ""), salt=SALT, max_age=DAY))
    except signing.BadSignature:
        return None
    tickets = Ticket.objects.select_related("authority", "team", "category", "citizen")
    return tickets.filter(pk=key).first()


def forget_arrival(response: HttpResponse) -> None:
    """Forget it, for those who share a device."""
    response.delete_cookie(_name(), path=reverse("portal:arrived"), samesite="Lax")
