"""What came back of what we sent: which message it was, and what is noted at its recipients.

Only a report that proves to be about a message of ours gets here (mail.md 86): by the
signed tag of the address it was sent to, or by our signed Message-ID in what it returns.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from helpdesk.events.publish import SYSTEM, Fact, publish
from helpdesk.lib.addresses import normalise
from helpdesk.outbox import facts
from helpdesk.outbox.headers import clean_message_id, one_line
from helpdesk.outbox.identity import scope_of
from helpdesk.outbox.models import MessageState, OutgoingMessage, Recipient
from helpdesk.outbox.subaddress import read_bounced_message

MAX_REPLY = 300
# So many mails that were given up for now, within so many days, are one that never arrives.
SOFT_LIMIT = 3
SOFT_DAYS = 7


class Failure(StrEnum):
    """How bad it is: for good, given up this time, or still being tried (RFC 3464 2.3.3)."""

    HARD = "hard"
    SOFT = "soft"
    DELAYED = "delayed"


@dataclass(frozen=True, slots=True)
class Returned:
    """What a report says of one address; an empty one stands for the only recipient."""

    address: str
    failure: Failure
    status: str = ""
    diagnostic: str = ""


def find_returned(
    *, written_to: Iterable[str], message_ids: Iterable[str]
) -> OutgoingMessage | None:
    """Return the message of ours that a report proves to be about, its row locked, or None."""
    rows = OutgoingMessage.objects.select_for_update(of=("self",))
    by_address = read_bounced_message(written_to)
    if by_address is not None:
        return rows.filter(pk=by_address).first()
    ids = (clean_message_id(each) for each in message_ids if scope_of(each) is not None)
    return next(filter(None, (rows.filter(message_id=each).first() for each in ids)), None)


@transaction.atomic
def note_return(*, message: OutgoingMessage, returned: Collection[Returned]) -> list[Returned]:
    """Note at the recipients of ``message`` what came back, and return what was news.

    Only addresses the message went to are marked; a message to one person takes the
    report whatever address it names, since mail may have been forwarded. A delay
    changes no state. The same report twice is one fact.
    """
    news = [(row, each) for row, each in _pairs(message, returned) if _is_news(row, each)]
    for row, each in news:
        row.reply = one_line(each.diagnostic)[:MAX_REPLY]
        if each.failure != Failure.DELAYED:
            row.state, row.status = Recipient.State.BOUNCED, each.status[:12]
            row.returned_at = Now()
    Recipient.objects.bulk_update(
        [row for row, _ in news], ("reply", "state", "status", "returned_at")
    )
    for failure in Failure:
        rows = [row for row, each in news if each.failure == failure]
        if rows:
            _publish(message, rows, failure)
    return [Returned(row.address, each.failure, each.status, row.reply) for row, each in news]


def _pairs(
    message: OutgoingMessage, returned: Collection[Returned]
) -> list[tuple[Recipient, Returned]]:
    """Pair each recipient with the gravest that is said of it."""
    order = list(Failure)
    rows = list(message.recipients.exclude(state=Recipient.State.LEFT_OUT).order_by("id"))
    found = []
    for row in rows:
        said = [
            each
            for each in returned
            if len(rows) == 1 or normalise(each.address) == normalise(row.address)
        ]
        if said:
            found.append((row, min(said, key=lambda each: order.index(each.failure))))
    return found


def _is_news(row: Recipient, each: Returned) -> bool:
    if row.state == Recipient.State.BOUNCED:
        return False
    # A server tells of a delay again and again, in the same words.
    return each.failure != Failure.DELAYED or row.reply != one_line(each.diagnostic)[:MAX_REPLY]


def _publish(message: OutgoingMessage, rows: list[Recipient], failure: Failure) -> None:
    if failure != Failure.DELAYED and message.state == MessageState.UNSURE:
        # A report proves that a server took it: there is nothing left to be unsure of.
        message.state = MessageState.SENT
        message.save(update_fields=("state",))
    publish(
        fact=Fact(
            facts.BOUNCED,
            facts.SUBJECT_KIND,
            message.pk,
            message.authority_id,
            data=facts.fact_data(message) | {"failure": failure.value},
            personal={
                "addresses": [row.address for row in rows],
                "replies": [row.reply for row in rows],
            },
        ),
        actor=SYSTEM,
    )


def is_given_up(authority_id: int, address: str) -> bool:
    """Tell whether too many mails to ``address`` were given up lately (mail.md 87)."""
    since = Now() - timedelta(days=SOFT_DAYS)
    softly = Q(state=Recipient.State.BOUNCED, returned_at__gt=since) & ~Q(status__startswith="5")
    rows = Recipient.objects.filter(
        softly, address__in={address, normalise(address)}, message__authority_id=authority_id
    )
    return rows.count() >= SOFT_LIMIT
