"""Static files as whole responses, smaller pages, and pages for those who save data."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.middleware.gzip import GZipMiddleware
from django.utils.cache import patch_vary_headers
from whitenoise.middleware import WhiteNoiseMiddleware  # type: ignore[import-untyped]  # it ships no types
from whitenoise.responders import StaticFile  # type: ignore[import-untyped]  # the same

# No JSON: the interface's ETags are compared strongly (If-Match), which compression would forbid.
COMPRESSED = frozenset({"text/html", "application/atom+xml", "application/xml"})

NOT_MODIFIED = 304


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


class PageCompression(GZipMiddleware):
    """Django's compression, with its random length against BREACH, for what is text.

    Pictures and files of citizens go out as they are: most are packed already, and a part of a
    file may be asked for.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:  # type: ignore[override]  # responses of views
        """Compress a page, unless it is streamed."""
        kind = response.headers.get("Content-Type", "").partition(";")[0]
        if response.status_code == NOT_MODIFIED:
            # It says what the page depends on, as the page did (RFC 9110, section 15.4.5).
            patch_vary_headers(response, ("Accept-Encoding",))
        if response.streaming or kind not in COMPRESSED:
            return response
        return super().process_response(request, response)  # type: ignore[return-value]  # the same response


def saving_data(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Tell caches that a page has no web font for those whose browser saves data (Save-Data)."""

    def answered(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        if is_page or response.status_code == NOT_MODIFIED:
            patch_vary_headers(response, ["Save-Data"])
        return response

    return answered
