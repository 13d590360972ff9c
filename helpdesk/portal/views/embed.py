"""A piece of the portal for a frame on the town's own website: links and nothing else.

It runs no script, holds no form and needs no cookie, which a frame of another site would not
get. Each link opens the portal in the whole window.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_cookie

from helpdesk.pages.queries import embedding_origins
from helpdesk.portal.frame import authority_of
from helpdesk.tickets.domain.suggest import choosable, offered_topics
from helpdesk.ui.framing import framed_by

MOST_TOPICS = 8


@require_safe
@cache_control(max_age=300, public=True)
@vary_on_cookie
def embed(request: HttpRequest) -> HttpResponse:
    """Show ways into the portal; the sites that the town has named may show it in a frame."""
    authority = authority_of(request)
    asked = request.GET.get("sprache", "")
    offered = authority.languages if authority else ()
    language = asked if asked in offered else translation.get_language()
    topics = choosable(offered_topics(authority.pk))[:MOST_TOPICS] if authority else []
    with translation.override(language):
        context = {"authority": authority, "topics": topics, "asked": asked}
        response = render(request, "portal/embed.html", context)
    return framed_by(response, embedding_origins(authority.pk) if authority else [])
