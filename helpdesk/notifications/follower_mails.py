"""Tells followers by mail what staff wrote for them, and that a request has ended or was dropped.

Found by a sweep, in rows: an end that is taken back within minutes is told to nobody. Each mail
goes to one follower alone and holds no word of the request's own citizen.
"""

import logging
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.template.loader import render_to_string
from django.utils import timezone, translation

from helpdesk.notifications.following import (
    TICKETS,
    follow_url,
    is_dropped,
    news_for,
    topic_for,
)
from helpdesk.notifications.models import Follower, FollowerNews
from helpdesk.notifications.portal_mails import FOLLOW_NEWS
from helpdesk.outbox.queue import Address, Letter, queue_message
from helpdesk.outbox.senders import default_sender
from helpdesk.tickets.domain.threading import follow_merges
from helpdesk.tickets.enums import ENDED, Status
from helpdesk.tickets.models import Ticket

logger = logging.getLogger(__name__)

TASK: Final = "notifications.tell_followers"
# So long may an end be taken back before anybody hears of it.
AFTER = timedelta(minutes=5)
A_SWEEP = 200
OVER = (Status.RESOLVED, Status.CLOSED)
# What goes into the bin is told to those who have heard of no end yet: tidying up is no news.
GONE = Status.DELETED


def tell_due() -> int:
    """Queue the mails that are due; return how many."""
    forget_ends_taken_back()
    keys = waiting(timezone.now()).order_by("id").values_list("pk", flat=True)[:A_SWEEP]
    return sum(map(_told, list(keys)))


@transaction.atomic
def forget_ends_taken_back() -> int:
    """Let followers of what goes on again hear of its next end, whatever that is; return how many.

    Else what is opened again and then put into the bin would pass for tidying up.
    """
    goes_on = Q(pk__in=())
    unfinished = [status for status in Status if status not in ENDED]
    for ticket in TICKETS:
        goes_on |= Q(**{f"{ticket}__status__in": unfinished})
    return Follower.objects.filter(goes_on, told_end__isnull=False).update(told_end=None)


def waiting(now: datetime) -> QuerySet[Follower]:
    """Return the followers who have not heard of an end or of words yet."""
    news = FollowerNews.objects.filter(pk__gt=OuterRef("told_news"))
    ended, said = Q(pk__in=()), Q(pk__in=())
    for ticket in TICKETS:
        status, at = f"{ticket}__status", f"{ticket}__resolved_at"
        unheard = Q(told_end=None) | Q(**{f"{status}__in": OVER}, told_end__lt=F(at))
        ended |= Q(**{f"{status}__in": (*OVER, GONE), f"{at}__lte": now - AFTER}) & unheard
        said |= Q(Exists(news.filter(ticket=OuterRef(f"{ticket}_id"))))
    return Follower.objects.filter(ended | said, confirmed_at__isnull=False)


def _told(follower_id: int) -> bool:
    try:
        return _tell(follower_id)
    except Exception:
        # One who can't be told must not keep the others waiting.
        logger.exception("telling follower %s failed", follower_id)
        return False


@transaction.atomic
def _tell(follower_id: int) -> bool:
    rows = Follower.objects.select_for_update(of=("self",)).filter(pk=follower_id)
    follower = rows.select_related("ticket__authority", "ticket__category").first()
    now = timezone.now()
    if follower is None or not waiting(now).filter(pk=follower_id).exists():
        return False
    ticket = follow_merges(follower.ticket)
    sender = default_sender(ticket.authority_id)
    if sender is None:
        return False
    news = list(news_for(follower).filter(pk__gt=follower.told_news))
    is_over = _is_end_to_tell(follower, ticket, now)
    if not news and not is_over:
        # It was merged or opened again since the sweep looked; the next one knows.
        return False
    values = {
        "news": news,
        "is_over": is_over,
        "is_dropped": is_over and is_dropped(ticket),
        **_values(follower, ticket),
    }
    if news:
        follower.told_news = news[-1].pk
    if is_over:
        follower.told_end = ticket.resolved_at
    follower.save(update_fields=["told_news", "told_end"])
    with translation.override(follower.language):
        subject, text, html = (
            render_to_string(f"mail/{FOLLOW_NEWS}/{name}", values)
            for name in ("subject.txt", "body.txt", "body.html")
        )
    ended = int(follower.told_end.timestamp()) if follower.told_end else 0
    queue_message(
        letter=Letter(
            sender=sender,
            kind=FOLLOW_NEWS,
            idempotency_key=f"{FOLLOW_NEWS}:{follower.pk}:{follower.told_news}:{ended}",
            subject=" ".join(subject.split()),
            text=text.strip() + "\n",
            html=html.strip(),
            recipients=(Address(follower.email),),
            language=follower.language,
            is_automatic=True,
            from_name=ticket.authority.name,
        )
    )
    return True


def _is_end_to_tell(follower: Follower, ticket: Ticket, now: datetime) -> bool:
    """Tell whether it has ended for good and this follower does not know, as :func:`waiting`."""
    ended_at = ticket.resolved_at
    if ticket.status not in (*OVER, GONE) or ended_at is None or ended_at > now - AFTER:
        return False
    if follower.told_end is None:
        return True
    return ticket.status in OVER and follower.told_end < ended_at


def _values(follower: Follower, ticket: Ticket) -> dict[str, Any]:
    topic = topic_for(follower)
    return {
        "topic": topic.name_in(follower.language) if topic else "",
        "received_at": follower.ticket.received_at,
        "link": follow_url(follower),
        "authority": ticket.authority,
    }
