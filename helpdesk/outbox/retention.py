"""Forgets what mails said that opened something for a time, once that time is over.

Whoever reads the database later finds no link in them, and after the 90 days of the delivery
log not whom they went to either.
"""

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from helpdesk.events.models import EventPayload
from helpdesk.outbox.facts import SUBJECT_KIND
from helpdesk.outbox.models import MessageState, OutgoingMessage
from helpdesk.outbox.queries import LOG_KEPT
from helpdesk.outbox.results import LINK_OVER, give_up

BATCH = 500
# What is under way keeps its words until it is known what became of it.
UNDER_WAY = (MessageState.QUEUED, MessageState.SENDING)


def forget_expired() -> int:
    """Delete the words of what is over, and old rows; return how many mails lost their words.

    What was not sent in time is given up, and shown like whatever else did not arrive.
    """
    _give_up_unsent()
    _delete_old()
    return _over().filter(pk__in=_first(_over().exclude(text=""))).update(text="", html="")


def _give_up_unsent() -> None:
    late = OutgoingMessage.objects.filter(forget_at__lte=Now(), state=MessageState.QUEUED)
    for key in _first(late):
        with transaction.atomic():
            message = late.select_for_update(of=("self",)).filter(pk=key).first()
            if message is not None:
                give_up(message, LINK_OVER)


@transaction.atomic
def _delete_old() -> None:
    old = _over().filter(forget_at__lte=Now() - LOG_KEPT)
    # The mails first, by ascending key, as in every other door: what is known of them follows.
    locked = old.filter(pk__in=_first(old)).select_for_update(of=("self",)).order_by("pk")
    keys = list(locked.values_list("pk", flat=True))
    # What is known of one that did not arrive names the address, too.
    EventPayload.objects.filter(
        event__subject_kind=SUBJECT_KIND, event__subject_id__in=keys
    ).delete()
    OutgoingMessage.objects.filter(pk__in=keys).delete()


def _over() -> QuerySet[OutgoingMessage]:
    return OutgoingMessage.objects.filter(forget_at__lte=Now()).exclude(state__in=UNDER_WAY)


def _first(found: QuerySet[OutgoingMessage]) -> list[int]:
    return list(found.order_by("forget_at").values_list("pk", flat=True)[:BATCH])
