"""Back up the running installation."""

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from helpdesk.project.backup import BackupError, check_backup, make_backup


class Command(BaseCommand):
    """Write database and files to one checked archive; the key stays apart."""

    help = "Write a checked backup of database and files; keep secret.key apart from it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the target, or an existing backup to check."""
        parser.add_argument("path", type=Path)
        parser.add_argument("--check", action="store_true", help="only check an existing backup")

    def handle(self, *, path: Path, check: bool, **_options: object) -> None:
        """Make or check, and say what is in it."""
        try:
            report = check_backup(path) if check else make_backup(path)
        except BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{report.path}: database and {report.files} files, {report.bytes} bytes, checked."
        )
        if not check:
            self.stdout.write("Keep secret.key of the data folder in another place.")
