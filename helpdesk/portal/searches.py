"""What is counted of the portal's search: in vain, found, and found and opened; never who searched.

That something was opened is read from where the browser says it comes from, so that links stay
as they are and need neither a cookie nor a detour. A browser that does not say it opens nothing.
"""

from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from helpdesk.agents.models import Authority
from helpdesk.lib.network import client_address, network_of
from knowledgebase.domain.misses import Miss, miss_of
from knowledgebase.pending import PendingCounts
from knowledgebase.viewcount import misses, openings, uses

LONGEST = 200
LONGEST_ADDRESS = 2000
MOST_FIELDS = 20


def words_of(typed: str) -> str:
    """Return what was typed as it is searched for."""
    return " ".join(typed[:LONGEST].replace("\0", " ").split())


def count_search(request: HttpRequest, authority: Authority, words: str, *, found: bool) -> None:
    """Count a search, once however many pages of hits are looked at."""
    if "page" not in request.GET:
        _count(request, authority, words, uses if found else misses)


def count_opening(request: HttpRequest, authority: Authority) -> None:
    """Count that an answer was opened from the page of hits, if it was."""
    words = _searched_before(request)
    if words:
        _count(request, authority, words, openings)


def _searched_before(request: HttpRequest) -> str:
    """Return what was searched for on the page that the browser comes from; "" for any other."""
    try:
        came_from = urlsplit(request.headers.get("Referer", "")[:LONGEST_ADDRESS])
        if (came_from.netloc, came_from.path) != (request.get_host(), reverse("portal:search")):
            return ""
        typed = parse_qs(came_from.query, max_num_fields=MOST_FIELDS).get("q", [""])[0]
    except ValueError:
        # Whoever writes such an address does not come from a page of ours.
        return ""
    return words_of(typed)


def _count(
    request: HttpRequest, authority: Authority, words: str, where: PendingCounts[Miss]
) -> None:
    if request.method != "GET" or request.user.is_authenticated:
        return
    address = client_address(request.META, behind_proxy=settings.TRUSTED_PROXY)
    visitor = f"{network_of(address)}|{request.headers.get('User-Agent', '')[:200]}"
    asked = miss_of(authority_id=authority.pk, words=words, visitor=visitor)
    if asked is not None:
        where.add(asked)
