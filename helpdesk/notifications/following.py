"""Citizens who want to hear what becomes of somebody else's request, by mail.

A follower takes no part in the request: they read none of its words and write none into it
(docs/adr/0099). They hear when it ends, and what staff write for all of them.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from helpdesk.agents.models import User
from helpdesk.events.publish import Actor
from helpdesk.lib.addresses import normalise
from helpdesk.lib.keys import derive_key
from helpdesk.lib.tokens import mac, matches, new_nonce
from helpdesk.notifications.account_mails import absolute
from helpdesk.notifications.models import Follower, FollowerNews
from helpdesk.notifications.portal_mails import (
    FOLLOW_LINK,
    FOLLOW_NEWS,
    PortalMail,
    Turn,
    cancel_queued,
    forget_mails,
    queue_portal_mail,
)
from helpdesk.outbox.models import OutgoingMessage
from helpdesk.tickets import facts
from helpdesk.tickets.domain.locking import lock_ticket
from helpdesk.tickets.enums import Outcome, Status
from helpdesk.tickets.links import VALID_AFTER_END, to_base36
from helpdesk.tickets.models import Category, Ticket

# Who does not press the button of the mail by then has not asked for it, or not meant it.
UNCONFIRMED = timedelta(days=7)
LONGEST_NEWS = 4000
PATH = "/mit/"
# The request itself, and where it went when it was merged.
TICKETS: Final = ("ticket", "ticket__merged_into", "ticket__merged_into__merged_into")


class NothingToSayError(ValueError):
    """Words to followers are empty, or nobody follows."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Who wants to follow which request; the address is as it was typed."""

    ticket_id: int
    email: str
    language: str
    turn: Turn = Turn.WITHIN


@transaction.atomic
def ask_to_follow(*, wish: Wish) -> bool:
    """Keep a wish and mail its link, by which it is confirmed; nothing tells whether it was new.

    Whoever follows already gets the link to their page once more. False, and nothing kept, where
    no mail may leave: the address got several just now, or is one of ours.
    """
    ticket = Ticket.objects.select_related("authority").get(pk=wish.ticket_id)
    follower, is_new = Follower.objects.get_or_create(
        ticket=ticket,
        email=normalise(wish.email),
        defaults={"language": wish.language, "nonce": new_nonce()},
    )
    mail = PortalMail(
        kind=FOLLOW_LINK,
        authority=ticket.authority,
        email=follower.email,
        link=follow_url(follower),
        language=wish.language,
        turn=wish.turn,
    )
    if not is_new and follower.confirmed_at is None:
        # The week in which the button may be pressed begins anew with each mail.
        follower.created_at = timezone.now()
        follower.save(update_fields=["created_at"])
    is_queued = queue_portal_mail(mail=mail)
    transaction.set_rollback(not is_queued)
    return is_queued


@transaction.atomic
def confirm_follower(*, follower_id: int) -> None:
    """Let somebody hear of the request from now on; a second time changes nothing."""
    follower = Follower.objects.select_for_update().filter(pk=follower_id).first()
    if follower is None or follower.confirmed_at is not None:
        return
    follower.confirmed_at = timezone.now()
    # What was told before stands on the page; only what is new is mailed.
    newest = FollowerNews.objects.order_by("-id").values_list("pk", flat=True).first()
    follower.told_news = newest or 0
    follower.save(update_fields=["confirmed_at", "told_news"])
    facts.record(ticket=follower.ticket, kind=facts.FOLLOWED, actor=Actor("external", None))


@transaction.atomic
def stop_following(*, follower_id: int) -> None:
    """Forget a follower with their address, which stands in the mails to them, too."""
    follower = Follower.objects.filter(pk=follower_id).first()
    if follower is None:
        return
    follower.delete()
    mails = _mails_to_nobody().filter(recipients__address=follower.email)
    cancel_queued(mails)
    forget_mails(mails)


@transaction.atomic
def tell_followers(*, ticket_id: int, text: str, key: str, user: User) -> FollowerNews:
    """Keep words for all who follow a request; they leave with the next sweep.

    The same ``key`` once more changes nothing. Raises TicketNotThereError, NothingToSayError.
    """
    ticket = lock_ticket(ticket_id=ticket_id, user=user, verb="answer_ticket")
    known = FollowerNews.objects.filter(ticket=ticket, key=key).first()
    if known is not None:
        return known
    words = text.strip()[:LONGEST_NEWS]
    count = followers_of(ticket).count()
    if not words or not count:
        raise NothingToSayError
    news = FollowerNews.objects.create(ticket=ticket, author=user, text=words, key=key)
    facts.record(
        ticket=ticket,
        kind=facts.FOLLOWERS_TOLD,
        actor=facts.by_user(user),
        data={"news": news.pk, "followers": count},
        personal={"text": words},
    )
    return news


@transaction.atomic
def forget_followers(*, now: datetime | None = None) -> int:
    """Delete wishes that nobody confirmed, followers of what ended long ago, and their mails.

    What was merged has ended when that has into which it went.
    """
    at = now or timezone.now()
    long_ago = Q()
    for ticket in TICKETS:
        ended = Q(**{f"{ticket}__resolved_at__lt": at - VALID_AFTER_END})
        long_ago &= ended | Q(**{f"{ticket}__isnull": True})
    wishes = Q(confirmed_at=None, created_at__lt=at - UNCONFIRMED)
    gone = Follower.objects.filter(wishes | long_ago).delete()[0]
    # By then no server sends one back any more.
    forget_mails(_mails_to_nobody().filter(created_at__lt=at - UNCONFIRMED))
    return gone


def _mails_to_nobody() -> QuerySet[OutgoingMessage]:
    """Return the mails of ours to addresses that follow nothing any more."""
    known = Follower.objects.values("email")
    mails = OutgoingMessage.objects.filter(kind__in=(FOLLOW_LINK, FOLLOW_NEWS))
    return mails.exclude(recipients__address__in=known)


def followers_of(ticket: Ticket) -> QuerySet[Follower]:
    """Return who follows a request, or one that was merged into it, and has confirmed it."""
    return Follower.objects.filter(_within(ticket.pk), confirmed_at__isnull=False)


def _within(ticket_id: int) -> Q:
    inner = Q(ticket__merged_into=ticket_id) | Q(ticket__merged_into__merged_into=ticket_id)
    return Q(ticket=ticket_id) | inner


def count_followers(tickets: Sequence[Ticket]) -> dict[int, int]:
    """Return how many follow each of these requests, as :func:`followers_of`; one query."""
    wanted = {ticket.pk for ticket in tickets}
    places = tuple(f"{ticket}_id" for ticket in TICKETS)
    within = Q()
    for place in places:
        within |= Q(**{f"{place}__in": wanted})
    rows = Follower.objects.filter(within, confirmed_at__isnull=False).values_list(*places)
    return dict(Counter(key for row in rows for key in wanted.intersection(row)))


def is_dropped(ticket: Ticket) -> bool:
    """Tell whether a request ended without anybody working on it: in the bin, or as spam.

    Whoever follows must not take that for an end of what they have seen.
    """
    return ticket.status == Status.DELETED or ticket.outcome == Outcome.SPAM


def news_for(follower: Follower) -> QuerySet[FollowerNews]:
    """Return what all who follow were told, also those who came later, oldest first.

    Of a request that was merged more than once, also what was said half way.
    """
    ticket: Ticket | None = follower.ticket
    ticket_ids: set[int] = set()
    while ticket is not None and ticket.pk not in ticket_ids:
        ticket_ids.add(ticket.pk)
        ticket = ticket.merged_into
    return FollowerNews.objects.filter(ticket__in=ticket_ids).order_by("id")


def topic_for(follower: Follower) -> Category | None:
    """Return the topic of what is followed; None if it is one of which nobody else may learn.

    The request may have been moved to another one, by which more would be told than was known.
    """
    topic = follower.ticket.category
    return topic if topic is not None and topic.shows_nearby else None


@cache
def _key() -> bytes:
    return derive_key(settings.MASTER_KEY, "follow-link")


def _proof(follower: Follower) -> str:
    return mac(_key(), "follow-link", str(follower.pk), follower.nonce)


def follow_token(follower: Follower) -> str:
    """Return the token that opens this follower's page."""
    return f"{to_base36(follower.pk)}-{_proof(follower)}"


def follow_url(follower: Follower) -> str:
    """Return the absolute address of a follower's page, always under BASE_URL."""
    return absolute(f"{PATH}{follow_token(follower)}/", follower.ticket.authority)


def find_follower(*, authority_id: int, token: str) -> Follower | None:
    """Return whom a token belongs to; None for a wrong one, and for who follows no more."""
    number, _dash, given = token.strip().lower().partition("-")
    if not number.isascii() or not number.isalnum() or len(number) > 12 or not given.isascii():
        return None
    rows = Follower.objects.select_related("ticket__authority", "ticket__category")
    found = rows.filter(pk=int(number, 36), ticket__authority_id=authority_id).first()
    return found if found is not None and matches(_proof(found), given) else None
