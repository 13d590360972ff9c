"""How accessible the portal is, and help with using it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from helpdesk.agents.models import Authority
from helpdesk.pages.enums import Page
from helpdesk.pages.models import Barrier
from helpdesk.pages.queries import barriers_of, statement_of, variants_of
from helpdesk.portal.caching import for_everybody
from helpdesk.portal.frame import frame
from helpdesk.portal.keeping import kept
from helpdesk.portal.variants import simple_path, with_variants
from knowledgebase.queries import other_forms_of


@require_safe
@for_everybody
@kept
def accessibility(request: HttpRequest) -> HttpResponse:
    """Show the statement that is made of what the town has assessed (BITV 2.0 § 7)."""
    context = frame(request)
    authority = context["authority"]
    statement = statement_of(authority.pk) if authority else None
    barriers = barriers_of(authority.pk) if authority else []
    more = {"statement": statement, "barriers": [_shown(each) for each in barriers]}
    more |= with_variants(context, Page.ACCESSIBILITY) | _other_forms(authority)
    return render(request, "portal/accessibility.html", context | more)


def _other_forms(authority: Authority | None) -> dict[str, Any]:
    """Return what there is in plain language and in sign language: pages, and how many answers."""
    if authority is None:
        return {}
    variants = variants_of(authority.pk)
    pages = [(page, variants[page]) for page in Page if page in variants]
    return {
        "simple_pages": [(page.label, simple_path(page)) for page, one in pages if one.simple],
        "video_pages": [(page.label, one.video) for page, one in pages if one.video],
        "answers_in": other_forms_of(authority.pk),
    }


def _shown(barrier: Barrier) -> dict[str, object]:
    """Return a barrier in the reader's language, else in German, marked as such."""
    is_german = (get_language() or "de").startswith("de")
    is_english = (get_language() or "").startswith("en")
    what = (barrier.what_en if is_english else "") or barrier.what
    alternative = (barrier.alternative_en if is_english else "") or barrier.alternative
    return {
        "what": what,
        "what_lang": "de" if what == barrier.what and not is_german else "",
        "alternative": alternative,
        "alternative_lang": "de" if alternative == barrier.alternative and not is_german else "",
        "reason": barrier.get_reason_display(),
        "gone_by": barrier.gone_by,
    }


@require_safe
@for_everybody
@kept
def help_page(request: HttpRequest) -> HttpResponse:
    """Explain how the portal is used, by keyboard, with large text, without JavaScript."""
    context = frame(request)
    return render(request, "portal/help.html", context | with_variants(context, Page.HELP))
