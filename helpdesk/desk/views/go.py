"""Ways to what comes next, and whether one is still signed in."""

import re

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from helpdesk.desk.agent import agent_of
from helpdesk.permissions.decorators import staff_required
from helpdesk.tickets.queries import next_to_take

_TICKET = re.compile(r"/a/t/([\d-]{11,14})/")


@require_GET
@staff_required
def next_due_ticket(request: HttpRequest) -> HttpResponse:
    """Lead to the request with the nearest deadline that is the reader's or nobody's.

    Whoever comes from that very request is led to the one behind it.
    """
    before = _TICKET.search(request.headers.get("Referer", ""))
    ticket = next_to_take(agent_of(request), without=before[1] if before else "")
    if ticket is None:
        messages.info(request, gettext("Nothing is waiting for you."))
        return redirect("desk:home")
    address = reverse("desk:ticket", args=[ticket.number])
    return redirect(f"{address}?view={'mine' if ticket.owner_id else 'unassigned'}")


@require_GET
@staff_required
def session(request: HttpRequest) -> JsonResponse:
    """Return who is signed in, with a fresh token for forms; a script gets 401 when nobody is."""
    return JsonResponse({"user": agent_of(request).pk, "csrf": get_token(request)})
