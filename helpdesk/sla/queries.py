"""Reads of promised times."""

from datetime import datetime

from helpdesk.lib.worktime import NoWorkingTimeError, add_minutes
from helpdesk.sla.domain.calendars import work_calendar
from helpdesk.sla.models import Agreement
from helpdesk.tickets.models import Ticket


def promised_answer(ticket: Ticket) -> datetime | None:
    """Return until when an answer is promised, None if nothing is.

    Clocks start a moment after a request was filed; whoever filed it sees the same
    date at once.
    """
    if ticket.due_at is not None:
        return ticket.due_at
    agreement = (
        Agreement.objects.select_related("calendar")
        .filter(authority_id=ticket.authority_id, is_default=True)
        .first()
    )
    if agreement is None or agreement.first_answer_minutes is None:
        return None
    calendar = work_calendar(agreement.calendar)
    try:
        return add_minutes(ticket.received_at, agreement.first_answer_minutes, calendar)
    except NoWorkingTimeError:
        return None
