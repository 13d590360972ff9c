"""Static files as whole responses, and pages that differ for those who save data."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from whitenoise.middleware import WhiteNoiseMiddleware  # type: ignore[import-untyped]  # it ships no types
from whitenoise.responders import StaticFile  # type: ignore[import-untyped]  # the same


class StaticMiddleware(WhiteNoiseMiddleware):  # type: ignore[misc]  # base is untyped
    """WhiteNoise without file iterators: none of our files is larger than some 100 kB."""

    @staticmethod
    def serve(static_file: StaticFile, request: HttpRequest) -> HttpResponse:
        """Return the file, or the "not modified" that the browser's headers ask for."""
        found = static_file.get_response(request.method, request.META)
        content = b""
        if found.file is not None:
            with found.file as file:
                content = file.read()
        response = HttpResponse(content, status=found.status)
        # The served file's own type counts, not Django's default.
        del response["content-type"]
        for name, value in found.headers:
            response[name] = value
        return response


def saving_data(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Tell caches that a page has no web font for those whose browser saves data (Save-Data)."""

    def answered(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.headers.get("Content-Type", "").startswith("text/html"):
            patch_vary_headers(response, ["Save-Data"])
        return response

    return answered
