"""A request of an account: the pages of its link, opened by who is signed in instead of a secret.

The address names the request and opens nothing by itself, so that it may stand in the history of
a computer that others use, too.
"""

import re

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from helpdesk.accounts.queries import opened_by
from helpdesk.portal.account.session import holder_of, to_sign_in, town_of
from helpdesk.portal.frame import frame
from helpdesk.tickets.links import to_base36
from helpdesk.tickets.models import Ticket

_OWN = re.compile(r"k-([0-9a-z]{1,12})")
SIGNED_OUT = 401


def own_token(ticket: Ticket) -> str:
    """Return what stands in the address of a request in its account."""
    return f"k-{to_base36(ticket.pk)}"


def named_by(token: str) -> int | None:
    """Return the key of the request that an address of an account names."""
    found = _OWN.fullmatch(token)
    return int(found.group(1), 36) if found else None


def find_own(request: HttpRequest, ticket_id: int) -> Ticket | None:
    """Return the request if it is one of whoever is signed in; foreign ones are not there."""
    session = holder_of(request)
    if session is None:
        return None
    related = ("authority", "team", "category", "merged_into")
    return opened_by(session.account).select_related(*related).filter(pk=ticket_id).first()


def ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    """Answer somebody who is not signed in (any more); what they typed stays on the page."""
    town_of(request)
    if request.method != "POST":
        return to_sign_in(request.path)
    context = frame(request) | {
        "typed": request.POST.get("text", ""),
        "kept": request.POST.getlist("kept"),
        "key": request.POST.get("key", ""),
        "retry_url": request.path,
        "title": gettext("You are signed out"),
    }
    return render(request, "portal/account/signed_out.html", context, status=SIGNED_OUT)
