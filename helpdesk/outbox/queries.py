"""What pages and health may know of the outbox."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import Min, QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from helpdesk.agents.models import Authority, User, UserKind
from helpdesk.lib.addresses import domain_of, normalise
from helpdesk.lib.statements import filled
from helpdesk.outbox.backoff import TELL_AFTER
from helpdesk.outbox.models import MessageState, OutgoingMessage, Recipient, Sender
from helpdesk.outbox.replies import in_plain_words

LOG_KEPT = timedelta(days=90)
TROUBLED = (MessageState.FAILED, MessageState.UNSURE)


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where a message stands, in words for people.

    ``level`` is "waiting", "good", "delayed", "bad", "unsure" or "settled"; ``can_retry``
    tells whether sending again is offered. ``reason`` is what a server or we said,
    ``left_out`` are the addresses that were never tried, with the reason.
    """

    state: str
    level: str
    words: str
    reason: str = ""
    can_retry: bool = False
    left_out: tuple[str, ...] = ()

    @property
    def plain(self) -> str:
        """Return the reason in plain words, nothing if there are none."""
        return in_plain_words(self.reason)


def failed_messages(authority: Authority) -> QuerySet[OutgoingMessage]:
    """Return failed and unsure messages nobody has settled, newest first, with their parts."""
    return (
        OutgoingMessage.objects.filter(authority=authority, state__in=TROUBLED, settled_as="")
        .select_related("sender")
        .prefetch_related("recipients")
        .order_by("-created_at", "-id")
    )


def failures_to_mend(authority: Authority) -> QuerySet[OutgoingMessage]:
    """Return those of which somebody can still make something: no link is sent that is over."""
    return failed_messages(authority).exclude(forget_at__lte=Now())


def delivery_state(message: OutgoingMessage) -> Delivery:
    """Return where ``message`` stands; reads ``recipients``, which a list should prefetch."""
    named = filled(message, "recipients")
    rows = [row for row in named if row.state != Recipient.State.LEFT_OUT]
    left_out = tuple(f"{row.address} ({row.reply})" for row in named if row not in rows)
    state = _state_of(message, rows)
    if state.can_retry and message.forget_at is not None and message.forget_at <= timezone.now():
        state = replace(state, can_retry=False)
    return replace(state, left_out=left_out) if left_out else state


def _state_of(message: OutgoingMessage, rows: list[Recipient]) -> Delivery:
    if message.settled_as:
        return _settled(message)
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


def _settled(message: OutgoingMessage) -> Delivery:
    words = _("Did not arrive by e-mail: %(settled)s") % {
        "settled": message.get_settled_as_display()
    }
    return Delivery(message.state, "settled", words)


def _queued(message: OutgoingMessage, _rows: list[Recipient]) -> Delivery:
    if message.last_error and not message.attempts_made:
        words = _("Waits until the virus scanner has looked at its files")
        return Delivery(message.state, "delayed", words, message.last_error)
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


def sendings(authority: Authority, wanted: str = "") -> QuerySet[OutgoingMessage]:
    """Return what was written to be sent in the last 90 days, newest first (mail.md 108).

    ``wanted`` is the whole address of a recipient, or a Message-ID.
    """
    since = timezone.now() - LOG_KEPT
    found = OutgoingMessage.objects.filter(authority=authority, created_at__gt=since)
    if wanted.startswith("<"):
        found = found.filter(message_id=wanted)
    elif wanted:
        spellings = {wanted, wanted.lower(), normalise(wanted)}
        known = Recipient.objects.filter(address__in=spellings)
        found = found.filter(pk__in=known.values("message"))
    return found.select_related("sender").prefetch_related("recipients").order_by("-id")


def sending(authority: Authority, message_id: int) -> OutgoingMessage | None:
    """Return one message with all that is known of its delivery."""
    found = sendings(authority).filter(pk=message_id)
    return found.prefetch_related("attempts").first()


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


def stuck_senders(authority_id: int) -> QuerySet[Sender]:
    """Return those of an authority by whom nothing could be sent for an hour (mail.md 97)."""
    return failing_senders().filter(
        authority_id=authority_id, failing_since__lte=Now() - TELL_AFTER
    )


def reply_domains_of_staff(authority: Authority) -> list[str]:
    """Return the domains of tagged reply addresses in which staff have theirs, too (attack 28).

    A service elsewhere that takes a mail from such a domain for proof of belonging there
    would let in whoever reads what comes to a request.
    """
    senders = Sender.objects.filter(authority=authority, is_active=True, subaddresses=True)
    tagged = {domain_of(email) for email in senders.values_list("email", flat=True)}
    if not tagged:
        return []
    staff = User.objects.filter(authority=authority, is_active=True, kind=UserKind.STAFF)
    return sorted(tagged & {domain_of(email) for email in staff.values_list("email", flat=True)})
