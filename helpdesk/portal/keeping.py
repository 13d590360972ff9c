"""Whole pages, remembered in memory while nothing has happened: for readers without cookies.

What is remembered is what everybody sees, by address, host, language and Save-Data; who comes
with a cookie or a question gets a page of their own. Each write records one event, so that their
count tells whether anything may have changed. A minute is the longest, as for any
cache (:mod:`helpdesk.portal.caching`): notices begin and end by the clock, readers are counted.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import wraps
from threading import Lock
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.translation import get_language

from helpdesk.events.sequencer import count_committed
from helpdesk.portal.caching import SECONDS
from helpdesk.ui.inlining import allow, allowed

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it was made, with what its policy has to allow."""

    content: bytes
    hashes: tuple[tuple[str, str], ...]


_pages: OrderedDict[Hashable, Page] = OrderedDict()
_lock = Lock()


def kept(view: View[P]) -> View[P]:
    """Remember a page that is the same for everybody; its view sets no header of its own."""

    @wraps(view)
    def remembering(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not settings.KEPT_PAGES or request.COOKIES or request.META.get("QUERY_STRING"):
            return view(request, *args, **kwargs)
        # Asked before the page is made: what happens meanwhile makes the next one.
        key = _key(request)
        found = _find(key)
        if found is not None:
            for directive, source in found.hashes:
                allow(request, directive, source)
            return HttpResponse(found.content)
        response = view(request, *args, **kwargs)
        if response.status_code == 200 and isinstance(response, HttpResponse):
            _keep(key, Page(response.content, allowed(request)))
        return response

    return remembering


def forget_pages() -> None:
    """Forget all pages, as a start does."""
    with _lock:
        _pages.clear()


def _key(request: HttpRequest) -> Hashable:
    return (
        request.get_host(),
        request.path,
        get_language(),
        request.headers.get("Save-Data") == "on",
        count_committed(),
        int(timezone.now().timestamp()) // SECONDS,
    )


def _find(key: Hashable) -> Page | None:
    with _lock:
        return _pages.get(key)


def _keep(key: Hashable, page: Page) -> None:
    with _lock:
        _pages[key] = page
        while len(_pages) > settings.KEPT_PAGES:
            _pages.popitem(last=False)
