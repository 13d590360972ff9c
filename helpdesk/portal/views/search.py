"""The search of the portal: a page, and the list that grows while one types."""

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_POST, require_safe

from helpdesk.portal.answers import entries_of, mark_of, named_nodes, reader_language
from helpdesk.portal.frame import authority_of, frame
from knowledgebase.addresses import path_of
from knowledgebase.queries import tree_of
from knowledgebase.rules import public_answers
from knowledgebase.search import AnswerHit, search_public

LONGEST = 200
SHORTEST = 2
LISTED = 6
WRITTEN = 400


def _words(request: HttpRequest) -> str:
    return " ".join(request.GET.get("q", "")[:LONGEST].replace("\0", " ").split())


@require_safe
def search_page(request: HttpRequest) -> HttpResponse:
    """Show the answers that hold what was asked for; where there are none, the topics."""
    authority = authority_of(request)
    if authority is None:
        raise Http404
    words = _words(request)
    found = search_public(authority.pk, words, reader_language()) if words else None
    context = {
        **frame(request, authority),
        "words": words,
        "found": found,
        "hits": [_shown(hit) for hit in found.hits] if found else [],
        "sections": named_nodes(tree_of(authority.pk, public_answers(authority.pk))),
    }
    response = render(request, "knowledgebase/search.html", context)
    response["X-Robots-Tag"] = "noindex"
    return response


@require_safe
def search_list(request: HttpRequest) -> JsonResponse:
    """Return the first answers for what has been typed so far."""
    authority, words = authority_of(request), _words(request)
    results = []
    if authority is not None and len(words) >= SHORTEST:
        found = search_public(authority.pk, words, reader_language(), typing=True, limit=LISTED)
        results = [
            {"title": entry.line.title, "url": entry.url, "note": entry.mark}
            for entry in entries_of(hit.line for hit in found.hits)
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
    context = {"authority_id": authority.pk, "text": request.POST.get("text", "")[:WRITTEN]}
    response = render(request, "knowledgebase/helps_fragment.html", context)
    response["Cache-Control"] = "no-store"
    return response


def _shown(hit: AnswerHit) -> dict[str, object]:
    line = hit.line
    return {
        "title": hit.title,
        "snippet": hit.snippet,
        "url": path_of(line.pk, line.title, line.language),
        "mark": mark_of(line.only_in),
        "lang": line.language if line.only_in else "",
        "section": line.section.name,
        "reviewed_on": line.answer.reviewed_on,
    }
