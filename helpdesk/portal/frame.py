"""What every page of the portal shows around its content; only what is built."""

from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from django.urls import get_script_prefix, reverse
from django.utils.translation import get_language, gettext, gettext_noop

from helpdesk.agents.models import Authority
from helpdesk.agents.queries import authority_of_host
from helpdesk.lib.languages import NAMES, WHOLE, direction
from helpdesk.lib.statements import Lookup
from knowledgebase.rules import public_answers

BARRIER = "portal:barrier"
_ANY_ANSWER = Lookup(
    lambda authority_id: public_answers(authority_id).order_by().values_list("pk")[:1],
    "authority_id",
)
# Parts of addresses that open something, and must not get into a report.
SECRET_PARTS = frozenset({"token", "key", "uidb36"})
# On every page in the same order (WCAG 3.2.6).
FOOTER = (
    ("portal:barrier", gettext_noop("Report a barrier")),
    ("portal:accessibility", gettext_noop("Accessibility")),
    ("portal:help", gettext_noop("Help")),
    ("portal:callback", gettext_noop("Call me back")),
    ("portal:contact", gettext_noop("Contact")),
    ("portal:privacy", gettext_noop("Privacy")),
    ("portal:imprint", gettext_noop("Imprint")),
    ("desk:home", gettext_noop("For staff")),
)


def authority_of(request: HttpRequest) -> Authority | None:
    """Return the authority whose portal host was asked, else the installation's first."""
    return authority_of_host(request.get_host().partition(":")[0])


def frame(
    request: HttpRequest, authority: Authority | None = None, *, is_there: bool = True
) -> dict[str, Any]:
    """Return the context of the frame: authority, languages, navigation, footer.

    A page that is not there must look the same whatever was asked for: it echoes no address.
    """
    shown = authority or authority_of(request)
    return {
        "authority": shown,
        "languages": _languages(request, shown, is_there=is_there),
        "portal_nav": _navigation(request, shown),
        "footer_nav": footer(request, is_there=is_there),
    }


def footer(request: HttpRequest, *, is_there: bool = True) -> list[dict[str, Any]]:
    """Return the links at the foot of every page; it asks no database, which may be what broke."""
    here = _from_here(request, is_there=is_there)
    return [
        {
            "url": _address(page) + (here if page == BARRIER else ""),
            "label": gettext(label),
            "current": request.path == _address(page),
        }
        for page, label in FOOTER
    ]


def _from_here(request: HttpRequest, *, is_there: bool) -> str:
    """Return what tells the form for barriers which page it is about, without any secret in it."""
    match = request.resolver_match
    if not is_there or match is None or match.url_name == "barrier":
        return ""
    path = request.path
    for name in SECRET_PARTS & match.kwargs.keys():
        path = path.replace(str(match.kwargs[name]), "…")
    return f"?{urlencode({'seite': path})}"


def _languages(
    request: HttpRequest, authority: Authority | None, *, is_there: bool
) -> list[dict[str, Any]]:
    current = (get_language() or settings.LANGUAGE_CODE)[:2]
    offered = authority.languages if authority else WHOLE
    match = request.resolver_match
    is_ours = is_there and match is not None and match.app_name in {"portal", "demo"}
    back = f"?{urlencode({'next': request.path})}" if is_ours else ""
    return [
        {
            "code": code,
            "label": NAMES[code],
            "dir": direction(code),
            "url": _address("portal:language", code) + back,
            "current": code == current,
        }
        for code in offered
    ]


def _is_below(path: str, page: str) -> bool:
    """Tell whether an address is a page or lies below it; everything lies below the home page."""
    return path == page or (page != "/" and path.startswith(page))


def _navigation(request: HttpRequest, authority: Authority | None) -> list[dict[str, Any]]:
    pages = [
        ("portal:home", gettext("Home")),
        ("portal:report", gettext("Report something")),
        ("portal:lookup", gettext("Check the status")),
    ]
    if authority is not None and _ANY_ANSWER.first(authority_id=authority.pk):
        pages.append(("portal:knowledge", gettext("Find answers")))
    if authority is not None and authority.offers_accounts:
        # The same words for everybody: these pages may lie in caches.
        pages.append(("portal:account", gettext("My requests")))
    if settings.DEMO:
        pages.append(("demo:mailbox", gettext("Demo mailbox")))
    return [
        {"url": _address(page), "label": label, "current": _is_below(request.path, _address(page))}
        for page, label in pages
    ]


def _address(page: str, *words: str) -> str:
    return _reversed(get_script_prefix(), page, words)


@lru_cache(maxsize=256)
def _reversed(_prefix: str, page: str, words: tuple[str, ...]) -> str:
    """Return an address of the frame; each page has some thirty, which never change."""
    return reverse(page, args=words)
