"""Mails agents what they were told, when it is due and they have not read it at the bell.

What they may see is asked again here: between the fact and the mail a request may have gone
behind a wall, or its reader have left.
"""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import chain
from typing import Final

from django.db import transaction
from django.utils import timezone, translation

from helpdesk.agents.absences import away_today
from helpdesk.agents.models import User
from helpdesk.lib.statements import Lookup
from helpdesk.notifications.models import Notice, Way
from helpdesk.notifications.notice_letters import Group, many, one
from helpdesk.outbox.models import MessageState
from helpdesk.outbox.queue import Letter, cancel_message, queue_message
from helpdesk.outbox.senders import default_sender
from helpdesk.tickets.queries import visible_to
from helpdesk.tickets.rules import readers_of

logger = logging.getLogger(__name__)

TASK: Final = "notifications.mail_notices"
READERS: Final = 100
# From so many requests at once on, one mail tells of all.
MOST_SINGLE: Final = 3
# So long a reader's mails wait after one of them could not be made.
PAUSE: Final = timedelta(minutes=10)

_DUE: Final = Lookup(
    lambda now: (
        Notice.objects.filter(mail_at__isnull=False, mail_at__lte=now)
        .order_by()
        .values_list("user_id")
        .distinct()[:READERS]
    ),
    "now",
)


def mail_due() -> int:
    """Mail what is due to each reader; return how many mails were queued."""
    return sum(_mail(user_id) for (user_id,) in _DUE.values(now=timezone.now()))


def _mail(user_id: int) -> int:
    try:
        return _mail_reader(user_id)
    except Exception:
        # One whose mail can't be made must not keep the others waiting.
        logger.exception("notices of user %s could not be mailed", user_id)
        _postpone(Notice.objects.filter(user_id=user_id, mail_at__lte=timezone.now()))
        return 0


def _postpone(notices: Iterable[Notice]) -> None:
    later = timezone.now() + PAUSE
    Notice.objects.filter(pk__in=[each.pk for each in notices]).update(mail_at=later)


@transaction.atomic
def _mail_reader(user_id: int) -> int:
    # The lock on the reader keeps a second worker from mailing the same.
    locked = User.objects.select_for_update(of=("self",)).select_related("authority")
    reader = locked.get(pk=user_id)
    due = _due_of(reader, timezone.now())
    sender = default_sender(reader.authority_id)
    if sender is None:
        _postpone(due)
        return 0
    alone, gathered = _sort(_still_visible(reader, due))
    with translation.override(reader.language):
        for group in alone:
            _queue(one(reader=reader, sender=sender, group=group), group)
        if gathered:
            _queue(
                many(reader=reader, sender=sender, groups=gathered),
                list(chain.from_iterable(gathered)),
            )
    Notice.objects.filter(pk__in=[each.pk for each in due]).update(mail_at=None)
    return len(alone) + bool(gathered)


def _queue(letter: Letter, notices: Group) -> None:
    message = queue_message(letter=letter)
    Notice.objects.filter(pk__in=[each.pk for each in notices]).update(outgoing=message)


def _due_of(reader: User, now: datetime) -> list[Notice]:
    """Return what is to be mailed now; what is gathered leaves together."""
    waiting = Notice.objects.filter(user=reader, mail_at__isnull=False, read_at=None)
    listed = list(waiting.select_related("ticket__authority", "actor", "away").order_by("id"))
    due = [each for each in listed if each.mail_at and each.mail_at <= now]
    if all(each.way != Way.BUNDLED for each in due):
        return due
    return [each for each in listed if each in due or each.way == Way.BUNDLED]


def _still_visible(reader: User, due: Sequence[Notice]) -> list[Notice]:
    """Keep what its reader may see at this moment, and nothing for who is away."""
    if not due or reader.pk in away_today([reader.pk]):
        return []
    asked = {each.ticket_id for each in due}
    visible = set(visible_to(reader).filter(pk__in=asked).values_list("pk", flat=True))
    return [each for each in due if each.ticket_id in visible]


def _sort(notices: Sequence[Notice]) -> tuple[list[Group], list[Group]]:
    """Part the requests that get a mail of their own from those that one mail gathers."""
    by_ticket: dict[int, Group] = {}
    for each in notices:
        by_ticket.setdefault(each.ticket_id, []).append(each)
    groups = list(by_ticket.values())
    alone = [group for group in groups if any(each.way == Way.MAIL for each in group)]
    if len(alone) > MOST_SINGLE:
        return [], groups
    gathered = [group for group in groups if group not in alone]
    return (groups, []) if len(gathered) == 1 else (alone, gathered)


def hold_back(*, ticket_id: int, team_id: int) -> int:
    """Withdraw what waits to be sent about a request to who may not read its team's any more.

    Return how many mails did not leave; what is under way can't be called back.
    """
    readers = readers_of(team_id).values("pk")
    waiting = Notice.objects.filter(ticket_id=ticket_id, outgoing__state=MessageState.QUEUED)
    mails = waiting.exclude(user__in=readers).values_list("outgoing_id", flat=True).distinct()
    held = [key for key in mails if key and cancel_message(message_id=key)]
    # What else stood in them is mailed anew.
    others = Notice.objects.filter(outgoing__in=held, read_at=None).exclude(ticket_id=ticket_id)
    others.update(outgoing=None, mail_at=timezone.now())
    return len(held)
