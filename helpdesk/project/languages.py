"""In which language a page speaks: whole at the desk, and what its authority offers elsewhere."""

from collections.abc import Iterator

from django.conf import settings
from django.http import HttpRequest
from django.middleware.locale import LocaleMiddleware
from django.utils import translation
from django.utils.translation.trans_real import parse_accept_lang_header

from helpdesk.lib.languages import NAMES, WHOLE, first_offered
from helpdesk.portal.frame import authority_of

# The desk and the interface for programs; signed-in staff has a language of its own.
WHOLE_PATHS = ("/a/", "/api/")


class OfferedLanguages(LocaleMiddleware):
    """Django's choice by cookie and browser, among the languages that are offered here.

    The authority is asked for only where somebody wants another than the two that all offer.
    """

    def process_request(self, request: HttpRequest) -> None:
        """Speak the most wanted language that is offered, else German."""
        wanted = list(_wanted(request))
        language = first_offered(wanted, WHOLE)
        asked = first_offered(wanted, tuple(NAMES))
        if asked != language and not request.path_info.startswith(WHOLE_PATHS):
            authority = authority_of(request)
            language = first_offered(wanted, authority.languages if authority else WHOLE)
        translation.activate(language)
        request.LANGUAGE_CODE = translation.get_language()


def _wanted(request: HttpRequest) -> Iterator[str]:
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
    if chosen:
        yield chosen
    for tag, _weight in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        yield tag
