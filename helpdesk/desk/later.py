"""When a request comes back: what the menu "Later" offers, and what was chosen of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy, gettext_noop

MORNING = time(8)
MONDAY = 0
MAX_DAYS = 365


class NoMomentError(Exception):
    """What was chosen is no day, or not one to come within a year."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of the menu."""

    value: str
    label: str
    at: datetime


def _next_monday(today: date) -> date:
    return today + timedelta(days=7 - today.weekday() or 7)


# Value in the form → its words, and the day it means.
DAYS: dict[str, tuple[str, Callable[[date], date]]] = {
    "tomorrow": (gettext_noop("Tomorrow, 8:00"), lambda today: today + timedelta(days=1)),
    "monday": (gettext_noop("Monday, 8:00"), _next_monday),
    "week": (gettext_noop("In a week"), lambda today: today + timedelta(days=7)),
    "fortnight": (gettext_noop("In two weeks"), lambda today: today + timedelta(days=14)),
    "month": (gettext_noop("In four weeks"), lambda today: today + timedelta(days=28)),
}
SNOOZES = ("tomorrow", "monday", "week")
# What can be waited for: when nothing has come by then, the request comes back by itself.
REMINDERS = ("week", "fortnight", "month")


def morning_of(day: date) -> datetime:
    """Return eight o'clock of a day."""
    return timezone.make_aware(datetime.combine(day, MORNING))


def moments(values: tuple[str, ...]) -> list[Moment]:
    """Return lines of the menu with the moment each means today."""
    today = timezone.localdate()
    return [
        Moment(value, str(gettext_lazy(DAYS[value][0])), morning_of(DAYS[value][1](today)))
        for value in values
    ]


def read_moment(when: str, typed_day: str = "") -> datetime:
    """Return the moment that a value of the menu, or a typed day, means; raises NoMomentError."""
    today = timezone.localdate()
    if when in DAYS:
        return morning_of(DAYS[when][1](today))
    try:
        day = date.fromisoformat(typed_day)
    except ValueError as error:
        raise NoMomentError from error
    if not today < day <= today + timedelta(days=MAX_DAYS):
        raise NoMomentError
    return morning_of(day)
