"""What beat wakes in this room."""

from celery import shared_task

from helpdesk.files.store import sweep_waiting


@shared_task(name="files.tidy")
def tidy() -> int:
    """Delete files that waited in vain for something that speaks of them."""
    return sweep_waiting()
