"""The search of the portal: a page, and the list that grows while one types."""

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_POST, require_safe

from helpdesk.portal.answers import entries_of, mark_of, name_of, named_nodes, reader_language
from helpdesk.portal.frame import authority_of, frame
from helpdesk.portal.reading import is_signed_in, readable, unkept_when_signed_in
from helpdesk.portal.searches import count_search, words_of
from knowledgebase.addresses import path_of
from knowledgebase.queries import tree_of
from knowledgebase.search import (
    AnswerHit,
    AnswersFound,
    Door,
    hits_found,
    lines_found,
    portal_door,
    search_portal,
    search_through,
)
from knowledgebase.spelling import meant

SHORTEST = 2
LISTED = 6
PAGE = 20
WRITTEN = 400


@require_safe
@unkept_when_signed_in
def search_page(request: HttpRequest) -> HttpResponse:
    """Show the answers that hold what was asked for; where there are none, the topics."""
    authority = authority_of(request)
    if authority is None:
        raise Http404
    words = words_of(request.GET.get("q", ""))
    door = portal_door(authority.pk, signed_in=is_signed_in(request))
    found = search_through(door, words) if words else AnswersFound()
    page = Paginator(found.keys, PAGE).get_page(request.GET.get("page"))
    readers = readable(request, authority)
    hits = hits_found(readers, list(page.object_list), reader_language(), found.terms)
    if words and found.is_ready:
        count_search(request, authority, words, found=bool(found.keys))
    context = {
        **frame(request, authority),
        "words": words,
        "found": found,
        "page": page,
        "hits": [_shown(hit) for hit in hits],
        "meant": _meant(door, words, found),
        "sections": [] if hits else named_nodes(tree_of(authority.pk, readers)),
    }
    response = render(request, "knowledgebase/search.html", context)
    response["X-Robots-Tag"] = "noindex"
    return response


def _meant(door: Door, words: str, found: AnswersFound) -> str:
    is_in_vain = not found.keys
    is_doubtful = found.is_guessed or is_in_vain
    if not words or not found.is_ready or not is_doubtful:
        return ""
    return meant(door, words, is_in_vain=is_in_vain)


@require_safe
@unkept_when_signed_in
def search_list(request: HttpRequest) -> JsonResponse:
    """Return the first answers for what has been typed so far."""
    authority, words = authority_of(request), words_of(request.GET.get("q", ""))
    results = []
    if authority is not None and len(words) >= SHORTEST:
        signed_in = is_signed_in(request)
        asked = search_portal(authority.pk, words, signed_in=signed_in, typing=True)
        readers = readable(request, authority)
        lines = lines_found(readers, asked.keys[:LISTED], reader_language())
        results = [
            {"title": entry.line.title, "url": entry.url, "note": entry.mark}
            for entry in entries_of(lines)
        ]
    response = JsonResponse({"results": results})
    patch_cache_control(response, private=True, max_age=60)
    return response


@require_POST
def suggestions(request: HttpRequest) -> HttpResponse:
    """Return what may help with what is being written in the report form; keeps nothing of it."""
    authority = authority_of(request)
    if authority is None:
        raise Http404
    context = {"authority": authority, "text": request.POST.get("text", "")[:WRITTEN]}
    response = render(request, "knowledgebase/helps_fragment.html", context)
    response["Cache-Control"] = "no-store"
    return response


def _shown(hit: AnswerHit) -> dict[str, object]:
    return {
        "title": hit.title,
        "snippet": hit.snippet,
        "url": path_of(hit.pk, hit.words, hit.language),
        "mark": mark_of(hit.only_in),
        "lang": hit.language if hit.only_in else "",
        "section": name_of(hit.section),
        "reviewed_on": hit.reviewed_on,
    }
