"""The task that looks at the time."""

from celery import shared_task

from helpdesk.sla.domain import deadlines, recounting


@shared_task(name="sla.tick")
def tick() -> None:
    """Record what is due and wake what has waited long enough; repeating it changes nothing."""
    recounting.recount_waiting()
    deadlines.record_due()
    deadlines.wake_tickets()
