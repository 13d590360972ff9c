"""Tells the administrators by mail that nothing leaves by a sender any more (mail.md 97).

By another sender, if there is one whose server answers; where there is none, the pages of the
desk say it alone. One alarm after an hour, then one a day for as long as it lasts.
"""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from helpdesk.agents.models import Authority, User
from helpdesk.agents.queries import administrators_of
from helpdesk.notifications.alarms import Trouble, queue_alarm
from helpdesk.outbox.models import OutgoingMessage, Sender
from helpdesk.outbox.queries import failing_senders, stuck_senders
from helpdesk.outbox.replies import in_plain_words

TASK = "notifications.alarm"
KIND = "sender_alarm"


def raise_alarms() -> int:
    """Queue a mail to each administrator who has not heard of it today; return how many."""
    failing = Authority.objects.filter(senders__in=failing_senders()).order_by("pk").distinct()
    return sum(map(_raise, failing))


@transaction.atomic
def _raise(authority: Authority) -> int:
    stuck = list(stuck_senders(authority.pk))
    working = authority.senders.filter(is_active=True, failing_since=None)
    route = working.order_by("-is_default", "pk").first()
    if not stuck or route is None:
        return 0
    return sum(_tell(user, route, stuck) for user in administrators_of(authority.pk))


def _tell(user: User, route: Sender, stuck: Sequence[Sender]) -> bool:
    key = _key(user, stuck)
    if OutgoingMessage.objects.filter(idempotency_key=key).exists():
        return False
    queue_alarm(user=user, sender=route, troubles=list(map(_trouble, stuck)), kind=KIND, key=key)
    return True


def _key(user: User, stuck: Sequence[Sender]) -> str:
    """Return what stays the same for a day, however many senders fail by then."""
    since = min(sender.failing_since for sender in stuck if sender.failing_since)
    return f"{KIND}-{user.pk}-{since:%y%m%d%H%M%S}-{(timezone.now() - since).days}"


def _trouble(sender: Sender) -> Trouble:
    reply = sender.last_error
    return Trouble(
        name=sender.name,
        address=sender.email,
        since=sender.failing_since,
        words=lambda: (
            in_plain_words(reply) or gettext("Test its connection in the settings of the mailbox.")
        ),
        quote=reply,
    )
