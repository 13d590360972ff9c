"""Restore a backup into an empty data folder."""

from argparse import ArgumentParser
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from helpdesk.project.backup import BackupError, restore_backup
from helpdesk.project.datafolder import FolderInUseError, locked


class Command(BaseCommand):
    """Refuses before the first write whatever does not fit."""

    help = "Restore a backup into an empty data folder that already holds its secret.key."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the backup."""
        parser.add_argument("path", type=Path)

    def handle(self, *, path: Path, **_options: object) -> None:
        """Restore, and say what is to be done next."""
        try:
            with locked(settings.DATA):
                report = restore_backup(path, settings.DATA)
        except FolderInUseError as error:
            raise CommandError(f"{settings.DATA} is being served; stop it first.") from error
        except BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Restored database and {report.files} files to {settings.DATA}.")
        self.stdout.write("Mails that waited to be sent are marked unsure: see Failed sendings.")
