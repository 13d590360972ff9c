"""Imprint, privacy and contact: what the law demands of every website of a town."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from helpdesk.lib.html import sanitise_knowledge
from helpdesk.pages.enums import Page, TextKind
from helpdesk.pages.queries import legal_text
from helpdesk.portal.caching import for_everybody
from helpdesk.portal.frame import frame
from helpdesk.portal.keeping import kept
from helpdesk.portal.variants import with_variants


@require_safe
@for_everybody
@kept
def legal(request: HttpRequest, kind: str) -> HttpResponse:
    """Show the page; while nobody has written it, what is known of the town anyway."""
    context, page = frame(request), TextKind(kind)
    language = (get_language() or "de")[:2]
    authority = context["authority"]
    shown = legal_text(authority.pk, page, language) if authority else None
    more = {
        "kind": page,
        "body": sanitise_knowledge(shown.body) if shown else "",
        "body_language": shown.language if shown else "",
        "is_foreign": bool(shown and shown.language != language),
    }
    more |= with_variants(context, Page(kind))
    return render(request, "portal/legal.html", context | more)
