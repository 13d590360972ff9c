"""``manage.py receive < mail``: takes one mail from a mail server's pipe."""

import logging
import os
import sys
from argparse import ArgumentParser

from django.core.management.base import BaseCommand
from django.utils import timezone

from channels_in.limits import MAX_MAIL_BYTES
from channels_in.recipients import read_directory
from channels_in.store import keep

logger = logging.getLogger(__name__)

# sysexits.h, as Postfix and others understand them.
KEPT = 0
USAGE = 64
BAD_DATA = 65
TRY_AGAIN = 75


class Command(BaseCommand):
    """Exit 0 only after the commit, 75 if the mail server should try again."""

    help = "Take one mail on standard input; exit 0 once it is kept, 75 to have it sent again."
    # The rows are what counts; a pipe has no time for checks of everything.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the account by its address, or let the recipient decide."""
        parser.add_argument("--account", default="", help="address of the account it is for")
        parser.add_argument(
            "--sender", default=os.environ.get("SENDER"), help="envelope sender (or $SENDER)"
        )
        parser.add_argument(
            "--recipient",
            default=os.environ.get("ORIGINAL_RECIPIENT") or os.environ.get("RECIPIENT", ""),
            help="envelope recipient (or $ORIGINAL_RECIPIENT, $RECIPIENT)",
        )

    def handle(self, *_args: object, **options: str | None) -> None:
        """Read, keep, and leave by the right exit."""
        raw = sys.stdin.buffer.read(MAX_MAIL_BYTES + 1)
        if not raw:
            self._leave(BAD_DATA, "There is no mail on standard input.")
        if len(raw) > MAX_MAIL_BYTES:
            self._leave(BAD_DATA, f"The mail is larger than {MAX_MAIL_BYTES} bytes.")
        wanted = options["account"] or options["recipient"] or ""
        try:
            account = read_directory().find(wanted)
            if account is None:
                self._leave(USAGE, f"There is no account for {wanted or 'nobody'}.")
            else:
                keep(
                    account=account,
                    raw=raw,
                    received_at=timezone.now(),
                    envelope_from=options["sender"],
                    envelope_to=[options["recipient"]] if options["recipient"] else [],
                )
        except Exception:
            logger.exception("the mail could not be kept")
            self._leave(TRY_AGAIN, "Not kept, try again later.")

    def _leave(self, code: int, sentence: str) -> None:
        self.stderr.write(sentence)
        sys.exit(code)
