"""The task that looks after the outbox; threads of their own do the sending."""

from celery import shared_task
from celery.signals import worker_process_shutdown

from helpdesk.outbox.queue import TASK
from helpdesk.outbox.retention import forget_expired
from helpdesk.outbox.upkeep import look_after
from helpdesk.outbox.workers import request_stop, wait_idle, workers

# As long as a sending may wait for its reply when the process is asked to end.
PATIENCE = 15.0


@shared_task(name=TASK)
def deliver_due() -> None:
    """Recover what was interrupted and start delivering what is due; returns at once."""
    look_after()
    workers.start_due()


@shared_task(name="outbox.tidy")
def tidy() -> None:
    """Forget links that are over."""
    forget_expired()


@worker_process_shutdown.connect
def _finish(**_signal: object) -> None:
    request_stop()
    wait_idle(PATIENCE)
