"""Tells the administrators by mail that a mailbox has fallen silent (mail.md 17).

By another route than the mailbox itself where there is one: a login that no longer
works usually works for neither way. One alarm, then a digest a day; a mailbox that
goes on and off gives no more than one mail in four hours.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from channels_in.models import Account
from channels_in.queries import AccountHealth, silent
from helpdesk.agents.models import Authority
from helpdesk.agents.queries import administrators_of
from helpdesk.notifications.alarms import Trouble, queue_alarm
from helpdesk.outbox.models import Sender

AGAIN_AFTER = timedelta(days=1)
LEAST = timedelta(hours=4)


def raise_alarms() -> int:
    """Queue a mail to each administrator of an authority with news of silent mailboxes.

    Returns how many mails were queued. Harmless at any moment and in any number.
    """
    return sum(_raise(authority) for authority in Authority.objects.order_by("pk"))


def _raise(authority: Authority) -> int:
    now = timezone.now()
    found = silent(authority.pk)
    if not any(_is_due(health.account, now) for health in found):
        return 0
    with transaction.atomic():
        due = [health for health in found if _is_due(health.account, now) and _claim(health, now)]
        if not due:
            return 0
        # A digest names all that are silent, not only those that are due.
        return _tell(authority, found)


def _is_due(account: Account, now: datetime) -> bool:
    if account.alarmed_at is None:
        return True
    # Negative where a clock that was ahead has been put right since.
    age = abs(now - account.alarmed_at)
    is_new = account.failing_since is not None and account.failing_since > account.alarmed_at
    return age > AGAIN_AFTER or (is_new and age > LEAST)


def _claim(health: AccountHealth, now: datetime) -> bool:
    """Note the alarm by compare-and-set, so that of two at once only one tells."""
    unchanged = Account.objects.filter(pk=health.account.pk, alarmed_at=health.account.alarmed_at)
    return bool(unchanged.update(alarmed_at=now))


def _tell(authority: Authority, found: Sequence[AccountHealth]) -> int:
    sender = _route(authority, [health.account.sender_id for health in found])
    if sender is None:
        return 0
    troubles = [_trouble(health) for health in found]
    administrators = list(administrators_of(authority.pk))
    for user in administrators:
        queue_alarm(user=user, sender=sender, troubles=troubles)
    return len(administrators)


def _route(authority: Authority, silent_ids: Sequence[int]) -> Sender | None:
    """Return a sender that works: best one of another mailbox, else whichever there is."""
    senders = Sender.objects.filter(authority=authority, is_active=True)
    return min(
        senders,
        key=lambda each: (
            each.failing_since is not None,
            each.pk in silent_ids,
            not each.is_default,
            each.pk,
        ),
        default=None,
    )


def _trouble(health: AccountHealth) -> Trouble:
    account = health.account
    return Trouble(
        name=account.name,
        address=account.address,
        since=account.failing_since or account.last_success_at,
        words=lambda: health.words,
        quote=health.error,
    )
