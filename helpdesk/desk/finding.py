"""What the page of the search finds: requests, citizens and answers, each a row of keys to leaf in.

Everything is bounded: of each kind at most so many keys are asked for, and a page of them is drawn.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from helpdesk.agents.models import User
from helpdesk.desk.listing import Listing
from helpdesk.desk.palette import known_matching, line_of
from helpdesk.search.analysis import read_query
from helpdesk.search.backend import MOST_HITS
from helpdesk.search.snippets import Marker
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.models.ticket import UNFINISHED
from helpdesk.tickets.queries import by_number_or_reference, ended, unfinished, visible_to
from helpdesk.tickets.search import TicketHit, hits_of
from knowledgebase.rules import readable_by
from knowledgebase.search import AnswerHit, AnswersFound, hits_found, search_for_staff

PAGE = 25
# What a number without a year may name: one of each of the last years.
MOST_NUMBERED = 10
REQUESTS, CITIZENS, ANSWERS = "requests", "citizens", "answers"
KIND, AFTER = "kind", "after"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of what was found: its keys in order, whether there may be more of them."""

    name: str
    ids: Sequence[int] = ()
    has_more: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """The part of some keys that a page shows, how many come before it, and which is the last."""

    ids: Sequence[int]
    before: int = 0
    last: int | None = None


@dataclass(frozen=True, slots=True)
class CitizenHit:
    """A citizen who was found: name and ways to reach them marked, and their visible requests."""

    pk: int
    name: SafeString
    detail: SafeString
    total: int
    unfinished: int


@dataclass(frozen=True, slots=True)
class Finding:
    """All that was found by a search, by kind."""

    listing: Listing
    requests: Kind
    citizens: Kind
    answers: Kind
    answers_found: AnswersFound

    @property
    def is_asked(self) -> bool:
        """Tell whether anything was asked for: words, or filters."""
        return bool(self.listing.filters.values)

    def kind(self, name: str) -> Kind:
        """Return one of the kinds by its name, requests for any other."""
        return {CITIZENS: self.citizens, ANSWERS: self.answers}.get(name, self.requests)


def find_all(listing: Listing, named: Sequence[Ticket]) -> Finding:
    """Return what the words and filters of an address find, as far as its reader may know.

    ``named`` are requests that the words name: they come first.
    """
    user, text = listing.user, listing.filters.text
    answers = search_for_staff(user, text) if text else AnswersFound()
    return Finding(
        listing,
        Kind(REQUESTS, *_requests(listing, [ticket.pk for ticket in named])),
        Kind(CITIZENS, *_citizens(user, text)),
        Kind(ANSWERS, answers.keys),
        answers,
    )


def named_in(listing: Listing) -> list[Ticket]:
    """Return the requests that the words name by number or reference and that meet the filters."""
    text = listing.filters.text
    if not text:
        return []
    return list(by_number_or_reference(listing.user, text).filter(listing.meets)[:MOST_NUMBERED])


def _requests(listing: Listing, named: Sequence[int]) -> tuple[Sequence[int], bool]:
    if not listing.filters.values:
        return (), False
    if not listing.filters.text:
        ids = _last_active(listing)
        return ids, len(ids) >= MOST_HITS
    return list(dict.fromkeys([*named, *listing.hits.ids])), listing.hits.has_more


def _last_active(listing: Listing) -> list[int]:
    """Return the last active that meet the filters: few are in work, the many have an index."""
    tickets = listing.tickets().order_by("-active_at", "-id")
    rows = [
        row
        for family in (unfinished(tickets), ended(tickets))
        for row in family.values_list("active_at", "pk")[:MOST_HITS]
    ]
    return [pk for _active_at, pk in sorted(rows, reverse=True)[:MOST_HITS]]


def _citizens(user: User, text: str) -> tuple[Sequence[int], bool]:
    if not text:
        return (), False
    ids = list(known_matching(user, text).values_list("pk", flat=True)[:MOST_HITS])
    return ids, len(ids) >= MOST_HITS


def piece_after(ids: Sequence[int], after: int | None) -> Piece:
    """Return the page of ``ids`` that follows one of them; what is gone leads to the first."""
    start = ids.index(after) + 1 if after in ids else 0
    shown = ids[start : start + PAGE]
    return Piece(shown, start, shown[-1] if start + PAGE < len(ids) else None)


def request_hits(finding: Finding, piece: Piece) -> list[TicketHit]:
    """Return what a page shows of requests; three queries."""
    listing = finding.listing
    terms = listing.hits.found.terms if listing.filters.text else frozenset[str]()
    return hits_of(listing.user, piece.ids, terms)


def citizen_hits(finding: Finding, piece: Piece) -> list[CitizenHit]:
    """Return what a page shows of citizens; three queries."""
    user, text = finding.listing.user, finding.listing.filters.text
    found = known_matching(user, text).filter(pk__in=piece.ids)
    lines = {citizen.pk: line_of(citizen, shown=None) for citizen in found}
    counts = _requests_of(user, piece.ids)
    marker = Marker(read_query(text).terms)
    return [
        CitizenHit(
            pk,
            marker.marked(lines[pk].name),
            marker.marked(lines[pk].detail),
            *counts.get(pk, (0, 0)),
        )
        for pk in piece.ids
        if pk in lines
    ]


def _requests_of(user: User, citizens: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Return for each citizen how many visible requests there are, and how many in work."""
    rows = visible_to(user).filter(citizen__in=citizens).order_by().values("citizen_id")
    counted = rows.annotate(x_all=Count("id"), x_open=Count("id", Q(status__in=UNFINISHED)))
    return {
        pk: (total, left)
        for pk, total, left in counted.values_list("citizen_id", "x_all", "x_open")
    }


def answer_hits(finding: Finding, piece: Piece) -> list[AnswerHit]:
    """Return what a page shows of answers; two queries."""
    user = finding.listing.user
    return hits_found(readable_by(user), piece.ids, user.language, finding.answers_found.terms)


def tabs_of(finding: Finding, current: str) -> list[dict[str, Any]]:
    """Return the kinds as tabs, each with its count and its address."""
    words = {
        REQUESTS: gettext("Requests"),
        CITIZENS: gettext("Citizens"),
        ANSWERS: gettext("Knowledge"),
    }
    return [
        {
            "label": words[kind.name],
            "count": len(kind.ids),
            "has_more": kind.has_more,
            "url": address_of(finding.listing, kind.name),
            "current": kind.name == current,
        }
        for kind in (finding.requests, finding.citizens, finding.answers)
    ]


def address_of(listing: Listing, kind: str, after: int | None = None) -> str:
    """Return the address of a kind of what this search finds, behind one of its keys."""
    pairs = [(KIND, kind)] if kind != REQUESTS else []
    pairs += [(AFTER, str(after))] if after is not None else []
    joint = "&" if "?" in listing.address else "?"
    return f"{listing.address}{joint}{urlencode(pairs)}" if pairs else listing.address
