"""Leases and pauses by the database's time, which end also if a clock was wrong at first."""

from datetime import timedelta

from django.db.models import Q
from django.db.models.functions import Now

# How far two clocks, or one clock before and after it was set, may differ unnoticed.
SKEW = timedelta(minutes=5)


def is_over(field: str, longest: timedelta) -> Q:
    """Return what holds for a moment in ``field`` that is not there, past, or impossible.

    Nothing is leased or put off for longer than ``longest``: a moment that lies further
    ahead was set by a clock that has been put right since, and would hold things up until
    its own time comes (quality.md F20).
    """
    past = Q(**{f"{field}__isnull": True}) | Q(**{f"{field}__lte": Now()})
    return past | is_impossible(field, longest)


def is_impossible(field: str, longest: timedelta) -> Q:
    """Return what holds for a moment further ahead than anything is ever put off."""
    return Q(**{f"{field}__gt": Now() + (longest + SKEW)})
