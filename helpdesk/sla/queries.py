"""Reads of promised times."""

import math
from datetime import datetime, timedelta
from statistics import median
from typing import Any, Final

from django.core.cache import cache
from django.utils import timezone

from helpdesk.agents.models import Calendar
from helpdesk.lib.worktime import NoWorkingTimeError, WorkCalendar, add_minutes, minutes_between
from helpdesk.sla.domain.calendars import work_calendar
from helpdesk.sla.models import Agreement, Clock
from helpdesk.tickets.models import Ticket

# How long answers usually took is told of the last of them, of no fewer than some, and for an hour.
LOOKED_BACK: Final = timedelta(days=180)
MOST_MEASURED, FEWEST_MEASURED = 200, 5
KNOWN_SECONDS = 3600
# A working day as people count it, whatever its hours.
DAY_MINUTES = 8 * 60
# What of a calendar is counted by, and how long pages go by what they have read of it.
COUNTED_BY: Final = ("time_zone", "country", "subdivision", "hours", "extra_holidays")
CALENDAR_SECONDS: Final = 60


def promised_answer(ticket: Ticket) -> datetime | None:
    """Return until when an answer is promised, None if nothing is.

    Clocks start a moment after a request was filed; whoever filed it sees the same
    date at once.
    """
    if ticket.due_at is not None:
        return ticket.due_at
    agreement = (
        Agreement.objects.select_related("calendar")
        .filter(authority_id=ticket.authority_id, is_default=True)
        .first()
    )
    if agreement is None or agreement.first_answer_minutes is None:
        return None
    calendar = work_calendar(agreement.calendar)
    try:
        return add_minutes(ticket.received_at, agreement.first_answer_minutes, calendar)
    except NoWorkingTimeError:
        return None


def usual_days(ticket: Ticket) -> int | None:
    """Return within how many working days half of those of its topic had an answer, lately.

    None where the topic is unknown or too few were answered to say so.
    """
    if ticket.category_id is None:
        return None
    key = f"usual-days:{ticket.category_id}"
    known: int | None = cache.get(key)
    if known is None:
        known = _usual_days(ticket.category_id)
        cache.set(key, known, KNOWN_SECONDS)
    return known or None


def _usual_days(category_id: int) -> int:
    clocks = Clock.objects.filter(
        ticket__category=category_id,
        # The end of a request stops this clock, too: of spam, of what was merged or withdrawn.
        ticket__first_answer_at__isnull=False,
        kind=Clock.Kind.FIRST_ANSWER,
        stopped_at__gt=timezone.now() - LOOKED_BACK,
    )
    latest = clocks.select_related("agreement__calendar").order_by("-pk")[:MOST_MEASURED]
    spent = list(map(_spent, latest))
    if len(spent) < FEWEST_MEASURED:
        return 0
    return max(1, math.ceil(median(spent) / DAY_MINUTES))


def _spent(clock: Clock) -> int:
    """Return the working minutes until a clock was stopped; what it last ran is not added up."""
    if clock.running_since is None or clock.stopped_at is None:
        return clock.spent_minutes
    calendar = work_calendar(clock.agreement.calendar)
    try:
        ran = minutes_between(clock.running_since, clock.stopped_at, calendar)
    except NoWorkingTimeError:
        ran = 0
    return clock.spent_minutes + ran


def counted_by(agreement_id: int) -> WorkCalendar:
    """Return the calendar by which an agreement is counted, a minute old at most."""
    key = f"counted-by:{agreement_id}"
    kept: dict[str, Any] | None = cache.get(key)
    if kept is None:
        calendar = Agreement.objects.select_related("calendar").get(pk=agreement_id).calendar
        kept = {name: getattr(calendar, name) for name in COUNTED_BY}
        cache.set(key, kept, CALENDAR_SECONDS)
    return work_calendar(Calendar(**kept))
