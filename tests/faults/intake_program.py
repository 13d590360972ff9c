"""A program that takes mail in and is killed: run as ``python -m tests.faults.intake_program``.

``setup PORT USER`` makes the tables and one mailbox; ``run COUNT`` works until COUNT
mails are settled and prints what it holds; ``listen`` serves SMTP and prints its port.
All settings come from the environment, as in the real thing.
"""

import argparse
import json
import os
import re
import sys
import time
from typing import TYPE_CHECKING, Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.project.settings")
django.setup()

# The rooms can be imported only now.
from django.core.management import call_command  # noqa: E402 - after django.setup()
from django.db import close_old_connections  # noqa: E402 - the same
from django.db.models.functions import Length  # noqa: E402 - the same

from channels_in import process, reconcile  # noqa: E402 - the same
from channels_in.mail.fetchers import FetcherThreads, Timing  # noqa: E402 - the same
from channels_in.mail.listener import Listener  # noqa: E402 - the same
from channels_in.models import RawMessage, Sighting  # noqa: E402 - the same
from helpdesk.outbox.models import OutgoingMessage, Security, Sender  # noqa: E402 - the same
from helpdesk.project.celery import app  # noqa: E402 - the same
from helpdesk.tickets.models import Article, Ticket  # noqa: E402 - the same
from tests.channels_in.making import make_account  # noqa: E402 - the same
from tests.factories.house import make_house  # noqa: E402 - the same

if TYPE_CHECKING:
    from collections.abc import Callable

TIMING = Timing(poll=1, lookout=0.2, first_pause=0.2, longest_pause=0.5)
MARK = re.compile(r"Marke (\d+)\.")
LONGEST_RUN = 90.0 + int(os.environ.get("FAULT_MAILS", "50")) / 3


def setup(port: int, user: str) -> None:
    call_command("migrate", verbosity=0)
    make_account(make_house(), port=port, username=user)


def aim(port: int) -> None:
    """Let the one sender hand its mail to a server on this port."""
    Sender.objects.update(host="127.0.0.1", port=port, security=Security.NONE)


def outgoing() -> None:
    """Tell the state of every message by its Message-ID."""
    say(json.dumps(dict(OutgoingMessage.objects.values_list("message_id", "state"))))


def run(count: int) -> None:
    """Fetch and process until ``count`` places are settled; then tell what there is."""
    fetchers = FetcherThreads(TIMING)
    fetchers.start()
    end = time.monotonic() + LONGEST_RUN
    while not is_done(count) and time.monotonic() < end:
        process.drain()
        time.sleep(0.1)
    fetchers.stop(5)
    say(json.dumps(report()))


def is_done(count: int) -> bool:
    close_old_connections()
    settled = Sighting.objects.filter(settled_at__isnull=False).count()
    waiting = RawMessage.objects.filter(state=RawMessage.State.STORED).count()
    return settled >= count and not waiting


def listen() -> None:
    """Serve SMTP until killed or told to stop by the end of standard input."""
    listener = Listener("127.0.0.1", 0)
    say(str(listener.start()))
    sys.stdin.read()
    listener.stop()


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def drain() -> None:
    process.drain()
    say(json.dumps(report()))


def report() -> dict[str, Any]:
    """Tell what the database holds: marks of all articles, states, and what reconcile finds."""
    articles = Article.objects.order_by("id").values_list("full_text", "text", "ticket_id")
    marks = [(MARK.findall(full or text), ticket) for full, text, ticket in articles]
    return {
        "marks": [int(found[0]) for found, _ticket in marks if found],
        "threads": {found[0]: ticket for found, ticket in marks if found},
        "tickets": Ticket.objects.count(),
        "raws": RawMessage.objects.count(),
        "large": RawMessage.objects.annotate(length=Length("body")).filter(body=None).count(),
        "places": Sighting.objects.count(),
        "states": sorted(set(RawMessage.objects.values_list("state", flat=True))),
        "differences": [
            [each.check, list(each.rows)] for each in reconcile.findings() if not each.is_clean
        ],
        "even": all(each.is_even for each in reconcile.balances()),
    }


def received() -> None:
    """Tell when each marked article was received, in the order of its mail's UIDs."""
    uids = dict(Sighting.objects.order_by("-uid").values_list("raw_message_id", "uid"))
    rows = Article.objects.exclude(raw_message_id=None).values_list(
        "raw_message_id", "full_text", "text", "received_at"
    )
    found = [
        (uids[raw_id or 0], MARK.findall(full or text), at.isoformat())
        for raw_id, full, text, at in rows
    ]
    say(json.dumps({marks[0]: at for _uid, marks, at in sorted(found) if marks}))


def main() -> None:
    tasks: dict[str, Callable[[], None]] = {
        "setup": lambda: setup(int(chosen.values[0]), chosen.values[1]),
        "aim": lambda: aim(int(chosen.values[0])),
        "run": lambda: run(int(chosen.values[0])),
        "settled": lambda: say(json.dumps(is_done(int(chosen.values[0])))),
        "report": lambda: say(json.dumps(report())),
        "listen": listen,
        "drain": drain,
        "outgoing": outgoing,
        "received": received,
    }
    parser = argparse.ArgumentParser()
    parser.add_argument("task", choices=sorted(tasks))
    parser.add_argument("values", nargs="*")
    chosen = parser.parse_args()
    app.set_current()
    tasks[chosen.task]()


if __name__ == "__main__":
    main()
