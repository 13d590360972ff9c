"""Fills an empty database with requests, fast and always with the same ones."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.core.management.color import no_style
from django.db import connection, transaction
from django.utils import timezone

from helpdesk.events.models import Event
from helpdesk.project.filling.ledger import Ledger
from helpdesk.project.filling.rows import TABLES, Rows
from helpdesk.project.filling.story import Calendar, tell
from helpdesk.project.filling.town import Town, build_town
from helpdesk.reactions.dispatch import seal_committed
from helpdesk.reactions.models import Reaction
from helpdesk.tickets.models import NumberSeries, Ticket

if TYPE_CHECKING:
    from django.db.models import Model

BATCH = 1000
# Of a large table's indexes no page is read twice: SQLite's own two megabytes hold too few.
CACHE_KIB = 256 * 1024
LONGEST_PAST = timedelta(days=3 * 365)
BETWEEN_TICKETS = timedelta(minutes=15)
Tell = Callable[[int], None]


class NotEmptyError(Exception):
    """The database holds requests already; invented ones are never mixed with them."""


def fill(*, tickets: int, seed: int = 1, tell_progress: Tell | None = None) -> Ticket:
    """Write ``tickets`` requests and return the last, which has thirty articles.

    Raises NotEmptyError if there are any. Mails are not among the raw messages: what
    was never taken in can't be reconciled. Each batch is one transaction.
    """
    if Ticket.objects.exists():
        raise NotEmptyError
    chance = Random(seed)  # noqa: S311 - the same requests each time, no secret
    if connection.vendor == "sqlite":
        connection.cursor().execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    with transaction.atomic():
        town = build_town(tickets=tickets, chance=chance)
        # The facts of building it come first in the chain.
        seal_committed()
    now = timezone.now()
    begin = now - min(LONGEST_PAST, BETWEEN_TICKETS * tickets)
    rows = Rows(town, Ledger.at_end(), now, chance)
    last = Ticket()
    numbers = Numbers(town)
    for start in range(0, tickets, BATCH):
        end = min(start + BATCH, tickets)
        calendar = Calendar(begin, now, tickets)
        with transaction.atomic():
            for index in range(start, end):
                story = tell(index, calendar=calendar, cast=town.cast, chance=chance)
                last = rows.add(story, numbers(story.received_at))
            rows.save()
            _keep_series(town, numbers)
        if tell_progress:
            tell_progress(end)
    _tidy()
    return last


class Numbers:
    """Numbers of requests, counted by the year of the authority."""

    def __init__(self, town: Town) -> None:
        self._zone = ZoneInfo(town.authority.time_zone)
        self.last: Counter[int] = Counter()

    def __call__(self, at: datetime) -> str:
        """Return the next number of a year."""
        year = at.astimezone(self._zone).year
        self.last[year] += 1
        return f"{year}-{self.last[year]:06d}"


def _keep_series(town: Town, numbers: Numbers) -> None:
    for year, last in numbers.last.items():
        NumberSeries.objects.update_or_create(
            authority=town.authority, year=year, defaults={"last": last}
        )


def _tidy() -> None:
    """Let sequences go on after the ids we chose, and let the planner know the tables."""
    tables: list[type[Model]] = [*TABLES, Event, Reaction]
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), tables):
            cursor.execute(statement)
        for statement in _upkeep():
            cursor.execute(statement)


def _upkeep() -> tuple[str, ...]:
    if connection.in_atomic_block:
        return ("ANALYZE",)
    if connection.vendor == "postgresql":
        return ("VACUUM ANALYZE",)
    return ("ANALYZE", "PRAGMA optimize", "PRAGMA wal_checkpoint(TRUNCATE)")
