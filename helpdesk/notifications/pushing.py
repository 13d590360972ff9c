"""Tells browsers that something is new for their user, when it is due and not read yet.

The row is claimed first, the service asked after the commit, the outcome written last. A message
names the request by number and nothing else; what its reader may see is asked again here.
"""

import json
import logging
import time
from collections.abc import Sequence
from datetime import timedelta
from enum import Enum
from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext

from helpdesk.agents.absences import away_today
from helpdesk.agents.models import User
from helpdesk.lib.http import ForbiddenAddressError, HttpError, post_bytes
from helpdesk.lib.secretbox import SecretUnreadableError, unseal
from helpdesk.lib.statements import Lookup
from helpdesk.lib.webpush import Browser, proof
from helpdesk.lib.webpush import seal as seal_for
from helpdesk.notifications.models import Notice, PushBrowser, PushIdentity
from helpdesk.tickets.queries import visible_to

logger = logging.getLogger(__name__)

TASK: Final = "notifications.push"
BATCH: Final = 50
SECONDS: Final = 20.0
# So long one that was claimed is left to whoever claimed it, or waits after a failure.
LEASE: Final = timedelta(minutes=2)
# What could not be told by then is old news: it stands at the bell.
TOO_OLD: Final = timedelta(hours=1)
KEPT_BY_SERVICE: Final = 4 * 3600
YEAR: Final = 5
GONE: Final = frozenset({404, 410})
OKAY: Final = range(200, 300)
LATER: Final = frozenset({429, *range(500, 600)})

_ANY_DUE: Final = Lookup(
    lambda now: Notice.objects.filter(push_at__isnull=False, push_at__lte=now).values_list("pk")[
        :1
    ],
    "now",
)


class Outcome(Enum):
    """What became of one message to one browser."""

    TOLD = "told"
    DEAD = "dead"
    REFUSED = "refused"
    LATER = "later"


def push_due() -> int:
    """Tell the browsers of everybody for whom something is due; return how many were told."""
    if not _ANY_DUE.first(now=timezone.now()):
        return 0
    told, until = 0, time.monotonic() + SECONDS
    for reader, notices in _by_reader(_claim()).items():
        if time.monotonic() > until:
            # What is left is claimed for two minutes, and then taken up again.
            break
        told += _tell(reader, notices)
    return told


@transaction.atomic
def _claim() -> list[Notice]:
    now = timezone.now()
    due = Notice.objects.select_for_update(skip_locked=True, of=("self",)).filter(
        push_at__isnull=False, push_at__lte=now
    )
    found = list(due.select_related("user__authority", "ticket").order_by("push_at")[:BATCH])
    late = [each.pk for each in found if each.read_at or now - each.created_at > TOO_OLD]
    _done(Notice.objects.filter(pk__in=late))
    fresh = [each for each in found if each.pk not in late]
    Notice.objects.filter(pk__in=[each.pk for each in fresh]).update(push_at=now + LEASE)
    return fresh


def _by_reader(notices: Sequence[Notice]) -> dict[User, list[Notice]]:
    found: dict[User, list[Notice]] = {}
    for each in notices:
        found.setdefault(each.user, []).append(each)
    return found


def _tell(reader: User, notices: list[Notice]) -> int:
    """Tell a reader's browsers of each request once; what has to wait keeps its lease."""
    identity = PushIdentity.objects.filter(authority_id=reader.authority_id).first()
    if identity is None:
        _done(Notice.objects.filter(pk__in=[each.pk for each in notices]))
        return 0
    by_ticket = {each.ticket_id: each for each in _still_wanted(reader, notices)}
    told, waiting = 0, set()
    for ticket_id, notice in by_ticket.items():
        # Asked anew for each: one that is gone was forgotten at the first.
        for browser in PushBrowser.objects.filter(user=reader):
            outcome = _push(browser, identity, _message(reader, notice), f"t{ticket_id}")
            told += outcome is Outcome.TOLD
            if outcome is Outcome.LATER:
                waiting.add(ticket_id)
    over = [each.pk for each in notices if each.ticket_id not in waiting]
    _done(Notice.objects.filter(pk__in=over))
    return told


def _done(notices: QuerySet[Notice]) -> None:
    notices.update(push_at=None)


def _still_wanted(reader: User, notices: Sequence[Notice]) -> list[Notice]:
    """Keep what its reader may see now and has not read, and nothing for who is away or left."""
    if not reader.is_active or reader.pk in away_today([reader.pk]):
        return []
    asked = [each.ticket_id for each in notices]
    visible = set(visible_to(reader).filter(pk__in=asked).values_list("pk", flat=True))
    return [each for each in notices if each.ticket_id in visible]


def _message(reader: User, notice: Notice) -> bytes:
    with translation.override(reader.language):
        title = gettext("New for you")
    said = {
        "title": title,
        "body": notice.ticket.number[YEAR:],
        "url": reverse("desk:ticket", args=[notice.ticket.number]),
        "tag": f"t{notice.ticket_id}",
    }
    return json.dumps(said).encode()


def _push(row: PushBrowser, identity: PushIdentity, message: bytes, topic: str) -> Outcome:
    outcome, failure = _sent(row, identity, message, topic)
    if outcome is Outcome.DEAD:
        # The browser was told to forget us, or is gone.
        row.delete()
        return outcome
    if outcome is Outcome.TOLD:
        row.told_at = timezone.now()
    row.failure = failure[:200]
    row.save(update_fields=["told_at", "failure"])
    if failure:
        logger.warning("browser %s was not told: %s", row.pk, failure)
    return outcome


def _sent(
    row: PushBrowser, identity: PushIdentity, message: bytes, topic: str
) -> tuple[Outcome, str]:
    """Ask the push service once; return what came of it, and why it was not told."""
    try:
        browser = Browser(unseal(row.endpoint), unseal(row.p256dh), unseal(row.auth))
        headers = _headers(browser, identity, topic)
        answer = post_bytes(browser.endpoint, seal_for(message, browser), headers=headers)
    except SecretUnreadableError:
        return Outcome.REFUSED, "the stored keys can't be read"
    except ForbiddenAddressError as error:
        return Outcome.REFUSED, str(error)
    except HttpError as error:
        return Outcome.LATER, str(error)
    outcome = _outcome(answer.status)
    is_good = outcome in {Outcome.TOLD, Outcome.DEAD}
    return outcome, "" if is_good else f"the push service said {answer.status}"


def _outcome(status: int) -> Outcome:
    if status in OKAY:
        return Outcome.TOLD
    if status in GONE:
        return Outcome.DEAD
    return Outcome.LATER if status in LATER else Outcome.REFUSED


def _headers(browser: Browser, identity: PushIdentity, topic: str) -> dict[str, str]:
    """Return what RFC 8030 and RFC 8292 ask for."""
    return {
        "TTL": str(KEPT_BY_SERVICE),
        "Urgency": "normal",
        # A newer message about the same request takes the place of one that waits there.
        "Topic": topic,
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "Authorization": proof(
            browser,
            private=unseal(identity.private_key),
            public=identity.public_key,
            contact=identity.contact,
        ),
    }
