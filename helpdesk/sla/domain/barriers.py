"""The month within which the law wants a report of a barrier answered."""

from calendar import monthrange
from datetime import datetime
from zoneinfo import ZoneInfo

from helpdesk.lib.worktime import NoWorkingTimeError, minutes_between
from helpdesk.sla.domain.calendars import work_calendar
from helpdesk.sla.domain.clocks import promise_answer
from helpdesk.sla.models import Agreement, Clock
from helpdesk.tickets.models import Purpose, Ticket

NAME = "Barrieren (§ 12b BGG)"


def answer_within_a_month(*, ticket_id: int) -> None:
    """Let the first answer to a report of a barrier be due within a month (BGG § 12b (4)).

    A promise that is due sooner stays; nothing happens to any other request. Needs the
    caller's transaction.
    """
    ticket = (
        Ticket.objects.select_related("authority__calendar")
        .filter(pk=ticket_id, category__purpose=Purpose.BARRIER)
        .first()
    )
    if ticket is None:
        return
    calendar = ticket.authority.calendar
    latest = a_month_after(ticket.received_at, ZoneInfo(calendar.time_zone))
    clock = Clock.objects.filter(ticket=ticket, kind=Clock.Kind.FIRST_ANSWER).first()
    if clock and (clock.stopped_at or (clock.due_at and clock.due_at <= latest)):
        return
    try:
        minutes = minutes_between(ticket.received_at, latest, work_calendar(calendar))
    except NoWorkingTimeError:
        return
    agreement, _ = Agreement.objects.get_or_create(
        authority=ticket.authority, name=NAME, defaults={"calendar": calendar}
    )
    promise_answer(ticket_id=ticket.pk, agreement=agreement, minutes=minutes, at=ticket.received_at)


def a_month_after(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return the same time of the day of this number in the next month, else its last (BGB § 188).

    From 31 January it is the last day of February.
    """
    local = moment.astimezone(zone)
    year, month = (local.year + 1, 1) if local.month == 12 else (local.year, local.month + 1)
    day = min(local.day, monthrange(year, month)[1])
    return local.replace(year=year, month=month, day=day)
