"""The sign of life of the background work, a row that the sweep renews."""

import time
from datetime import datetime

from django.db.models.functions import Now

from helpdesk.reactions.models import Heartbeat

NAME = "worker"
EVERY_SECONDS = 10.0
_last = 0.0


def beat() -> None:
    """Renew the row, at most every ten seconds in one process."""
    global _last  # noqa: PLW0603 - one clock per process
    if time.monotonic() - _last < EVERY_SECONDS:
        return
    _last = time.monotonic()
    if not Heartbeat.objects.filter(name=NAME).update(at=Now()):
        Heartbeat.objects.get_or_create(name=NAME)


def last_beat() -> datetime | None:
    """Return when the background work last showed that it lives."""
    return Heartbeat.objects.filter(name=NAME).values_list("at", flat=True).first()
