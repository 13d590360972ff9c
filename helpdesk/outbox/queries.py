"""What pages and health may know of the outbox."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Min, QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from helpdesk.agents.models import Authority
from helpdesk.outbox.models import MessageState, OutgoingMessage, Recipient, Sender

TROUBLED = (MessageState.FAILED, MessageState.UNSURE)


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where a message stands, in words for people.

    ``level`` is "waiting", "good", "delayed", "bad" or "unsure"; ``can_retry``
    tells whether sending again is offered.
    """

    state: str
    level: str
    words: str
    reason: str = ""
    can_retry: bool = False


def failed_messages(authority: Authority) -> QuerySet[OutgoingMessage]:
    """Return failed and unsure messages, newest first, with sender and recipients."""
    return (
        OutgoingMessage.objects.filter(authority=authority, state__in=TROUBLED)
        .select_related("sender")
        .prefetch_related("recipients")
        .order_by("-created_at", "-id")
    )


def delivery_state(message: OutgoingMessage) -> Delivery:
    """Return where ``message`` stands; reads ``recipients``, which a list should prefetch."""
    rows = list(message.recipients.all())
    returned = [row for row in rows if row.state == Recipient.State.BOUNCED]
    if returned:
        words = _("Came back: %(address)s") % {"address": returned[0].address}
        return Delivery(message.state, "bad", words, returned[0].reply)
    describe = {
        MessageState.QUEUED: _queued,
        MessageState.SENDING: _sending,
        MessageState.SENT: _sent,
        MessageState.FAILED: _failed,
        MessageState.UNSURE: _unsure,
        MessageState.CANCELLED: _cancelled,
    }
    return describe[MessageState(message.state)](message, rows)


def _queued(message: OutgoingMessage, _rows: list[Recipient]) -> Delivery:
    if message.attempts_made:
        words = _("Not delivered yet, it will be tried again")
        return Delivery(message.state, "delayed", words, message.last_error)
    return Delivery(message.state, "waiting", _("Waiting to be sent"))


def _sending(message: OutgoingMessage, _rows: list[Recipient]) -> Delivery:
    return Delivery(message.state, "waiting", _("Being sent"))


def _sent(message: OutgoingMessage, _rows: list[Recipient]) -> Delivery:
    return Delivery(message.state, "good", _("Sent"))


def _failed(message: OutgoingMessage, rows: list[Recipient]) -> Delivery:
    missing = sum(row.state == Recipient.State.REFUSED for row in rows)
    if 0 < missing < len(rows):
        words = ngettext(
            "Not delivered to %(count)s recipient", "Not delivered to %(count)s recipients", missing
        ) % {"count": missing}
    else:
        words = _("Not delivered")
    return Delivery(message.state, "bad", words, message.last_error, can_retry=True)


def _unsure(message: OutgoingMessage, _rows: list[Recipient]) -> Delivery:
    words = _(
        "It is not certain that this was delivered: the mail server did not confirm it. "
        "Please ask before you send it again."
    )
    return Delivery(message.state, "unsure", words, message.last_error, can_retry=True)


def _cancelled(message: OutgoingMessage, _rows: list[Recipient]) -> Delivery:
    return Delivery(message.state, "waiting", _("Withdrawn before it was sent"))


def oldest_waiting(authority: Authority | None = None) -> timedelta | None:
    """Return for how long the oldest message has been due; None when none is."""
    waiting = OutgoingMessage.objects.filter(
        state__in=(MessageState.QUEUED, MessageState.SENDING), not_before__lte=Now()
    )
    if authority is not None:
        waiting = waiting.filter(authority=authority)
    since: datetime | None = waiting.aggregate(since=Min("not_before"))["since"]
    return None if since is None else max(timezone.now() - since, timedelta())


def failing_senders() -> QuerySet[Sender]:
    """Return the active senders whose server can't be reached or refuses the login."""
    return Sender.objects.filter(is_active=True, failing_since__isnull=False).order_by("id")
