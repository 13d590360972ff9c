"""What beat wakes in this room."""

from celery import shared_task

from helpdesk.privacy.domain.purge import empty_trash


@shared_task(name="privacy.empty_trash")
def empty() -> None:
    """Delete for good what has been in the bin for its time."""
    empty_trash()
