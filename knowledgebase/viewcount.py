"""How often answers are read, and what is searched for, counted outside of requests."""

from collections.abc import Mapping

from django.utils import timezone

from knowledgebase.domain.feedback import record_requests, record_views
from knowledgebase.domain.misses import Miss, record_misses, record_openings, record_uses
from knowledgebase.pending import PendingCounts

MOST_MISSES = 500


def _write_views(counts: Mapping[int, int]) -> None:
    record_views(counts=counts, day=timezone.localdate())


def _write_requests(counts: Mapping[int, int]) -> None:
    record_requests(counts=counts, day=timezone.localdate())


def _write_misses(counts: Mapping[Miss, int]) -> None:
    record_misses(counts=counts, day=timezone.localdate())


def _write_uses(counts: Mapping[Miss, int]) -> None:
    record_uses(counts=counts, day=timezone.localdate())


def _write_openings(counts: Mapping[Miss, int]) -> None:
    # What was opened was searched for before: those searches must be known first.
    uses.flush()
    record_openings(counts=counts, day=timezone.localdate())


views: PendingCounts[int] = PendingCounts(_write_views)
# Answers at whose end a request was begun and sent.
led_on: PendingCounts[int] = PendingCounts(_write_requests)
misses: PendingCounts[Miss] = PendingCounts(_write_misses, most=MOST_MISSES)
# Searches that found something, and those of which something was opened.
uses: PendingCounts[Miss] = PendingCounts(_write_uses, most=MOST_MISSES)
openings: PendingCounts[Miss] = PendingCounts(_write_openings, most=MOST_MISSES)
