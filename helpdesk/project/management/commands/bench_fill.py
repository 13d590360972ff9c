"""Fill an empty database with invented requests, to measure against."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from helpdesk.project.filling.fill import NotEmptyError, fill


class Command(BaseCommand):
    """Write requests with all that belongs to them; refuses where there are any."""

    help = "Fill an empty database with invented requests of the same kind each time."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take how many, and from which seed."""
        parser.add_argument("--tickets", type=int, default=10_000)
        parser.add_argument("--seed", type=int, default=1)

    def handle(self, *, tickets: int, seed: int, **_given: Any) -> None:
        """Fill, and name the longest request at the end."""
        began = time.monotonic()
        if tickets < 1:
            raise CommandError("--tickets needs a number above 0.")
        try:
            longest = fill(tickets=tickets, seed=seed, tell_progress=self._progress)
        except NotEmptyError as error:
            raise CommandError("There are requests already; fill an empty database.") from error
        seconds = time.monotonic() - began
        self.stdout.write(f"{tickets} requests in {seconds:.0f} s; longest: {longest.number}")

    def _progress(self, done: int) -> None:
        if done % 10_000 == 0:
            self.stdout.write(f"{done} …")
