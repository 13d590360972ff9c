"""Command that verifies the chain of history and prints its head to be kept elsewhere."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from helpdesk.events import chain, guards
from helpdesk.lib.figures import is_figure


class Command(BaseCommand):
    """``audit verify``: exit 0 if history is whole, 1 and the first broken number if not."""

    help = "Verify that no event was changed, removed or slipped in."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the action, and a head that was printed earlier."""
        parser.add_argument("action", choices=("verify",))
        parser.add_argument(
            "--head", default="", metavar="SEQ:HASH", help="a head that an earlier run printed"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Verify, and print the present head."""
        self._check_kept_head(options["head"])
        broken = chain.verify()
        if broken is not None:
            raise CommandError(f"the chain is broken at event number {broken}")
        if strays := chain.strays():
            raise CommandError(f"{strays} events were written outside of the chain")
        if missing := guards.missing(connection):
            raise CommandError(f"the database lacks the triggers {', '.join(missing)}")
        seq, seal_hash = chain.head()
        self.stdout.write(f"{seq} events, chain whole, head {seq}:{seal_hash}")

    def _check_kept_head(self, kept: str) -> None:
        seq, _, seal_hash = kept.partition(":")
        if kept and not (is_figure(seq) and chain.holds(int(seq), seal_hash)):
            raise CommandError(f"the chain no longer contains the head {kept}")
