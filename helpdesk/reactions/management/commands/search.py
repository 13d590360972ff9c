"""Command that tells how the search index is, builds it anew, or compares it with what there is."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from helpdesk.reactions import indexing
from helpdesk.search.backend import IndexBusyError
from helpdesk.search.engines import engine


class Command(BaseCommand):
    """``search status | rebuild | sweep``; status exits with 1 unless all is read."""

    help = "Look after the search index, which can be built anew at any time."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the action."""
        parser.add_argument("action", choices=("status", "rebuild", "sweep"))

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do what was asked; say how it ended in one line."""
        try:
            {"status": self._status, "rebuild": self._rebuild, "sweep": self._sweep}[
                options["action"]
            ]()
        except IndexBusyError as error:
            raise CommandError("another process writes to the index; try again") from error

    def _status(self) -> None:
        here = engine()
        meta = here.meta()
        if meta is None:
            raise CommandError(f"{here.name}: no index; it is built by the running program")
        if meta.building:
            raise CommandError(
                f"{here.name}: is being built, at {meta.building.kind} {meta.building.after}"
            )
        unread = indexing.unread(meta)
        line = f"{here.name}: knows events up to {meta.seq}, {unread} not yet read"
        if meta.failed:
            raise CommandError(f"{line}, unreadable: {', '.join(meta.failed)}")
        self.stdout.write(line)

    def _rebuild(self) -> None:
        here = engine()
        for meta in indexing.rebuild(here):
            if meta.building:
                self.stdout.write(f"{meta.building.kind} {meta.building.after}")
        self._status()

    def _sweep(self) -> None:
        self.stdout.write(f"{indexing.sweep(engine())} documents mended")
