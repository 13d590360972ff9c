"""What time does to messages: leases that ran out, an hour of waiting, 48 hours of trying."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext_noop

from helpdesk.lib.leases import SKEW, is_impossible, is_over
from helpdesk.lib.statements import Lookup
from helpdesk.outbox import facts
from helpdesk.outbox.backoff import (
    GIVE_UP_AFTER,
    LONGEST,
    LONGEST_PAUSE,
    TELL_AFTER,
    wait_after,
)
from helpdesk.outbox.claims import LEASE
from helpdesk.outbox.models import Attempt, MessageState, OutgoingMessage
from helpdesk.outbox.results import finish, give_up, tell

BATCH = 200
INTERRUPTED = gettext_noop("the sending process ended half way")
# A message that was interrupted this often may be the reason, and waits longer each time.
QUICK_RETRIES = 2


def look_after() -> None:
    """Do all of it once; cheap when there is nothing to do."""
    mend_times()
    recover_interrupted()
    report_delays()
    give_up_old()


def mend_times() -> int:
    """Let go what waits for a time that a wrong clock set; return how many messages that were.

    What was written in a time to come was written under a clock that has been put right
    since, and so was a wait that is longer than any (quality.md F20).
    """
    keys = [key for (key,) in _AHEAD.values()]
    if not keys:
        return 0
    queued = OutgoingMessage.objects.filter(pk__in=keys, state=MessageState.QUEUED)
    queued.filter(created_at__gt=Now()).update(created_at=Now(), not_before=Now())
    return queued.update(next_attempt_at=Now())


def recover_interrupted() -> int:
    """Decide what becomes of messages whose process is gone; return how many.

    If the content had not gone out they are tried again. If it had, only the
    server knows: they are shown as unsure and a human decides (mail.md 96).
    """
    keys = _EXPIRED.values()
    for (key,) in keys:
        with transaction.atomic():
            message = _expired().select_for_update(of=("self",)).filter(pk=key).first()
            if message is not None:
                _recover(message)
    return len(keys)


def _recover(message: OutgoingMessage) -> None:
    attempt = message.attempts.order_by("-id").first()
    was_out = attempt is not None and attempt.outcome == Attempt.Outcome.DATA
    if attempt is not None:
        attempt.outcome = Attempt.Outcome.UNSURE if was_out else Attempt.Outcome.DELAYED
        attempt.reply = INTERRUPTED
        attempt.save(update_fields=("outcome", "reply"))
        Attempt.objects.filter(pk=attempt.pk).update(finished_at=Now())
    if was_out:
        finish(message, MessageState.UNSURE, INTERRUPTED)
        return
    quick = message.attempts_made <= QUICK_RETRIES
    OutgoingMessage.objects.filter(pk=message.pk).update(
        state=MessageState.QUEUED,
        lease_until=None,
        last_error=INTERRUPTED,
        next_attempt_at=Now() if quick else Now() + wait_after(message.attempts_made),
    )


def report_delays() -> int:
    """Publish message.delayed once for each that has been waiting for an hour."""
    keys = _LATE.values()
    for (key,) in keys:
        with transaction.atomic():
            if _late().filter(pk=key).update(delayed_at=Now()):
                tell(OutgoingMessage.objects.get(pk=key), facts.DELAYED, None)
    return len(keys)


def give_up_old() -> int:
    """Fail what has been tried for 48 hours, also while its sender is paused."""
    keys = _OLD.values()
    for (key,) in keys:
        with transaction.atomic():
            message = _old().select_for_update(of=("self",)).filter(pk=key).first()
            if message is not None:
                give_up(message, message.last_error or message.sender.last_error)
    return len(keys)


def _expired() -> QuerySet[OutgoingMessage]:
    over = is_over("lease_until", LEASE)
    expired = OutgoingMessage.objects.filter(over, state=MessageState.SENDING)
    return expired.order_by("lease_until", "id")


def _ahead() -> QuerySet[OutgoingMessage]:
    too_long = Q(attempts_made__gt=0) & is_impossible("next_attempt_at", LONGEST)
    return OutgoingMessage.objects.filter(
        too_long | is_impossible("created_at", timedelta()),
        state=MessageState.QUEUED,
        next_attempt_at__gt=Now() + SKEW,
    ).order_by("next_attempt_at", "id")


def _late() -> QuerySet[OutgoingMessage]:
    late = _tried_in_vain().filter(delayed_at=None, not_before__lte=Now() - TELL_AFTER)
    return late.order_by("not_before", "id")


def _old() -> QuerySet[OutgoingMessage]:
    """Return what was tried for 48 hours and can't be tried now.

    What is due has its try first: it may have lain there while nothing ran, over a power cut of
    days, or under a clock that was years behind. And a server that is away has its 48 hours, too.
    """
    failing = Q(sender__failing_since__lte=Now() - GIVE_UP_AFTER)
    given_time = Q(sender__failing_since=None) | failing
    waits = Q(next_attempt_at__gt=Now()) | ~is_over("sender__paused_until", LONGEST_PAUSE)
    old = _tried_in_vain().filter(waits, given_time, not_before__lte=Now() - GIVE_UP_AFTER)
    return old.order_by("not_before", "id")


# Asked each second, and nearly always in vain.
_EXPIRED = Lookup(lambda: _expired().values_list("pk")[:BATCH])
_AHEAD = Lookup(lambda: _ahead().values_list("pk")[:BATCH])
_LATE = Lookup(lambda: _late().values_list("pk")[:BATCH])
_OLD = Lookup(lambda: _old().values_list("pk")[:BATCH])


def _tried_in_vain() -> QuerySet[OutgoingMessage]:
    """Return what waits although it was tried, or whose server was; not what we never tried.

    What the virus scanner keeps from being tried has its reason in ``last_error``.
    """
    return OutgoingMessage.objects.filter(
        Q(attempts_made__gt=0) | Q(sender__failing_since__isnull=False) | ~Q(last_error=""),
        state=MessageState.QUEUED,
    )
