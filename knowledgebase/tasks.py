"""What beat wakes in this room."""

from celery import shared_task

from knowledgebase.domain.misses import forget_misses
from knowledgebase.domain.reminders import remind_owners
from knowledgebase.domain.workflow import publish_due
from knowledgebase.search import found_by_now


@shared_task(name="knowledgebase.publish")
def publish() -> None:
    """Publish what is scheduled for now."""
    publish_due()


@shared_task(name="knowledgebase.remind")
def remind() -> None:
    """Tell owners of answers that should be read through again."""
    remind_owners()


@shared_task(name="knowledgebase.tidy")
def tidy() -> None:
    """Forget old searches in vain, and those that find something by now."""
    forget_misses(ids=found_by_now())
