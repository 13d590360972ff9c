"""Requests whose time in the bin is over are deleted for good, with all that belongs to them.

What stays is the chain of facts without personal values, one of them that says what was
deleted, and for each mail a row without content, so that it is known when the server gives
it again.
"""

import logging
from datetime import datetime
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from channels_in.models import RawMessage
from channels_in.reasons import Ignored
from helpdesk.events.models import EventPayload
from helpdesk.events.publish import SYSTEM
from helpdesk.files.store import discard
from helpdesk.notifications.models import Notice
from helpdesk.outbox.facts import SUBJECT_KIND
from helpdesk.outbox.models import OutgoingFile, OutgoingMessage
from helpdesk.sla.models import Clock
from helpdesk.tickets import facts
from helpdesk.tickets.domain.trash import KEPT
from helpdesk.tickets.enums import Status
from helpdesk.tickets.models import Article, Attachment, DraftFile, Ticket

logger = logging.getLogger(__name__)
BATCH = 100
Row = TypeVar("Row", bound=Model)


def empty_trash(*, now: datetime | None = None) -> int:
    """Delete what has been in the bin for thirty days; return how many requests."""
    before = (now or timezone.now()) - KEPT
    due = Ticket.objects.filter(status=Status.DELETED, resolved_at__lt=before).order_by("id")
    gone = 0
    for ticket_id in list(due.values_list("pk", flat=True)[:BATCH]):
        gone += _purge(ticket_id, before)
    return gone


def _purge(ticket_id: int, before: datetime) -> int:
    """Delete one request, unless somebody has brought it back meanwhile; 1 if it is gone."""
    with transaction.atomic():
        doomed = _locked(ticket_id, before)
        files = {file for each in doomed for file in _purge_rows(each)}
        for each in doomed:
            each.delete()
    for file_id in files:
        discard(stored_id=file_id)
    if doomed:
        logger.info("ticket %s was deleted for good", ticket_id)
    return int(bool(doomed))


def _locked(ticket_id: int, before: datetime) -> list[Ticket]:
    """Return a request to be deleted with what was merged into it, the deepest first.

    All that belongs to them is locked as in every other door: clocks, requests, mails. Empty where
    it was brought back meanwhile, or something was taken out of it: a later sweep looks again.
    """
    due = Ticket.objects.filter(pk=ticket_id, status=Status.DELETED, resolved_at__lt=before)
    # What was merged into it is an empty shell that points to it.
    doomed = [*_shells(ticket_id), ticket_id]
    list(_in_order(Clock.objects.filter(ticket__in=doomed)))
    list(_in_order(Ticket.objects.filter(pk__in=doomed)))
    ticket = due.first()
    if ticket is None or [*_shells(ticket_id), ticket_id] != doomed:
        return []
    mails = {key for each in doomed for key in _mails_of(each).values_list("pk", flat=True)}
    list(_in_order(OutgoingMessage.objects.filter(pk__in=mails)))
    by_id = Ticket.objects.in_bulk(doomed)
    return [by_id[key] for key in doomed]


def _in_order(rows: QuerySet[Row]) -> QuerySet[Row, Any]:
    """Lock rows by ascending key."""
    return rows.select_for_update(of=("self",)).order_by("pk").values_list("pk")


def _shells(ticket_id: int) -> list[int]:
    """Return what was merged into a ticket, the deepest first."""
    found: list[int] = []
    inner = Ticket.objects.filter(merged_into=ticket_id).order_by("id")
    for shell in inner.values_list("pk", flat=True):
        found += [*_shells(shell), shell]
    return found


def _mails_of(ticket_id: int) -> QuerySet[OutgoingMessage]:
    """Return the mails that tell of a ticket; those to staff hold its title and notes, too."""
    told = Notice.objects.filter(ticket=ticket_id, outgoing__isnull=False).values("outgoing")
    of_articles = Q(article__in=Article.objects.filter(ticket=ticket_id))
    linked = Q(link_kind="ticket", link_id=ticket_id)
    return OutgoingMessage.objects.filter(linked | of_articles | Q(pk__in=told))


def _purge_rows(ticket: Ticket) -> set[int]:
    """Delete what belongs to a ticket beside its own row; return its files."""
    articles = ticket.articles.all()
    attached = Attachment.objects.filter(article__in=articles)
    files: set[int | None] = {*attached.values_list("file_id", flat=True)}
    files |= {*attached.values_list("public_file_id", flat=True)}
    files |= {*attached.values_list("thumbnail_id", flat=True)}
    drafted = DraftFile.objects.filter(draft__ticket=ticket)
    files |= {*drafted.values_list("file_id", flat=True)}
    files |= {*drafted.values_list("public_file_id", flat=True)}
    message_ids = list(_mails_of(ticket.pk).values_list("pk", flat=True).distinct())
    enclosed = OutgoingFile.objects.filter(message__in=message_ids)
    files |= {*enclosed.values_list("file_id", flat=True)}
    # Of a message that was split off the mail belongs to where that one lies now.
    mails = RawMessage.objects.filter(
        Q(article__in=articles) | Q(ticket=ticket, article__isnull=True)
    )
    files |= {*mails.values_list("file_id", flat=True)}
    count = {"articles": articles.count(), "mails": mails.count()}
    _empty(list(mails.values_list("pk", flat=True)))
    of_ticket = Q(event__subject_kind=facts.SUBJECT, event__subject_id=ticket.pk)
    of_mails = Q(event__subject_kind=SUBJECT_KIND, event__subject_id__in=message_ids)
    EventPayload.objects.filter(of_ticket | of_mails).delete()
    facts.record(
        ticket=ticket, kind=facts.PURGED, actor=SYSTEM, data={"number": ticket.number, **count}
    )
    articles.delete()
    OutgoingMessage.objects.filter(pk__in=message_ids).delete()
    return {file_id for file_id in files if file_id is not None}


def _empty(raw_ids: list[int]) -> None:
    """Take the content out of mails; the rows stay, so that the same mail is known again (I9)."""
    RawMessage.objects.filter(pk__in=raw_ids).update(
        state=RawMessage.State.DISCARDED,
        reason=Ignored.PURGED,
        error="",
        body=None,
        file=None,
        envelope_from=None,
        envelope_to=[],
        ticket=None,
        article=None,
    )
