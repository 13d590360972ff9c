"""Lets the town's story happen in its own time, through the doors that people use.

Doors take the moment from Django's clock. Here, and nowhere else, that clock is
told a moment of the past, so that history, deadlines, receipts and numbers are as
true as if the town had worked for a year (docs/adr/0025).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo

from django.utils import timezone

from helpdesk.reactions import dispatch
from helpdesk.sla.domain import deadlines

# What is written in one moment has an order; the database keeps microseconds.
TICK = timedelta(milliseconds=1)


class StoryClock:
    """The moment that Django's clock shows while the story is told; it never goes back."""

    def __init__(self, start: datetime) -> None:
        """Begin at ``start``."""
        self.moment = start

    def turn_to(self, moment: datetime) -> None:
        """Show ``moment``, or stay if it has passed."""
        self.moment = max(self.moment, moment)

    def read(self, tz: tzinfo | None = None) -> datetime:
        """Return the moment, a little later each time it is read."""
        self.moment += TICK
        return self.moment.astimezone(tz)


@contextmanager
def told_by(clock: StoryClock) -> Iterator[None]:
    """Let ``timezone.now()`` read ``clock``, also where it is the default of a column.

    Those defaults hold the function itself, so the class that it asks is exchanged,
    not the function. For a program that does nothing else at the time.
    """

    class Told(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override] # a plain moment, as its callers take it
            return clock.read(tz)

    real = timezone.datetime  # type: ignore[attr-defined] # the name by which now() finds the class
    timezone.datetime = Told  # type: ignore[attr-defined] # the same
    try:
        yield
    finally:
        timezone.datetime = real  # type: ignore[attr-defined] # the same


@dataclass(order=True, slots=True)
class Happening:
    """Something of the story, and when; ``number`` keeps the order of what is simultaneous."""

    at: datetime
    number: int
    happen: Callable[[], None] = field(compare=False)


def tell(happenings: list[Happening], clock: StoryClock) -> None:
    """Let everything happen in order, each followed by what follows from it."""
    with told_by(clock):
        for happening in sorted(happenings):
            _pass_time(clock, happening.at)
            happening.happen()
            follow()


def follow() -> None:
    """Seal what was written and let it have its consequences now."""
    for reaction in dispatch.seal_committed():
        dispatch.react(reaction)


def _pass_time(clock: StoryClock, moment: datetime) -> None:
    """Go on to ``moment`` and record what the time alone has brought until then."""
    clock.turn_to(moment)
    if deadlines.record_due(now=moment) + deadlines.wake_tickets(now=moment):
        follow()
