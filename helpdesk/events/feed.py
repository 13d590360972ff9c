"""Reads sealed events in the order of their numbers: the only cursor there is."""

from typing import Any

from django.db.models import QuerySet

from helpdesk.events.models import Event, Seal
from helpdesk.lib.statements import ask

PAGE = 200


def head() -> int:
    """Return the highest number given out, 0 in an empty installation."""
    found = ask(_newest)
    return int(found[0][0]) if found else 0


def _newest() -> QuerySet[Any]:
    return Seal.objects.order_by("-seq").values_list("seq")[:1]


def read_after(seq: int, *, limit: int = PAGE) -> list[Seal]:
    """Return the next seals after ``seq`` in order, each with its event loaded."""
    return list(Seal.objects.filter(seq__gt=seq).select_related("event").order_by("seq")[:limit])


def history(*, subject_kind: str, subject_id: int) -> list[Event]:
    """Return all events of one subject, oldest first, with the payloads that still exist."""
    return list(
        Event.objects.filter(subject_kind=subject_kind, subject_id=subject_id)
        .select_related("payload")
        .order_by("id")
    )
