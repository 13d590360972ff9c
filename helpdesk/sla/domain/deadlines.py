"""What time alone brings: promises nearly due, promises broken, tickets whose date has come."""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from helpdesk.sla.domain.clocks import note_missed, note_near
from helpdesk.sla.models import Clock
from helpdesk.tickets.domain.state import wake_waiting
from helpdesk.tickets.enums import WAITING
from helpdesk.tickets.models import Ticket

BATCH = 100


def record_due(*, now: datetime | None = None) -> int:
    """Record deadlines that are near or missed as facts, each once; return how many."""
    at = now or timezone.now()
    missed = Q(due_at__lte=at)
    near = Q(due_at__gt=at, near_at__lte=at, warned_at__isnull=True)
    return _in_batches(missed, note_missed, "missed_at") + _in_batches(
        near, lambda clock: note_near(clock, at), "warned_at"
    )


def wake_tickets(*, now: datetime | None = None) -> int:
    """Open the tickets whose time to wait is over; return how many."""
    over = Ticket.objects.filter(waiting_until__lte=now or timezone.now(), status__in=WAITING)
    due = over.order_by("waiting_until")
    ids = list(due.values_list("id", flat=True)[:BATCH])
    return sum(wake_waiting(ticket_id=ticket_id) for ticket_id in ids)


def _in_batches(condition: Q, note: Callable[[Clock], None], field: str) -> int:
    total = 0
    while done := _one_batch(condition, note, field):
        total += done
    return total


@transaction.atomic
def _one_batch(condition: Q, note: Callable[[Clock], None], field: str) -> int:
    running = Clock.objects.filter(condition, stopped_at__isnull=True, missed_at__isnull=True)
    clocks = list(running.select_for_update(skip_locked=True).order_by("due_at")[:BATCH])
    for clock in clocks:
        note(clock)
        clock.save(update_fields=(field,))
    return len(clocks)
