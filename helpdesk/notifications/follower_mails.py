"""Tells followers by mail what staff wrote for them, and that a request has ended.

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

from helpdesk.notifications.following import NEWS as KIND
from helpdesk.notifications.following import TICKETS, follow_url, news_for
from helpdesk.notifications.models import Follower, FollowerNews
from helpdesk.outbox.queue import Address, Letter, queue_message
from helpdesk.outbox.senders import default_sender
from helpdesk.tickets.domain.threading import follow_merges
from helpdesk.tickets.enums import Status
from helpdesk.tickets.models import Ticket

logger = logging.getLogger(__name__)

TASK: Final = "notifications.tell_followers"
# So long may an end be taken back before anybody hears of it.
AFTER = timedelta(minutes=5)
A_SWEEP = 200
OVER = (Status.RESOLVED, Status.CLOSED)


def tell_due() -> int:
    """Queue the mails that are due; return how many."""
    keys = waiting(timezone.now()).order_by("id").values_list("pk", flat=True)[:A_SWEEP]
    return sum(map(_told, list(keys)))


def waiting(now: datetime) -> QuerySet[Follower]:
    """Return the followers who have not heard of an end or of words yet."""
    news = FollowerNews.objects.filter(pk__gt=OuterRef("told_news"))
    ended, said = Q(pk__in=()), Q(pk__in=())
    for ticket in TICKETS:
        ended |= Q(
            **{f"{ticket}__status__in": OVER, f"{ticket}__resolved_at__lte": now - AFTER}
        ) & (Q(told_end=None) | Q(told_end__lt=F(f"{ticket}__resolved_at")))
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
    is_over = ticket.status in OVER and ticket.resolved_at is not None
    values = {"news": news, "is_over": is_over, **_values(follower, ticket)}
    if news:
        follower.told_news = news[-1].pk
    if is_over:
        follower.told_end = ticket.resolved_at
    follower.save(update_fields=["told_news", "told_end"])
    with translation.override(follower.language):
        subject, text, html = (
            render_to_string(f"mail/{KIND}/{name}", values)
            for name in ("subject.txt", "body.txt", "body.html")
        )
    ended = int(follower.told_end.timestamp()) if follower.told_end else 0
    queue_message(
        letter=Letter(
            sender=sender,
            kind=KIND,
            idempotency_key=f"{KIND}:{follower.pk}:{follower.told_news}:{ended}",
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


def _values(follower: Follower, ticket: Ticket) -> dict[str, Any]:
    topic = follower.ticket.category
    return {
        "topic": topic.name_in(follower.language) if topic else "",
        "received_at": follower.ticket.received_at,
        "link": follow_url(follower),
        "authority": ticket.authority,
    }
