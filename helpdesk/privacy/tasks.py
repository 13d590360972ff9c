"""What beat wakes in this room."""

from celery import shared_task

from helpdesk.citizens.domain.kept import forget_changes
from helpdesk.privacy.domain.purge import empty_trash


@shared_task(name="privacy.empty_trash")
def empty() -> None:
    """Delete for good what has been in the bin for its time."""
    empty_trash()


@shared_task(name="privacy.forget_changes")
def forget() -> None:
    """Delete what staff changed of people once it can't be taken back any more."""
    forget_changes()
