"""How agents want to be told, and when a mail may reach them: never in their quiet hours."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any, Final

from django.db import transaction

from helpdesk.agents.models import User
from helpdesk.notifications.models import NoticeChoices, Way

# Long enough to undo what was a slip, or to see it at the bell.
GRACE: Final = timedelta(seconds=30)
GATHERED: Final = timedelta(minutes=15)
SATURDAY: Final = 5
# A day is left at its end or at its weekend's, so a loud moment is at most this many steps away.
STEPS: Final = 6


def choices_of(user: User) -> NoticeChoices:
    """Return how an agent wants to be told: what they chose, or what is usual."""
    try:
        return user.notice_choices
    except NoticeChoices.DoesNotExist:
        return NoticeChoices(user=user)


@transaction.atomic
def save_choices(*, user: User, values: Mapping[str, Any]) -> NoticeChoices:
    """Write how an agent wants to be told from now on; what waits leaves as it was to."""
    row, _ = NoticeChoices.objects.update_or_create(user=user, defaults=dict(values))
    return row


def mail_moment(way: Way, choices: NoticeChoices, now: datetime) -> datetime | None:
    """Return when what happens now is to be mailed; ``now`` is local time."""
    if way is Way.MAIL:
        return loud(now + GRACE, choices)
    if way is Way.BUNDLED:
        return loud(now + GATHERED, choices)
    if way is Way.DAILY:
        return loud(_next(now, choices.daily_at), choices)
    return None


def loud(moment: datetime, choices: NoticeChoices) -> datetime:
    """Return the first moment from this one on that is not in the quiet hours."""
    for _ in range(STEPS):
        later = _end_of_quiet(moment, choices)
        if later == moment:
            break
        moment = later
    return moment


def _end_of_quiet(moment: datetime, choices: NoticeChoices) -> datetime:
    if choices.quiet_weekends and moment.weekday() >= SATURDAY:
        return _next(moment, time(0))
    start, end, here = choices.quiet_from, choices.quiet_until, moment.time()
    crosses_midnight = start > end
    inside = (here >= start or here < end) if crosses_midnight else start <= here < end
    return _next(moment, end) if inside else moment


def _next(moment: datetime, at: time) -> datetime:
    """Return the next moment on the wall clock that shows this time."""
    today = datetime.combine(moment.date(), at, moment.tzinfo)
    if today > moment:
        return today
    return datetime.combine(moment.date() + timedelta(days=1), at, moment.tzinfo)
