"""A promise that can't be kept is moved, with a reason, and the citizen is told if that is right.

The promise as it was stays in the history: a missed one was missed.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from helpdesk.agents.models import User
from helpdesk.events.models import Event
from helpdesk.lib.worktime import NoWorkingTimeError, minutes_between
from helpdesk.sla.domain.calendars import work_calendar
from helpdesk.sla.domain.clocks import FIELDS, aim, keep_deadline
from helpdesk.sla.models import Clock
from helpdesk.tickets import facts
from helpdesk.tickets.domain.locking import lock_ticket
from helpdesk.tickets.domain.notices import UNDO_SECONDS, keep_notice_back, send_notice
from helpdesk.tickets.models import Ticket

MAX_REASON = 500
LONGEST = timedelta(days=366)
# Beyond what the screen counts down: a click in the last moment still gets there.
UNDO_WITHIN = timedelta(seconds=UNDO_SECONDS + 10)
# What an extension changes, and its undo brings back.
MOVED = ("target_minutes", "extended_minutes", "warned_at", "missed_at")


class NoReasonError(ValueError):
    """A promise is not moved without saying why."""


class NotLaterError(ValueError):
    """The day is none of work to come, not later than what is promised, or too far away."""


class NothingPromisedError(Exception):
    """No clock of this kind runs: it was stopped, or waits."""


class TooLateError(Exception):
    """The extension is older than half a minute, was changed since, or the citizen was told."""


@dataclass(frozen=True, slots=True)
class Extension:
    """Until the end of work on which day which promise is moved, and why.

    ``notice`` is sent to the citizen, once for each ``key``; empty: nobody is told.
    """

    ticket_id: int
    kind: str
    day: date
    reason: str
    notice: str = ""
    key: str = ""


@transaction.atomic
def extend_deadline(*, extension: Extension, user: User) -> Event:
    """Move a running promise to the end of work of a later day; return the fact of it.

    Lists, the status page and warnings go by the new date at once. Raises
    TicketNotThereError, NoReasonError, NotLaterError, NothingPromisedError, NoSenderError.
    """
    clocks, ticket = _lock(extension.ticket_id, user)
    reason = " ".join(extension.reason.replace("\0", "").split())[:MAX_REASON]
    if not reason:
        raise NoReasonError
    clock = next((each for each in clocks if each.kind == extension.kind), None)
    if clock is None or clock.due_at is None or clock.running_since is None:
        raise NothingPromisedError
    before = {"due_at": _text(clock.due_at), **_values(clock)}
    _move(clock, extension.day)
    _keep(ticket, clock, clocks)
    data: dict[str, Any] = {"clock": clock.kind, "before": before, "after": _values(clock)}
    data |= {"due_at": _text(clock.due_at), "notice": _tell(ticket, user, extension)}
    return facts.record(
        ticket=ticket,
        kind=facts.DEADLINE_EXTENDED,
        actor=facts.by_user(user),
        data=data,
        personal={"reason": reason},
    )


@transaction.atomic
def take_back_extension(*, ticket_id: int, event_id: int, user: User) -> Ticket:
    """Promise again what was promised before; the notice of it never leaves.

    Raises TicketNotThereError, TooLateError.
    """
    clocks, ticket = _lock(ticket_id, user)
    event = Event.objects.filter(
        pk=event_id,
        subject_kind=facts.SUBJECT,
        subject_id=ticket_id,
        kind=facts.DEADLINE_EXTENDED,
        actor_id=user.pk,
        created_at__gte=timezone.now() - UNDO_WITHIN,
    ).first()
    data: dict[str, Any] = event.data if event else {}
    clock = next((each for each in clocks if each.kind == data.get("clock")), None)
    if clock is None or clock.due_at is None or _values(clock) != data.get("after"):
        raise TooLateError
    for name in MOVED:
        value = data["before"][name]
        setattr(clock, name, datetime.fromisoformat(value) if isinstance(value, str) else value)
    aim(clock)
    _keep(ticket, clock, clocks)
    told = data["notice"]
    if told and not keep_notice_back(ticket=ticket, user=user, article_id=told):
        raise TooLateError
    facts.record(
        ticket=ticket,
        kind=facts.DEADLINE_EXTENDED,
        actor=facts.by_user(user),
        data={"clock": clock.kind, "due_at": _text(clock.due_at), "undo": True},
    )
    return ticket


def _lock(ticket_id: int, user: User) -> tuple[list[Clock], Ticket]:
    """Lock clocks and ticket, in the order of those who follow facts."""
    rows = Clock.objects.select_for_update(of=("self",)).select_related("agreement__calendar")
    clocks = list(rows.filter(ticket_id=ticket_id).order_by("pk"))
    return clocks, lock_ticket(ticket_id=ticket_id, user=user, verb="change_ticket")


def _move(clock: Clock, day: date) -> None:
    calendar = clock.agreement.calendar
    now, promised = timezone.now(), clock.due_at or timezone.now()
    midnight = datetime.combine(day, time(), tzinfo=ZoneInfo(calendar.time_zone))
    end = midnight + timedelta(days=1)
    try:
        whole = minutes_between(clock.running_since or now, end, work_calendar(calendar))
    except NoWorkingTimeError as error:
        raise NotLaterError from error
    target = clock.spent_minutes + whole
    if end <= now or end > now + LONGEST or target <= clock.target_minutes:
        raise NotLaterError
    clock.extended_minutes += target - clock.target_minutes
    clock.target_minutes, clock.warned_at, clock.missed_at = target, None, None
    aim(clock)
    if clock.due_at is None or clock.due_at <= max(now, promised):
        raise NotLaterError


def _keep(ticket: Ticket, clock: Clock, clocks: list[Clock]) -> None:
    clock.save(update_fields=FIELDS)
    keep_deadline(ticket.pk, clocks)
    ticket.refresh_from_db(fields=["due_at", "due_sort", "due_kind", "clock_paused"])
    ticket.version += 1
    ticket.save(update_fields=["version"])


def _tell(ticket: Ticket, user: User, extension: Extension) -> int | None:
    if not extension.notice.strip():
        return None
    return send_notice(ticket=ticket, user=user, text=extension.notice, key=extension.key).pk


def _values(clock: Clock) -> dict[str, Any]:
    values = {name: getattr(clock, name) for name in MOVED}
    return {name: _text(v) if isinstance(v, datetime) else v for name, v in values.items()}


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
