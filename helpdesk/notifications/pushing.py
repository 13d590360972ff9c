"""Tells browsers that something is new for their user, when it is due and not read yet.

The row is claimed first, the service asked after the commit, the outcome written last. A message
names the request by number and nothing else; what its reader may see is asked again here.
"""

import json
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

from django.core.cache import cache
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
from helpdesk.notifications.notices import PUSH_GRACE
from helpdesk.notifications.ways import choices_of, loud
from helpdesk.tickets.queries import visible_to

logger = logging.getLogger(__name__)

TASK: Final = "notifications.push"
BATCH: Final = 50
SECONDS: Final = 20.0
# So long one that was claimed is left to whoever claimed it, or waits after a failure.
LEASE: Final = timedelta(minutes=2)
# What could not be told by then is old news: it stands at the bell.
TOO_OLD: Final = timedelta(hours=1)
# So long is remembered which browser was told of what while another one's service fails.
TOLD_SECONDS: Final = 2 * 3600
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
        told += _tell(reader, notices, until)
        if time.monotonic() > until:
            # What is left is claimed for two minutes, and then taken up again.
            break
    return told


@transaction.atomic
def _claim() -> list[Notice]:
    now = timezone.now()
    due = Notice.objects.select_for_update(skip_locked=True, of=("self",)).filter(
        push_at__isnull=False, push_at__lte=now
    )
    related = ("user__authority", "user__notice_choices", "ticket")
    found = list(due.select_related(*related).order_by("push_at")[:BATCH])
    for each in found:
        each.push_at = _next_moment(each, now)
    Notice.objects.bulk_update(found, ["push_at"])
    return [each for each in found if each.push_at == now + LEASE]


def _next_moment(notice: Notice, now: datetime) -> datetime | None:
    """Return when a notice is looked at next: after the lease if it is told now.

    Quiet hours are asked again: it may have waited into them, and what was due in them is no
    older at their end than when they began.
    """
    choices, here = choices_of(notice.user), timezone.localtime(now)
    due = loud(timezone.localtime(notice.created_at) + PUSH_GRACE, choices)
    if notice.read_at or now > loud(due + TOO_OLD, choices) + PUSH_GRACE:
        return None
    after = loud(here, choices)
    return now + LEASE if after == here else after


def _by_reader(notices: Sequence[Notice]) -> dict[User, list[Notice]]:
    found: dict[User, list[Notice]] = {}
    for each in notices:
        found.setdefault(each.user, []).append(each)
    return found


@dataclass(slots=True)
class _Round:
    """What became of one reader's notices: how many were told, and which have to wait."""

    asked: int = 0
    told: int = 0
    waiting: set[int] = field(default_factory=set)
    # Browsers whose service does not take messages now; it is not asked for each request anew.
    silent: set[int] = field(default_factory=set)


def _tell(reader: User, notices: list[Notice], until: float) -> int:
    """Tell a reader's browsers of each request once; what has to wait keeps its lease."""
    identity = PushIdentity.objects.filter(authority_id=reader.authority_id).first()
    if identity is None:
        _done(Notice.objects.filter(pk__in=[each.pk for each in notices]))
        return 0
    by_ticket = {each.ticket_id: each for each in _still_wanted(reader, notices)}
    done = _Round()
    for notice in by_ticket.values():
        # Asked anew for each: one that is gone was forgotten at the first.
        for browser in PushBrowser.objects.filter(user=reader):
            is_late = done.asked > 0 and time.monotonic() > until
            if is_late or browser.pk in done.silent:
                done.waiting.add(notice.ticket_id)
                continue
            _tell_one(browser, identity, notice, done)
    over = [each.pk for each in notices if each.ticket_id not in done.waiting]
    _done(Notice.objects.filter(pk__in=over))
    return done.told


def _tell_one(browser: PushBrowser, identity: PushIdentity, notice: Notice, done: _Round) -> None:
    """Tell one browser of one request, unless it was told while another one's service failed."""
    key = f"pushed:{notice.pk}:{browser.pk}"
    if cache.get(key):
        return
    done.asked += 1
    message = _message(notice.user, notice)
    outcome = _push(browser, identity, message, f"t{notice.ticket_id}")
    if outcome is Outcome.TOLD:
        done.told += 1
        cache.set(key, 1, TOLD_SECONDS)
    elif outcome is Outcome.LATER:
        done.waiting.add(notice.ticket_id)
        done.silent.add(browser.pk)


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
    told_at = timezone.now() if outcome is Outcome.TOLD else row.told_at
    # It may have been taken out meanwhile, by its user or with all others.
    rows = PushBrowser.objects.filter(pk=row.pk, user=row.user_id)
    rows.update(told_at=told_at, failure=failure[:200])
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
