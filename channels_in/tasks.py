"""The tasks of the ways in; they only wake, the stored mails are the queue."""

from celery import shared_task

from channels_in import alarm, process, quarantine, sent_copies, spam
from channels_in.store import TASK


@shared_task(name=TASK)
def process_waiting() -> None:
    """Bring stored mails to their outcome."""
    process.drain()


@shared_task(name="channels_in.rescue")
def rescue_overdue() -> None:
    """Make tickets of mails that nobody could read and nobody took care of."""
    quarantine.rescue_overdue()


@shared_task(name="channels_in.sent_copies")
def copy_sent() -> None:
    """Lay copies of what was sent into the mailboxes that want them; returns at once."""
    sent_copies.start()


@shared_task(name="channels_in.purge_spam")
def purge_spam() -> None:
    """Delete spam that was held for as long as its mailbox says."""
    spam.purge_spam()


@shared_task(name="channels_in.alarm")
def raise_alarms() -> None:
    """Tell administrators of mailboxes that have fallen silent."""
    alarm.raise_alarms()
