"""Command for what the virus scanner said: list it, give a file out, ask about all anew."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from helpdesk.files.models import ScanState, StoredFile
from helpdesk.files.scan import held_files, scan_again, set_state, unchecked_files


class Command(BaseCommand):
    """``scan held | large | release ID | again``."""

    help = "Look after the files that a virus scanner holds back or finds too large."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the action and, for a release, the file's id."""
        parser.add_argument("action", choices=("held", "large", "release", "again"))
        parser.add_argument("file", type=int, nargs="?")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do what was asked."""
        if options["action"] == "held":
            self._list(held_files(), "are held back")
        elif options["action"] == "large":
            self._list(unchecked_files(), "are too large for the scanner and given out unscanned")
        elif options["action"] == "again":
            self.stdout.write(f"{scan_again()} files will be scanned")
        else:
            self._release(options["file"])

    def _list(self, files: list[StoredFile], words: str) -> None:
        for stored in files:
            kept = f"{stored.created_at:%Y-%m-%d %H:%M}  {stored.size} bytes"
            self.stdout.write(f"{stored.pk}  {stored.scan_note}  {stored.sha256}  {kept}")
        self.stdout.write(f"{len(files)} files {words}")

    def _release(self, file_id: int | None) -> None:
        if file_id not in {stored.pk for stored in held_files()}:
            raise CommandError("no file of this number is held back; see: scan held")
        assert file_id is not None  # noqa: S101 - it is among the held ones
        set_state(stored_id=file_id, state=ScanState.CLEAN, note="released by an administrator")
        self.stdout.write(f"file {file_id} is given out again")
