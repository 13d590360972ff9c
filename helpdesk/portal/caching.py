"""Which pages a cache may keep: those that are the same for everybody without a cookie.

The page names its language by ``Accept-Language`` and knows a person by a cookie; both stand in
``Vary``. Who comes with a cookie gets a page of their own, which no shared cache keeps. A page
that is still the same is not sent again (ETag, RFC 9110, section 8.8.3).
"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import (
    get_conditional_response,
    patch_cache_control,
    patch_vary_headers,
    set_response_etag,
)

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]

# So long may a page that is no longer public still be read from a cache.
SECONDS = 60


def for_everybody(view: View[P]) -> View[P]:
    """Let caches keep what a reader without cookies gets, for a minute."""

    @wraps(view)
    def cached(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        if response.has_header("Cache-Control"):
            return response
        if request.COOKIES or response.status_code != 200:
            patch_cache_control(response, private=True, no_cache=True)
        else:
            patch_cache_control(response, public=True, max_age=SECONDS)
        return _if_changed(request, response)

    return cached


def _if_changed(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Return "not modified" to a browser that has this very page."""
    if response.status_code != 200 or not isinstance(response, HttpResponse):
        return response
    set_response_etag(response)
    return get_conditional_response(request, etag=response["ETag"], response=response) or response


def is_from_here(request: HttpRequest) -> bool:
    """Tell whether a form was sent by a page of ours, as far as the browser says.

    For forms that know nobody and need no token (Sec-Fetch-Site, W3C Fetch Metadata; Origin,
    RFC 6454). A program that names neither could send anything anyway.
    """
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    origin = request.headers.get("Origin")
    own = f"{request.scheme}://{request.get_host()}"
    return site in {"same-origin", "none"} and origin in {None, own}
