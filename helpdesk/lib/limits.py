"""How often something may happen in a span of time, counted in the shared cache.

The window slides: what happened in the span before counts by the share of it that
still lies within the last ``seconds``. What is refused does not count, so that
nobody locks themselves out by trying again.
"""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.cache import cache


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``amount`` in ``seconds``, for whatever ``key`` stands for."""

    key: str
    amount: int
    seconds: int

    def name(self, span: int) -> str:
        """Return the cache's name of one span."""
        return f"limit:{self.key}:{self.seconds}:{span}"


def spend(limits: Sequence[Limit], *, units: int = 1) -> int:
    """Count ``units`` against every limit; return 0, or the seconds to wait when one is used up.

    Then nothing is counted. Counting comes before looking, so that many at once
    don't all slip through.
    """
    now = time.time()
    taken: list[Limit] = []
    for limit in limits:
        _add(limit, now, units)
        taken.append(limit)
        wait = _wait(limit, now, units)
        if wait:
            for one in taken:
                _add(one, now, -units)
            return wait
    return 0


def _add(limit: Limit, now: float, units: int) -> None:
    name = limit.name(int(now // limit.seconds))
    cache.add(name, 0, timeout=2 * limit.seconds)
    try:
        cache.incr(name, units)
    except ValueError:
        # It ran out between the two lines.
        cache.set(name, max(units, 0), timeout=2 * limit.seconds)


def _wait(limit: Limit, now: float, units: int) -> int:
    """Return the seconds until ``units`` more would fit; they are already counted."""
    span, passed = divmod(now, limit.seconds)
    this: int = cache.get(limit.name(int(span)), 0)
    before: int = cache.get(limit.name(int(span) - 1), 0)
    rest = 1 - passed / limit.seconds
    if this + before * rest <= limit.amount:
        return 0
    if this <= limit.amount and before:
        share = (limit.amount - this) / before
        return max(1, math.ceil((rest - share) * limit.seconds))
    # All of it lies in the present span: it has to slide out of the next one.
    share = max(0.0, (limit.amount - units) / max(this - units, 1))
    return max(1, math.ceil((rest + 1 - share) * limit.seconds))
