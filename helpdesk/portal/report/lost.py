"""A step that is sent after its draft was forgotten: what was typed is shown, not lost."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from helpdesk.portal.report import guard
from helpdesk.portal.report.state import Report

# What a form carries without anybody having typed it.
_NOT_TYPED = frozenset(
    {
        *("csrfmiddlewaretoken", guard.PROOF, guard.TRAP, "do", "remove"),
        *("topic", "way", "latitude", "longitude"),
    }
)
LONGEST = 20_000


def typed_in(request: HttpRequest) -> list[str]:
    """Return the words that somebody typed into the form that was sent."""
    given = request.POST.lists()
    words = [text.strip() for name, texts in given if name not in _NOT_TYPED for text in texts]
    return [text[:LONGEST] for text in words if text]


def is_lost(request: HttpRequest, report: Report, response: HttpResponse) -> bool:
    """Tell whether a page leads back to the beginning with words that nobody kept."""
    leads_back = isinstance(response, HttpResponseRedirect) and (
        response.url == report.steps[0].url
    )
    has_draft = report.draft is not None or report.sent is not None
    return request.method == "POST" and leads_back and not has_draft and bool(typed_in(request))
