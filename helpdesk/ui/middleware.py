"""Serves our static files as whole responses, which an asynchronous server can send as they are."""

from django.http import HttpRequest, HttpResponse
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
