#!/usr/bin/env python
"""Run Anliegen's administrative commands."""

import os
import sys
import traceback

# What `receive` may end with (sysexits.h). Of any other end a mail server makes a bounce, and
# the citizen would get their mail back for a setting that is wrong here, or in an upgrade.
SPOKEN = frozenset({None, 0, 64, 65, 75})
TRY_AGAIN = 75


def run() -> None:
    """Run the command; imported here, so that a half-made upgrade is a failure like any other."""
    from django.core.management import execute_from_command_line  # noqa: PLC0415 - may fail: see above

    from helpdesk.project.options import apply_to_environment  # noqa: PLC0415 - may fail: see above

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.project.settings")
    if sys.argv[1:2] == ["serve"]:
        apply_to_environment(sys.argv[2:])
    execute_from_command_line(sys.argv)


def receive() -> None:
    """Run `receive`, and have the mail sent again whatever fails that is not the mail's fault."""
    try:
        run()
    except SystemExit as left:
        if left.code in SPOKEN:
            raise
        if isinstance(left.code, str):
            sys.stderr.write(f"{left.code}\n")
    except Exception:  # noqa: BLE001 - whatever it is, a mail server understands the number alone
        traceback.print_exc()
    sys.exit(TRY_AGAIN)


if __name__ == "__main__":
    if sys.argv[1:2] == ["receive"]:
        receive()
    else:
        run()
