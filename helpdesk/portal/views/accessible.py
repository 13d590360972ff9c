"""How accessible the portal is, and help with using it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from helpdesk.pages.models import Barrier
from helpdesk.pages.queries import barriers_of, statement_of
from helpdesk.portal.caching import for_everybody
from helpdesk.portal.frame import frame
from helpdesk.portal.keeping import kept


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
    return render(request, "portal/accessibility.html", context | more)


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
    return render(request, "portal/help.html", frame(request))
