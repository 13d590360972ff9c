"""A clock that stands still until a test moves it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import time_machine

# A Wednesday noon without a holiday anywhere in Germany.
NOON = datetime(2026, 3, 4, 11, 0, tzinfo=UTC)


class Clock:
    """The time that the program under test sees."""

    def __init__(self, traveller: time_machine.Traveller) -> None:
        self._traveller = traveller

    @property
    def now(self) -> datetime:
        """The present, in UTC."""
        return datetime.now(UTC)

    def move_to(self, moment: datetime) -> None:
        """Jump, forwards or backwards."""
        self._traveller.move_to(moment)

    def advance(self, **duration: float) -> datetime:
        """Go on by ``hours=2`` or whatever timedelta takes, and return the new present."""
        self._traveller.shift(timedelta(**duration))
        return self.now


@contextmanager
def clock_at(moment: datetime = NOON) -> Iterator[Clock]:
    """Stop the clock at ``moment`` for this process."""
    with time_machine.travel(moment, tick=False) as traveller:
        yield Clock(traveller)
