"""Reads of who is away today, and for whom somebody stands in."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from helpdesk.agents.models import Absence, User


def absence_of(user: User) -> Absence | None:
    """Return the absence of an agent that lasts or is still to come."""
    coming = Absence.objects.filter(user=user, ends_on__gte=timezone.localdate())
    return coming.select_related("substitute").order_by("starts_on", "id").first()


def away_today(user_ids: Iterable[int]) -> dict[int, int | None]:
    """Return those of the agents who are away today, each with their substitute, if any."""
    today = timezone.localdate()
    rows = Absence.objects.filter(user_id__in=set(user_ids), starts_on__lte=today)
    rows = rows.filter(ends_on__gte=today, user__is_active=True).order_by("id")
    return dict(rows.values_list("user_id", "substitute_id"))


def represented_by(user_id: Any, today: Any) -> QuerySet[Absence]:  # noqa: ANN401 - keys or slots
    """Return the absences in which ``user_id`` stands in on this day, by who is away."""
    away = Absence.objects.filter(
        substitute_id=user_id, starts_on__lte=today, ends_on__gte=today, user__is_active=True
    )
    return away.order_by("user__name", "user_id")
