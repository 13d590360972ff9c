"""Which pages may hold a frame of our own pages, and which may be in one; all others neither."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from csp.constants import NONE, SELF
from django.http import HttpRequest, HttpResponseBase

P = ParamSpec("P")
R = TypeVar("R", bound=HttpResponseBase)
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def holds_frames(view: View[P]) -> View[P]:
    """Let a page show other pages of this installation in a frame."""

    @wraps(view)
    def holding(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        response._csp_update = {"frame-src": [SELF]}  # type: ignore[attr-defined]  # noqa: SLF001 - django-csp reads it
        return response

    return holding


def is_framed(view: View[P]) -> View[P]:
    """Let a page be shown in a frame on other pages of this installation."""

    @wraps(view)
    def framed(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        response["X-Frame-Options"] = "SAMEORIGIN"
        response._csp_replace = {"frame-ancestors": [SELF]}  # type: ignore[attr-defined]  # noqa: SLF001 - django-csp reads it
        return response

    return framed


def framed_by(response: R, origins: Sequence[str]) -> R:
    """Let these sites show a page in a frame, all others not; none at all while there are none.

    X-Frame-Options knows no list of sites. Browsers prefer the policy where both are set.
    """
    response._csp_replace = {"frame-ancestors": list(origins) or [NONE]}  # type: ignore[attr-defined]  # noqa: SLF001 - django-csp reads it
    response.xframe_options_exempt = bool(origins)  # type: ignore[attr-defined]  # Django's middleware reads it
    return response
