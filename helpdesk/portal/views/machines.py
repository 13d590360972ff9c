"""Addresses that machines ask: feeds, sitemaps, robots, the search in the browser's own field."""

from functools import wraps
from http import HTTPStatus
from typing import Any
from xml.sax.saxutils import escape

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext, override
from django.views.decorators.http import require_safe

from helpdesk.agents.models import Authority
from helpdesk.portal.frame import authority_of
from helpdesk.portal.machines import clean, feed_of, sitemap_index, sitemap_of
from knowledgebase.addresses import absolute
from knowledgebase.models import Section
from knowledgebase.queries import below, latest_lines
from knowledgebase.rules import public_answers

ATOM = "application/atom+xml; charset=utf-8"
XML = "application/xml; charset=utf-8"
OPENSEARCH = "application/opensearchdescription+xml; charset=utf-8"
MAX_AGE = 900
LISTED = 30
# Answers a sitemap: with all their languages they stay far below the 50,000 a file may hold.
PER_SITEMAP = 2000
SHUT = ("/a/", "/s/", "/melden/", "/status/", "/suche", "/language/")


def _authority(request: HttpRequest) -> Authority:
    authority = authority_of(request)
    if authority is None:
        raise Http404
    return authority


def for_machines(view: Any) -> Any:  # noqa: ANN401 - views of any arguments
    """Let caches keep the answer; it is the same for everybody, in the authority's language."""

    @wraps(view)
    @require_safe
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        authority = _authority(request)
        with override(authority.language):
            response: HttpResponseBase = view(request, authority, *args, **kwargs)
        if response.status_code == HTTPStatus.OK:
            response["Cache-Control"] = f"public, max-age={MAX_AGE}"
        return response

    return answered


@for_machines
def knowledge_feed(_request: HttpRequest, authority: Authority) -> HttpResponse:
    """Hand out what is new among all public answers."""
    lines = latest_lines(public_answers(authority.pk), authority.language, LISTED)
    return HttpResponse(feed_of(authority, None, lines), content_type=ATOM)


@for_machines
def section_feed(_request: HttpRequest, authority: Authority, slug: str) -> HttpResponse:
    """Hand out what is new in a section and below it; an empty one is not there."""
    section = Section.objects.filter(authority_id=authority.pk, slug=slug).first()
    if section is None:
        raise Http404
    readers = public_answers(authority.pk).filter(section__in=below(section))
    lines = latest_lines(readers, authority.language, LISTED)
    if not lines:
        raise Http404
    return HttpResponse(feed_of(authority, section, lines), content_type=ATOM)


@for_machines
def sitemap(_request: HttpRequest, authority: Authority) -> HttpResponse:
    """Name all sitemaps."""
    return HttpResponse(sitemap_index(authority, _pages(authority)), content_type=XML)


@for_machines
def sitemap_page(_request: HttpRequest, authority: Authority, number: int) -> HttpResponse:
    """Hand out one sitemap."""
    if not 1 <= number <= _pages(authority):
        raise Http404
    rows = sitemap_of(authority, (number - 1) * PER_SITEMAP, PER_SITEMAP)
    return HttpResponse("".join(rows), content_type=XML)


def _pages(authority: Authority) -> int:
    return max(1, -(-public_answers(authority.pk).count() // PER_SITEMAP))


@for_machines
def robots(_request: HttpRequest, authority: Authority) -> HttpResponse:
    """Say what is for people alone, and where the sitemap is."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in SHUT)]
    lines += ["", f"Sitemap: {absolute(authority, reverse('portal:sitemap'))}", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@for_machines
def opensearch(_request: HttpRequest, authority: Authority) -> HttpResponse:
    """Describe the search, so that a browser can offer it."""
    name = clean(authority.short_name or authority.name)[:16]
    about = gettext("Search the answers of %(name)s") % {"name": clean(authority.name)}
    page = absolute(authority, reverse("portal:search"))
    document = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">'
        f"<ShortName>{escape(name)}</ShortName>"
        f"<Description>{escape(about)}</Description>"
        f"<Language>{escape(authority.language)}</Language>"
        "<InputEncoding>UTF-8</InputEncoding>"
        f'<Url type="text/html" template="{escape(page)}?q={{searchTerms}}"/>'
        "</OpenSearchDescription>\n"
    )
    return HttpResponse(document, content_type=OPENSEARCH)
