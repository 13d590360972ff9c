"""The backstop against machines that answer each other (mail.md 82, RFC 3834 2)."""

import logging
from datetime import timedelta

from django.utils import timezone

from helpdesk.events.models import Event
from helpdesk.events.publish import SYSTEM
from helpdesk.tickets import facts
from helpdesk.tickets.enums import Status
from helpdesk.tickets.models import Ticket

logger = logging.getLogger(__name__)

DAILY_REOPENINGS = 20
_ENDED = frozenset({Status.RESOLVED, Status.CLOSED})


def stays_shut(ticket: Ticket) -> bool:
    """Tell whether an ended ticket was opened by messages too often within a day.

    Then the message is filed all the same, and the history says once a day why the
    ticket stays as it is. Runs in the transaction of the filing, the ticket locked.
    """
    if ticket.status not in _ENDED or ticket.reopened < DAILY_REOPENINGS:
        return False
    today = Event.objects.filter(
        subject_kind=facts.SUBJECT,
        subject_id=ticket.pk,
        created_at__gt=timezone.now() - timedelta(days=1),
    )
    opened = today.filter(kind=facts.STATUS_CHANGED, data__by_message__isnull=False)
    if opened.count() < DAILY_REOPENINGS:
        return False
    if not today.filter(kind=facts.LOOP_STOPPED).exists():
        facts.record(ticket=ticket, kind=facts.LOOP_STOPPED, actor=SYSTEM)
        logger.error("ticket %s was opened again too often: it stays closed", ticket.pk)
    return True
