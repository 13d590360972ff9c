"""What beat wakes in this room."""

import time

from celery import shared_task

from helpdesk.tickets.domain.bulk import TASK, work_off_all
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


@shared_task(name=TASK)
def bulk() -> None:
    """Go on with changes of many tickets that no request has finished."""
    work_off_all(until=time.monotonic() + 20.0)
