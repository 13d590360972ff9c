"""Take in mail in a process of its own, where an installation runs in several."""

import os
import signal
import sys
import threading
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from channels_in.mail.fetchers import FetcherThreads
from channels_in.mail.listener import Listener
from helpdesk.project.memory import freeze

STOP_SECONDS = 5.0


class Command(BaseCommand):
    """Watch all mailboxes and listen for mail, and nothing else.

    Any number of these may run, on any number of machines: each mailbox is one's at a
    time, by a lease. What follows from a mail is for the Celery workers.
    """

    help = "Watch the mailboxes and listen for mail, without serving pages."
    requires_system_checks = ()

    def handle(self, **_given: Any) -> None:
        """Work until SIGTERM or SIGINT; refusals are one line and exit code 1."""
        if settings.EMBEDDED:
            raise CommandError(
                "fetch is for an installation of several processes, and needs ANLIEGEN_REDIS_URL. "
                "Without it `manage.py serve` takes in mail itself."
            )
        asked_to_stop = threading.Event()

        def ask_to_stop(_number: int, _frame: FrameType | None) -> None:
            asked_to_stop.set()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, ask_to_stop)
        listener = _listen()
        fetchers = FetcherThreads()
        fetchers.start()
        freeze()
        self.stdout.write("Anliegen takes in mail.")
        self.stdout.flush()
        asked_to_stop.wait()
        if listener is not None:
            listener.stop()
        fetchers.stop(STOP_SECONDS)
        # As `serve`: threads that wait on the wire must not hold back the end of the process, and
        # whoever still files a mail loses nothing by it.
        self.stdout.flush()
        os._exit(0)


def _listen() -> Listener | None:
    if settings.SMTP_LISTEN is None:
        return None
    listener = Listener(*settings.SMTP_LISTEN)
    try:
        listener.start()
    except OSError:
        sys.exit(f"Anliegen takes in no mail: port {settings.SMTP_LISTEN[1]} is in use.")
    return listener
