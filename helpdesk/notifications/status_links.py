"""Sends the link of a status page again, to nobody but the address that is on file.

Whoever asks is told the same in the same time: the wish is one row, whatever was
typed, and only later somebody looks whether there is such a request.
"""

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.template.loader import render_to_string
from django.utils import timezone, translation

from helpdesk.citizens.models import ContactKind, ContactPoint
from helpdesk.events.publish import SYSTEM
from helpdesk.events.wake import wake_on_commit
from helpdesk.lib.addresses import normalise
from helpdesk.notifications.models import LinkRequest
from helpdesk.outbox.models import Recipient
from helpdesk.outbox.queue import Address, Letter, queue_message
from helpdesk.tickets import facts
from helpdesk.tickets.domain.letters import (
    NoSenderError,
    notice_language,
    sender_for,
    subject_tag,
    ticket_scope,
)
from helpdesk.tickets.links import has_ended, status_url
from helpdesk.tickets.models import Participant, Ticket

logger = logging.getLogger(__name__)

TASK = "notifications.send_links"
KIND = "status_link"
HOURLY_LIMIT = 3
# The link lasts as long as the request; nobody has to know for so long that it was mailed again.
KNOWN_FOR = timedelta(days=7)
MAX_ATTEMPTS = 5
BATCH = 100


@transaction.atomic
def ask_for_link(*, authority_id: int, reference: str, email: str) -> None:
    """Note that somebody wants the link of a request; always the same two statements."""
    LinkRequest.objects.create(
        authority_id=authority_id, reference=reference[:20], email=normalise(email)[:320]
    )
    wake_on_commit(TASK)


def answer_link_requests() -> int:
    """Work off what was asked for; return how many mails were queued."""
    waiting = LinkRequest.objects.filter(attempts__lt=MAX_ATTEMPTS).order_by("id")
    return sum(map(_answer, waiting.values_list("pk", flat=True)[:BATCH]))


def _answer(request_id: int) -> bool:
    try:
        return _answer_one(request_id)
    except Exception:
        # One that can't be answered must not keep the others waiting.
        logger.exception("link request %s failed", request_id)
        LinkRequest.objects.filter(pk=request_id).update(attempts=F("attempts") + 1)
        return False


@transaction.atomic
def _answer_one(request_id: int) -> bool:
    wish = LinkRequest.objects.select_for_update().filter(pk=request_id).first()
    if wish is None:
        return False
    wish.delete()
    ticket = (
        Ticket.objects.select_related("authority", "team", "sender")
        .filter(authority_id=wish.authority_id, reference=wish.reference)
        .first()
    )
    if ticket is None or has_ended(ticket):
        return False
    address = next((each for each in addresses_of(ticket) if normalise(each) == wish.email), None)
    return bool(address) and send_link(ticket=ticket, address=address or "", key=f"w{request_id}")


def addresses_of(ticket: Ticket) -> list[str]:
    """Return the working mail addresses of those who asked, the requester's own first."""
    requesters = Participant.objects.filter(ticket=ticket, role=Participant.Role.REQUESTER)
    points = ContactPoint.objects.filter(
        citizen__in=requesters.values("citizen"),
        kind=ContactKind.MAIL,
        undeliverable_at__isnull=True,
    )
    return list(points.order_by("id").values_list("value", flat=True))


def send_link(*, ticket: Ticket, address: str, key: str) -> bool:
    """Queue the mail with the link, in the caller's transaction; False if it may not be sent.

    An address gets no more than a few of them an hour, whoever asks for them.
    """
    if _sent_this_hour(address) >= HOURLY_LIMIT:
        return False
    try:
        letter = _letter(ticket, address, key)
    except NoSenderError:
        return False
    queue_message(letter=letter)
    facts.record(ticket=ticket, kind=facts.LINK_SENT, actor=SYSTEM)
    return True


def may_mail_link(ticket: Ticket) -> bool:
    """Tell whether a mail with the link would leave now, to the first address on file."""
    addresses = addresses_of(ticket)
    is_many = bool(addresses) and _sent_this_hour(addresses[0]) >= HOURLY_LIMIT
    return bool(addresses) and not is_many and may_send(ticket)


def may_send(ticket: Ticket) -> bool:
    """Tell whether there is an address from which mails about ``ticket`` leave."""
    try:
        sender_for(ticket)
    except NoSenderError:
        return False
    return True


def _sent_this_hour(address: str) -> int:
    since = timezone.now() - timedelta(hours=1)
    return Recipient.objects.filter(
        address=address, message__kind=KIND, message__created_at__gt=since
    ).count()


def _letter(ticket: Ticket, address: str, key: str) -> Letter:
    language = notice_language(ticket)
    values = {
        "tag": subject_tag(ticket),
        "reference": ticket.reference,
        "status_url": status_url(ticket),
        "authority": ticket.authority,
    }
    with translation.override(language):
        subject, text, html = (
            render_to_string(f"mail/{KIND}/{name}", values)
            for name in ("subject.txt", "body.txt", "body.html")
        )
    return Letter(
        sender=sender_for(ticket),
        kind=KIND,
        idempotency_key=f"{KIND}:{ticket.pk}:{key}",
        subject=" ".join(subject.split()),
        text=text.strip() + "\n",
        html=html.strip(),
        recipients=(Address(address),),
        scope=ticket_scope(ticket),
        language=language,
        is_automatic=True,
        from_name=ticket.team.email_name or ticket.authority.name,
        link_kind="ticket",
        link_id=ticket.pk,
        forget_at=timezone.now() + KNOWN_FOR,
    )
