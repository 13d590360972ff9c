"""Which answers the reader of a page may read: everybody's, and further ones with an account.

What is for the signed-in is for all others exactly as not there, and a page that holds any of it
is kept by no cache, not even that of the browser (docs/adr/0100).
"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase

from helpdesk.agents.models import Authority
from helpdesk.portal.account.session import holder_of
from helpdesk.portal.frame import authority_of
from knowledgebase.models import Answer
from knowledgebase.rules import portal_answers

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
_KNOWN = "_is_signed_in"


def is_signed_in(request: HttpRequest) -> bool:
    """Tell whether this browser is signed in to an account of the portal; asked once."""
    known: bool | None = getattr(request, _KNOWN, None)
    if known is None:
        known = holder_of(request) is not None
        setattr(request, _KNOWN, known)
    return known


def readable(request: HttpRequest, authority: Authority) -> QuerySet[Answer]:
    """Return the published answers that whoever asks may read."""
    return portal_answers(authority.pk, signed_in=is_signed_in(request))


def town_of_reader(request: HttpRequest) -> Authority:
    """Return the authority whose answers are read; raises Http404 while there is none."""
    authority = authority_of(request)
    if authority is None:
        raise Http404
    return authority


def unkept_when_signed_in(view: View[P]) -> View[P]:
    """Let no cache keep what somebody reads who is signed in."""

    @wraps(view)
    def reading(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        if is_signed_in(request):
            response["Cache-Control"] = "private, no-store"
        return response

    return reading
