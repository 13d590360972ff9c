"""A process of its own that queues and delivers, to be killed while it does (quality.md F13)."""

import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.project.settings")

import django

django.setup()

from django.core.management import call_command  # noqa: E402 - needs the set-up
from django.db import transaction  # noqa: E402 - needs the set-up

from helpdesk.outbox.claims import void_leases  # noqa: E402 - needs the set-up
from helpdesk.outbox.models import MessageState, OutgoingMessage  # noqa: E402 - needs the set-up
from helpdesk.outbox.tasks import deliver_due  # noqa: E402 - needs the set-up
from helpdesk.outbox.workers import wait_idle  # noqa: E402 - needs the set-up
from tests.helpdesk.outbox.making import make_sender, queue  # noqa: E402 - needs the set-up


def fill(port: int, count: int) -> None:
    """Make the tables and queue ``count`` messages to the server at ``port``."""
    call_command("migrate", verbosity=0)
    sender = make_sender(port=port)
    with transaction.atomic():
        for number in range(count):
            queue(sender, number)


def deliver(patience: float) -> None:
    """Deliver until nothing is waiting, as the one process of an installation does."""
    void_leases()
    end = time.monotonic() + patience
    open_states = (MessageState.QUEUED, MessageState.SENDING)
    while OutgoingMessage.objects.filter(state__in=open_states).exists():
        deliver_due()
        wait_idle(1)
        if time.monotonic() > end:
            sys.exit("messages are left")


if __name__ == "__main__":
    if sys.argv[1] == "fill":
        fill(int(sys.argv[2]), int(sys.argv[3]))
    else:
        deliver(float(sys.argv[2]))
