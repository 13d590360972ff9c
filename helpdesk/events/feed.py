"""Reads sealed events in the order of their numbers: the only cursor there is."""

from django.db.models import Max

from helpdesk.events.models import Event, Seal

PAGE = 200


def head() -> int:
    """Return the highest number given out, 0 in an empty installation."""
    return Seal.objects.aggregate(head=Max("seq"))["head"] or 0


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
