"""Serve a whole installation from one process and one data folder."""

import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connections

from helpdesk.project import datafolder, options, setup
from helpdesk.project.serve import PortInUseError, Program, bind


class Command(BaseCommand):
    """Prepare the data folder, then serve until asked to stop."""

    help = "Serve everything in one process: portal, desk, mail listener, worker."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the options that :mod:`helpdesk.project.options` has already applied."""
        for action in options.parser()._actions:  # noqa: SLF001 - argparse has no public list
            parser._add_action(action)  # noqa: SLF001 - the same actions, parsed once

    def handle(self, **given: Any) -> None:
        """Run; every refusal is one line and exit code 1."""
        try:
            with datafolder.locked(settings.DATA):
                self._serve(given["host"], given["port"])
        except datafolder.FolderInUseError:
            sys.exit(f"Anliegen does not start: {settings.DATA} is already being served.")
        except setup.NotADemonstrationError:
            sys.exit(
                f"Anliegen does not start: {settings.DATA} holds a real installation, "
                "and DEMO=1 would show its mails to everybody. Use DEMO=0, or another DATA."
            )
        except PortInUseError as error:
            sys.exit(
                f"Anliegen does not start: port {error.port} is in use. "
                "Choose others with PORT=… and SMTP_PORT=…"
            )
        # Threads that wait on the wire must not hold back the end of the process.
        sys.stdout.flush()
        os._exit(0)

    def _serve(self, host: str, port: int) -> None:
        web_socket = bind(host, port)
        datafolder.compile_translations()
        backup = datafolder.migrate()
        datafolder.collect_static()
        installation = setup.ensure_installation(demo=settings.DEMO)
        connections.close_all()
        Program(
            web_socket=web_socket,
            smtp_address=settings.SMTP_LISTEN,
            on_listening=lambda: self._welcome(installation.welcome_lines, backup),
        ).run()

    def _welcome(self, lines: tuple[str, ...], backup: object) -> None:
        if backup:
            self.stdout.write(f"The older data folder was saved first: {backup}")
        smtp = ":".join(map(str, settings.SMTP_LISTEN)) if settings.SMTP_LISTEN else "off"
        self.stdout.write(
            f"\n  Anliegen is running.\n\n  Portal  {settings.BASE_URL}/\n"
            f"  Desk    {settings.BASE_URL}/a/\n  Mail    SMTP on {smtp}\n"
        )
        for line in lines:
            self.stdout.write(f"  {line}")
        self.stdout.write("\n  End with Ctrl-C.\n")
