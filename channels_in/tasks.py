"""The tasks of the ways in; they only wake, the stored mails are the queue."""

from celery import shared_task
from django.db import close_old_connections

from channels_in import process, quarantine
from channels_in.store import TASK


@shared_task(name=TASK)
def process_waiting() -> None:
    """Bring stored mails to their outcome."""
    close_old_connections()
    try:
        process.drain()
    finally:
        close_old_connections()


@shared_task(name="channels_in.rescue")
def rescue_overdue() -> None:
    """Make tickets of mails that nobody could read and nobody took care of."""
    close_old_connections()
    try:
        quarantine.rescue_overdue()
    finally:
        close_old_connections()
