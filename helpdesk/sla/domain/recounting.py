"""Counts running clocks anew when their calendar or agreement has changed: a job, not a request.

The agreement's row is the queue: it says after which clock the counting goes on, so that a
killed process is continued by the next one, and a further change begins again.
"""

from django.db import transaction

from helpdesk.events.publish import SYSTEM, Fact, publish
from helpdesk.sla.domain.clocks import FIELDS, keep_deadline, recount
from helpdesk.sla.models import Agreement, Clock

RECOUNTED = "settings.recounted"
BATCH = 100
BATCHES_A_TICK = 20


def ask_for_recount(*, calendar_id: int) -> None:
    """Let every agreement of a calendar be counted anew from its first clock on."""
    Agreement.objects.filter(calendar_id=calendar_id).update(recount_after=0, recounted=0)


def recount_waiting() -> int:
    """Count what waits, some batches of it; return how many deadlines moved."""
    moved = 0
    for _ in range(BATCHES_A_TICK):
        found = _one_batch()
        if found is None:
            return moved
        moved += found
    return moved


@transaction.atomic
def _one_batch() -> int | None:
    agreement = (
        Agreement.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("calendar")
        .filter(recount_after__isnull=False)
        .first()
    )
    if agreement is None:
        return None
    clocks = _next_clocks(agreement)
    moved = sum(_recount_one(agreement, clock) for clock in clocks)
    agreement.recounted += moved
    is_done = len(clocks) < BATCH
    agreement.recount_after = None if is_done else clocks[-1].pk
    agreement.save(update_fields=["recount_after", "recounted"])
    if is_done:
        _record(agreement)
    return moved


def _next_clocks(agreement: Agreement) -> list[Clock]:
    waiting = Clock.objects.select_for_update().filter(
        agreement=agreement, stopped_at__isnull=True, pk__gt=agreement.recount_after or 0
    )
    return list(waiting.order_by("pk")[:BATCH])


def _recount_one(agreement: Agreement, clock: Clock) -> bool:
    clock.agreement = agreement
    target = {
        Clock.Kind.FIRST_ANSWER: agreement.first_answer_minutes,
        Clock.Kind.SOLUTION: agreement.solution_minutes,
    }[Clock.Kind(clock.kind)]
    # A promise that is no longer made to others stays one to whom it was made.
    moved = recount(clock, target + clock.extended_minutes if target else clock.target_minutes)
    clock.save(update_fields=FIELDS)
    keep_deadline(clock.ticket_id, Clock.objects.filter(ticket_id=clock.ticket_id))
    return moved


def _record(agreement: Agreement) -> None:
    publish(
        fact=Fact(
            RECOUNTED,
            "agreement",
            agreement.pk,
            agreement.authority_id,
            data={"moved": agreement.recounted},
        ),
        actor=SYSTEM,
    )
