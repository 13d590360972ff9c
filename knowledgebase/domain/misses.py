"""What is searched for, in vain or not, kept without knowing who searched.

Two visitors are told apart by a number below 4096 made of their network, their browser and the
words with a key of ours: it fits some millions of others as well, is kept for three visitors at
most, and is gone when the words may be shown. Words that may name a person are never kept.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from helpdesk.agents.models import User
from knowledgebase.models import SearchMiss, SearchUse

SHOWN_FROM = 3
# So many distinct queries are kept for an authority; beyond that new ones wait for old to go.
MOST_KEPT = 5000
KEPT_DAYS = 90
ALONE_DAYS = 14
LONGEST = 60
MOST_WORDS = 6
MARKS = 4096
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*|\d+")
# Numbers of this length belong to somebody: telephones, documents, requests.
_PERSONAL = re.compile(r"@|\d{4}")


Kind = TypeVar("Kind", SearchMiss, SearchUse)


@dataclass(frozen=True, slots=True)
class Miss:
    """One search, most often without a hit; two of one visitor are equal."""

    authority_id: int
    query: str
    mark: int


def miss_of(*, authority_id: int, words: str, visitor: str) -> Miss | None:
    """Return what may be kept of a search; None when it may name a person."""
    query = " ".join(_WORD.findall(words.casefold()))
    if not query or len(query) > LONGEST or _PERSONAL.search(words):
        return None
    if len(query.split()) > MOST_WORDS:
        return None
    digest = salted_hmac("knowledgebase.miss", f"{query}|{visitor}", algorithm="sha256").digest()
    return Miss(authority_id, query, int.from_bytes(digest[:4], "big") % MARKS)


@transaction.atomic
def record_misses(*, counts: Mapping[Miss, int], day: date) -> None:
    """Add searches without a hit to what is known of them."""
    _record(SearchMiss, counts, day)


@transaction.atomic
def record_uses(*, counts: Mapping[Miss, int], day: date) -> None:
    """Add searches that found something; who asks twice within a moment asked once."""
    _record(SearchUse, dict.fromkeys(counts, 1), day)


@transaction.atomic
def record_openings(*, counts: Mapping[Miss, int], day: date) -> None:
    """Add that something was opened of what a search had found; a visitor counts once at a time."""
    visitors = Counter((miss.authority_id, miss.query) for miss in counts)
    for (authority_id, query), number in sorted(visitors.items()):
        rows = SearchUse.objects.filter(authority_id=authority_id, query=query)
        rows.update(opened=F("opened") + number, last_on=Greatest("last_on", Value(day)))


def _record(kind: type[Kind], counts: Mapping[Miss, int], day: date) -> None:
    marks: dict[tuple[int, str], dict[int, int]] = defaultdict(dict)
    for miss, number in counts.items():
        marks[(miss.authority_id, miss.query)][miss.mark] = number
    for (authority_id, query), seen in sorted(marks.items()):
        row = _row(kind, authority_id, query, day)
        if row is not None:
            _add(row, seen, day)


def _row(kind: type[Kind], authority_id: int, query: str, day: date) -> Kind | None:
    rows = kind.objects.filter(authority_id=authority_id)
    if not rows.filter(query=query).exists():
        if rows.count() >= MOST_KEPT:
            return None
        fresh = kind(authority_id=authority_id, query=query, first_on=day, last_on=day)
        kind.objects.bulk_create([fresh], ignore_conflicts=True)
    return rows.select_for_update().get(query=query)


def _add(row: SearchMiss | SearchUse, seen: Mapping[int, int], day: date) -> None:
    row.searches += sum(seen.values())
    row.last_on = max(row.last_on, day)
    if row.visitors < SHOWN_FROM:
        marks = sorted({*row.marks, *seen})
        row.visitors = min(len(marks), SHOWN_FROM)
        row.marks = [] if row.visitors == SHOWN_FROM else marks
    row.save(update_fields=["searches", "last_on", "visitors", "marks"])


@transaction.atomic
def ignore_use(*, use_id: int, user: User) -> None:
    """Show this search to editors no more."""
    SearchUse.objects.filter(pk=use_id, authority_id=user.authority_id).update(is_ignored=True)


@transaction.atomic
def ignore_miss(*, miss_id: int, user: User) -> None:
    """Show these words to editors no more."""
    SearchMiss.objects.filter(pk=miss_id, authority_id=user.authority_id).update(is_ignored=True)


@transaction.atomic
def forget_misses(*, ids: Collection[int] = (), today: date | None = None) -> None:
    """Forget what was not asked for again in 90 days, and these, which are found by now."""
    oldest = (today or timezone.localdate()) - timedelta(days=KEPT_DAYS)
    SearchMiss.objects.filter(last_on__lt=oldest).delete()
    SearchUse.objects.filter(last_on__lt=oldest).delete()
    # Most of what is asked is asked by one person once; it must not keep the room of the others.
    alone = SearchUse.objects.filter(visitors__lt=SHOWN_FROM)
    alone.filter(last_on__lt=oldest + timedelta(days=KEPT_DAYS - ALONE_DAYS)).delete()
    SearchMiss.objects.filter(pk__in=ids).delete()
