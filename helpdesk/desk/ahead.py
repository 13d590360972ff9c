"""Pages that a browser fetches before anybody has asked for them, and may never show."""

from django.http import HttpRequest, HttpResponse
from django.templatetags.static import static

# What Fetch names it, and what older browsers said.
HEADERS = ("Sec-Purpose", "Purpose", "X-Moz")
RULES = "js/ahead.rules"
# Sent by the scripts with what they fetch without anybody doing something.
BY_ITSELF = "X-By-Itself"


def is_ahead(request: HttpRequest) -> bool:
    """Tell whether nobody sees yet what is answered: nothing may count as shown, used or read."""
    return any(request.headers.get(name, "").startswith("prefetch") for name in HEADERS)


def is_unseen(request: HttpRequest) -> bool:
    """Tell whether a page is shown to nobody: fetched ahead, or by a script that looks for news."""
    return is_ahead(request) or BY_ITSELF in request.headers


def is_opened(request: HttpRequest) -> bool:
    """Tell whether a page that was fetched ahead says by this that it has been opened now."""
    return "opened" in request.GET and not is_ahead(request)


def allow_ahead(response: HttpResponse) -> HttpResponse:
    """Let the browser fetch what the page's script marks (adr/0109).

    By a header: within the page the rules would be a script that the policy forbids.
    """
    response.headers["Speculation-Rules"] = f'"{static(RULES)}"'
    return response
