"""What beat wakes in this room."""

from celery import shared_task

from helpdesk.tickets.domain.held import scan_files
from helpdesk.tickets.domain.learn import learn_topics


@shared_task(name="tickets.learn")
def learn() -> None:
    """Learn from the newest requests which words belong to which topic."""
    learn_topics()


@shared_task(name="tickets.scan_files")
def scan() -> None:
    """Ask the virus scanner about files that have no verdict, if there is one."""
    scan_files()
