"""The portal's own pages in plain language (Leichte Sprache), where a town has written them."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import override
from django.views.decorators.http import require_safe

from helpdesk.lib.html import sanitise_knowledge
from helpdesk.pages.enums import Page
from helpdesk.pages.queries import variant_of
from helpdesk.portal.caching import for_everybody
from helpdesk.portal.frame import authority_of, frame
from helpdesk.portal.keeping import kept
from helpdesk.portal.variants import switch
from helpdesk.portal.videos import with_file
from knowledgebase.rules import portal_answers

GERMAN = "de"


@require_safe
@for_everybody
@kept
def simple(request: HttpRequest, page: str) -> HttpResponse:
    """Show a page in plain language; one that nobody has written is not there."""
    authority = authority_of(request)
    if authority is None or page not in Page.values:
        raise Http404
    variant = variant_of(authority.pk, Page(page))
    if variant is None or not variant.simple:
        raise Http404
    # Plain language is German, whatever the reader has chosen for the other pages.
    with override(GERMAN):
        context = frame(request, authority)
        context |= {
            "languages": switch(context["languages"], variant, is_simple=True),
            "page": Page(page),
            "body": sanitise_knowledge(variant.simple),
            "video": with_file(variant.video, portal_answers(authority.pk, signed_in=False)),
        }
        return render(request, "portal/simple.html", context)
