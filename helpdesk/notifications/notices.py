"""The door of notices: made when a fact is reacted to, read by their reader alone."""

from datetime import datetime, timedelta
from functools import partial
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from helpdesk.agents.models import User
from helpdesk.events.models import Event
from helpdesk.notifications.concern import Concern, concerned
from helpdesk.notifications.models import Notice, NoticeChoices, PushBrowser, Reason, Way
from helpdesk.notifications.notice_letters import MANY, ONE
from helpdesk.notifications.queries import forget_own
from helpdesk.notifications.ways import choices_of, loud, mail_moment
from helpdesk.outbox.models import MessageState, OutgoingMessage
from helpdesk.tickets import facts
from helpdesk.tickets.rules import readers_of

# Whoever sits before it has seen it by then.
PUSH_GRACE: Final = timedelta(seconds=10)
KEPT_READ: Final = timedelta(days=30)
KEPT_UNREAD: Final = timedelta(days=90)
MAILS_PER_SWEEP: Final = 500


def make_notices(*, event: Event) -> None:
    """Tell those whom one fact concerns, in the transaction of its reaction.

    A fact makes one notice for each of them, whatever the reasons; tried again, it makes no
    second one. Whom it told stands on the event for those who speak to screens.
    """
    _take_back(event)
    concerns, team_id = concerned(event)
    if not concerns:
        return
    readers = (
        readers_of(team_id)
        .filter(pk__in=concerns)
        .select_related("notice_choices")
        .annotate(has_browser=Exists(PushBrowser.objects.filter(user=OuterRef("pk"))))
    )
    away = {concern.away_id for concern in concerns.values()}
    notices = [
        notice
        for reader in readers
        if (notice := _notice(event, reader, concerns[reader.pk], is_away=reader.pk in away))
    ]
    Notice.objects.bulk_create(notices, ignore_conflicts=True)
    event.told = frozenset(notice.user_id for notice in notices)
    transaction.on_commit(partial(forget_own, event.told), robust=True)


def _notice(event: Event, reader: User, concern: Concern, *, is_away: bool) -> Notice | None:
    choices = choices_of(reader)
    way = Way(getattr(choices, concern.reason))
    if way is Way.OFF:
        return None
    return Notice(
        user=reader,
        ticket_id=event.subject_id,
        reason=concern.reason,
        fact=event.kind,
        event_id=event.pk,
        article_id=event.data.get("article_id"),
        actor_id=event.actor_id if event.actor_kind == "user" else None,
        away_id=concern.away_id,
        way=way,
        # Who is away reads no mail: their substitute does.
        mail_at=None if is_away else mail_moment(way, choices, timezone.localtime()),
        push_at=_push_moment(reader, choices) if not is_away else None,
    )


def _push_moment(reader: User, choices: NoticeChoices) -> datetime | None:
    """Return when a reader's browsers are told, if any are: never in their quiet hours."""
    if not vars(reader)["has_browser"]:
        return None
    return loud(timezone.localtime() + PUSH_GRACE, choices)


def _take_back(event: Event) -> None:
    """Remove what nobody has read and is no longer so: an assignment, an answer."""
    # Asked of every fact: no query is so much as built for those that take nothing back.
    if event.kind == facts.ASSIGNED and event.data.get("from"):
        gone = Q(user_id=event.data["from"]) | Q(away_id=event.data["from"])
        _unread_of(event).filter(gone, reason=Reason.ASSIGNED).delete()
    elif event.kind == facts.ANSWER_WITHDRAWN:
        answer = event.data["article_id"]
        _unread_of(event).filter(article_id=answer, fact=facts.ANSWERED).delete()


def _unread_of(event: Event) -> QuerySet[Notice]:
    return Notice.objects.filter(ticket_id=event.subject_id, read_at=None, outgoing=None)


def clear_ticket(*, user: User, ticket_id: int) -> int:
    """Note that a reader has the request before them; return how many notices that answered.

    Asked at each change on an open page: where none waits, it waits for nobody who writes.
    """
    if not Notice.objects.filter(user=user, ticket_id=ticket_id, read_at=None).exists():
        return 0
    with transaction.atomic():
        return _read(user, Q(ticket_id=ticket_id))


@transaction.atomic
def clear_all(*, user: User, upto: int) -> int:
    """Note that a reader has seen everything up to this notice; what came later stays."""
    return _read(user, Q(pk__lte=upto))


def _read(user: User, which: Q) -> int:
    # What was read need not be mailed, nor told to a browser, any more.
    unread = Notice.objects.filter(which, user=user, read_at=None)
    transaction.on_commit(partial(forget_own, [user.pk]), robust=True)
    return unread.update(read_at=timezone.now(), mail_at=None, push_at=None)


def forget_old() -> int:
    """Remove notices that nobody looks for any more; the history of the request keeps the facts."""
    now = timezone.now()
    read = Q(read_at__isnull=False, created_at__lt=now - KEPT_READ)
    gone = Notice.objects.filter(read | Q(created_at__lt=now - KEPT_UNREAD)).delete()[0]
    _forget_mails(now - KEPT_UNREAD)
    return gone


@transaction.atomic
def _forget_mails(before: datetime) -> None:
    """Remove the mails that told of notices, with what they said; whoever got them has them."""
    told = Notice.objects.filter(outgoing__isnull=False).values("outgoing_id")
    under_way = (MessageState.QUEUED, MessageState.SENDING)
    mails = OutgoingMessage.objects.filter(kind__in=(ONE, MANY), created_at__lt=before)
    old = mails.exclude(state__in=under_way).exclude(pk__in=told).values_list("pk", flat=True)
    OutgoingMessage.objects.filter(pk__in=list(old[:MAILS_PER_SWEEP])).delete()
