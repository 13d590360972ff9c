"""Fill an empty database with invented requests and answers, to measure against."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from helpdesk.project.filling.answers import AnswersThereError, NoAuthorityError, fill_answers
from helpdesk.project.filling.fill import NotEmptyError, fill


class Command(BaseCommand):
    """Write requests with all that belongs to them; refuses where there are any."""

    help = "Fill an empty database with invented requests and answers, the same each time."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take how many, and from which seed."""
        parser.add_argument("--tickets", type=int, default=10_000)
        parser.add_argument("--answers", type=int, default=0, help="of the knowledge base")
        parser.add_argument("--seed", type=int, default=1)

    def handle(self, *, tickets: int, answers: int, seed: int, **_given: Any) -> None:
        """Fill, and name the longest request at the end; ``--tickets 0`` adds answers alone."""
        if tickets < 0 or answers < 0 or not tickets + answers:
            raise CommandError("--tickets or --answers needs a number above 0.")
        if tickets:
            self._fill_tickets(tickets, seed)
        if answers:
            self._fill_answers(answers, seed)

    def _fill_tickets(self, tickets: int, seed: int) -> None:
        began = time.monotonic()
        try:
            longest = fill(tickets=tickets, seed=seed, tell_progress=self._progress)
        except NotEmptyError as error:
            raise CommandError("There are requests already; fill an empty database.") from error
        seconds = time.monotonic() - began
        self.stdout.write(f"{tickets} requests in {seconds:.0f} s; longest: {longest.number}")

    def _fill_answers(self, answers: int, seed: int) -> None:
        began = time.monotonic()
        try:
            fill_answers(count=answers, seed=seed)
        except AnswersThereError as error:
            raise CommandError("There are answers already; fill an empty database.") from error
        except NoAuthorityError as error:
            raise CommandError("There is no authority yet; fill in requests first.") from error
        self.stdout.write(f"{answers} answers in {time.monotonic() - began:.0f} s")

    def _progress(self, done: int) -> None:
        if done % 10_000 == 0:
            self.stdout.write(f"{done} …")
