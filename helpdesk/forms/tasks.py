"""What beat wakes in this room."""

from celery import shared_task

from helpdesk.forms.domain.drafts import sweep


@shared_task(name="forms.tidy")
def tidy() -> None:
    """Forget drafts whose time is over, and files that were removed."""
    sweep()
