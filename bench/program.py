"""What is measured, in a process of its own: ``python -m bench.program mails|pages|search …``.

All settings come from the environment, as in the real thing; the last line printed
is JSON. It knows the database's process id, whose processor time it adds.
"""

import argparse
import json
import os
import sys
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.project.settings")
django.setup()

# The rooms can be imported only now.
from bench import forms, intake, pages, searching  # noqa: E402 - after django.setup()
from bench.mailboxes import SERVED, SUSTAINED  # noqa: E402 - the same


def main(arguments: list[str]) -> None:
    """Run one measurement and print its figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("task", choices=("prepare", "mails", "pages", "forms", "search"))
    parser.add_argument("--database-pid", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--imap-port", type=int, default=0)
    parser.add_argument("--user", default=SERVED, help="whose mailbox is prepared")
    parser.add_argument("--built", action="store_true", help="the search index is whole already")
    given = parser.parse_args(arguments)
    found: dict[str, Any]
    if given.task == "prepare":
        account = intake.make_account(given.user, given.imap_port)
        if given.user == SUSTAINED:
            account.after_filing = account.AfterFiling.DELETE
            account.save()
        found = {"account": account.pk}
    elif given.task == "mails":
        found = intake.measure(
            rounds=given.rounds,
            count=given.count,
            port=given.imap_port,
            database_pid=given.database_pid or None,
        )
    elif given.task == "forms":
        found = forms.measure(
            rounds=given.rounds, count=given.count, database_pid=given.database_pid or None
        )
    elif given.task == "search":
        found = searching.measure(
            rounds=given.rounds,
            database_pid=given.database_pid or None,
            is_built=given.built,
        )
    else:
        found = pages.measure(
            rounds=given.rounds, count=given.count, database_pid=given.database_pid or None
        )
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1:])
