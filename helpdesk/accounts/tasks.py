"""What beat wakes in this room."""

from celery import shared_task

from helpdesk.accounts.domain.sessions import sweep


@shared_task(name="accounts.tidy")
def tidy() -> None:
    """Forget sessions and links that are over, and accounts that nobody uses."""
    sweep()
