"""Asks citizens by mail how it went, a day after the end, where the authority wants that.

A day, because an end is often taken back within it. Once for each end: the mail's own row says
that it was asked. Whoever got an answer at the end has read the question there.
"""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.template.loader import render_to_string
from django.utils import timezone, translation

from helpdesk.lib.addresses import normalise
from helpdesk.notifications.status_links import addresses_of
from helpdesk.outbox.models import OutgoingMessage
from helpdesk.outbox.queue import Address, Letter, queue_message
from helpdesk.tickets.domain.letters import (
    NoSenderError,
    address_of_citizen,
    find_answer_address,
    notice_language,
    sender_for,
    subject_tag,
    ticket_scope,
)
from helpdesk.tickets.enums import ArticleKind, Outcome, Status
from helpdesk.tickets.links import status_url
from helpdesk.tickets.models import Article, Rating, Ticket

logger = logging.getLogger(__name__)

TASK = "notifications.ask_ratings"
KIND = "rating"
AFTER = timedelta(days=1)
# Who was not asked by then, because nothing ran, is not asked any more.
UNTIL = timedelta(days=4)
AT_THE_END = timedelta(minutes=10)
# How it went is asked where the town has done something.
ASKED = (Outcome.ANSWERED, Outcome.FIXED, Outcome.DECLINED, Outcome.NOT_RESPONSIBLE)


def ask_for_ratings() -> int:
    """Queue the mails that are due; return how many."""
    keys = waiting(timezone.now()).order_by("id").values_list("pk", flat=True)
    return sum(map(_asked, list(keys)))


def waiting(now: datetime) -> QuerySet[Ticket]:
    """Return the requests that ended a day ago and whose citizens were not asked yet."""
    ended = Ticket.objects.filter(
        authority__asks_rating=True,
        status__in=(Status.RESOLVED, Status.CLOSED),
        outcome__in=ASKED,
        resolved_at__range=(now - UNTIL, now - AFTER),
        citizen__isnull=False,
    )
    end = OuterRef("resolved_at")
    asked = OutgoingMessage.objects.filter(
        kind=KIND, link_kind="ticket", link_id=OuterRef("pk"), created_at__gte=end
    )
    rated = Rating.objects.filter(ticket=OuterRef("pk"), ended_at=end)
    answered = Article.objects.filter(
        ticket=OuterRef("pk"),
        kind=ArticleKind.ANSWER,
        is_withdrawn=False,
        outgoing_id__isnull=False,
        created_at__gte=end - AT_THE_END,
    )
    # A machine that wrote has no opinion.
    machine = Article.objects.filter(ticket=OuterRef("pk"), is_automatic=True)
    ended = ended.exclude(Exists(machine))
    return ended.exclude(Exists(asked)).exclude(Exists(rated)).exclude(Exists(answered))


def _asked(ticket_id: int) -> bool:
    try:
        return _ask(ticket_id)
    except Exception:
        # One that can't be asked must not keep the others waiting.
        logger.exception("asking for a rating of ticket %s failed", ticket_id)
        return False


@transaction.atomic
def _ask(ticket_id: int) -> bool:
    rows = Ticket.objects.select_for_update(of=("self",))
    ticket = rows.select_related("authority", "team", "sender").get(pk=ticket_id)
    address = _address(ticket)
    if address is None or not waiting(timezone.now()).filter(pk=ticket_id).exists():
        return False
    try:
        queue_message(letter=_letter(ticket, address))
    except NoSenderError:
        return False
    return True


def _address(ticket: Ticket) -> Address | None:
    """Return where the citizen is asked: an address of their own and no other.

    Nobody looks at this mail before it leaves, and its link opens the request. Where somebody
    wants answers may be what another one wrote in the citizen's name.
    """
    own = addresses_of(ticket)
    wished = find_answer_address(ticket)
    if wished and normalise(wished.address) in map(normalise, own):
        return wished
    return address_of_citizen(ticket, own[0]) if own else None


def _letter(ticket: Ticket, address: Address) -> Letter:
    language = notice_language(ticket)
    values = {
        "tag": subject_tag(ticket),
        "reference": ticket.reference,
        "rating_url": f"{status_url(ticket)}bewerten/",
        "authority": ticket.authority,
    }
    with translation.override(language):
        subject, text, html = (
            render_to_string(f"mail/{KIND}/{name}", values)
            for name in ("subject.txt", "body.txt", "body.html")
        )
    ended = ticket.resolved_at or timezone.now()
    return Letter(
        sender=sender_for(ticket),
        kind=KIND,
        idempotency_key=f"{KIND}:{ticket.pk}:{int(ended.timestamp())}",
        subject=" ".join(subject.split()),
        text=text.strip() + "\n",
        html=html.strip(),
        recipients=(address,),
        scope=ticket_scope(ticket),
        language=language,
        is_automatic=True,
        from_name=ticket.team.email_name or ticket.authority.name,
        link_kind="ticket",
        link_id=ticket.pk,
    )
