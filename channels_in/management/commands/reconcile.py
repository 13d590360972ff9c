"""``manage.py reconcile``: proves that no mail was lost, or names which."""

import sys
from argparse import ArgumentParser

from django.core.management.base import BaseCommand

from channels_in import reconcile

COLUMNS = ("seen", "articles", "quarantined", "ignored", "discarded", "waiting", "spam")
WIDTH = 60


class Command(BaseCommand):
    """Print a balance for each account and a line for each check; exit 1 on any difference."""

    help = "Compare mails seen with what became of them, and rows with their bytes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Let a quick run leave out the reading of every file."""
        parser.add_argument("--quick", action="store_true", help="do not read all bytes")

    def handle(self, *_args: object, **options: bool) -> None:
        """Print the tables."""
        is_even = self._print_balances()
        is_clean = self._print_findings(read_bytes=not options["quick"])
        for name in reconcile.accounts_without_success():
            self.stdout.write(f"note: the mailbox {name} has never been read")
        if is_even and is_clean:
            self.stdout.write("Everything is where it belongs.")
            return
        self.stderr.write("There are differences.")
        sys.exit(1)

    def _print_balances(self) -> bool:
        self.stdout.write(f"{'account':<30}" + "".join(f"{name:>12}" for name in COLUMNS))
        rows = reconcile.balances()
        for row in rows:
            figures = "".join(f"{getattr(row, name):>12}" for name in COLUMNS)
            verdict = "" if row.is_even else "   UNEVEN"
            self.stdout.write(f"{row.account[:29]:<30}{figures}{verdict}")
        return all(row.is_even for row in rows)

    def _print_findings(self, *, read_bytes: bool) -> bool:
        is_clean = True
        for finding in reconcile.findings(read_bytes=read_bytes):
            named = ", ".join(map(str, finding.rows[: reconcile.MAX_NAMED]))
            more = ", …" if len(finding.rows) > reconcile.MAX_NAMED else ""
            verdict = "none" if finding.is_clean else f"{len(finding.rows)}: {named}{more}"
            self.stdout.write(f"{finding.check:<{WIDTH}}{verdict}")
            is_clean = is_clean and finding.is_clean
        return is_clean
