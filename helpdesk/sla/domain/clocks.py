"""Starts, pauses, resumes and stops the clocks of a ticket, and keeps its deadline.

Each door is told the moment of its fact, not the moment at which it runs, so a
late reaction measures the same. All of them need the caller's transaction.
"""

from collections.abc import Callable, Iterable
from datetime import datetime

from django.db.models import F

from helpdesk.events.publish import SYSTEM
from helpdesk.lib.statements import Insert, Lookup
from helpdesk.lib.worktime import NoWorkingTimeError, add_minutes, minutes_between
from helpdesk.sla.domain.calendars import work_calendar
from helpdesk.sla.models import NEAR_MINUTES, NEAR_SHARE, Agreement, Clock
from helpdesk.tickets import facts
from helpdesk.tickets.domain.deadline import set_due
from helpdesk.tickets.enums import ENDED, WAITING, Status
from helpdesk.tickets.models import Ticket

Change = Callable[[Clock], None]
FIELDS = (
    *("target_minutes", "extended_minutes", "spent_minutes", "running_since", "due_at", "near_at"),
    *("stopped_at", "warned_at", "missed_at"),
)
_PROMISED = Lookup(
    lambda ticket_id: (
        Agreement.objects.select_related("calendar")
        .filter(authority__tickets=ticket_id, is_default=True)
        .annotate(received_at=F("authority__tickets__received_at"))
    ),
    "ticket_id",
)
_NEW_CLOCKS = Insert(Clock)


def ask_ahead(*, ticket_ids: Iterable[int]) -> None:
    """Ask at once for what :func:`start` will ask for each, inside `together`."""
    _PROMISED.ask_ahead({"ticket_id": ticket_id} for ticket_id in ticket_ids)


def start(*, ticket_id: int) -> None:
    """Start what the default agreement of its authority promises; nothing if there is none.

    It counts from when the request came, however long it waited to be filed.
    """
    agreement = _PROMISED.one(ticket_id=ticket_id)
    if agreement is None:
        return
    targets = {
        Clock.Kind.FIRST_ANSWER: agreement.first_answer_minutes,
        Clock.Kind.SOLUTION: agreement.solution_minutes,
    }
    clocks = [
        Clock(ticket_id=ticket_id, agreement=agreement, kind=kind, target_minutes=minutes)
        for kind, minutes in targets.items()
        if minutes is not None
    ]
    for clock in clocks:
        _run(clock, agreement.received_at)
    if clocks:
        _NEW_CLOCKS.write(*clocks)
    keep_deadline(ticket_id, clocks)


def promise_answer(*, ticket_id: int, agreement: Agreement, minutes: int, at: datetime) -> None:
    """Let the first answer be due ``minutes`` of working time after ``at``, as agreed on."""
    clocks = list(
        Clock.objects.select_for_update(of=("self",))
        .select_related("agreement__calendar")
        .filter(ticket_id=ticket_id)
    )
    clock = next(filter(_measures_answer, clocks), None)
    if clock is None:
        clock = Clock(ticket_id=ticket_id, kind=Clock.Kind.FIRST_ANSWER)
        clocks.append(clock)
    clock.agreement, clock.target_minutes, clock.extended_minutes = agreement, minutes, 0
    _run(clock, at)
    clock.save()
    keep_deadline(ticket_id, clocks)


def answer_given(*, ticket_id: int, at: datetime) -> None:
    """Stop the clock of the first answer, if it still runs."""
    _change(ticket_id, lambda clock: _stop(clock, at) if _measures_answer(clock) else None)


def answer_withdrawn(*, ticket_id: int) -> None:
    """Let the clock of the first answer run on as if it had not stopped, if none is left."""
    if _was_answered(ticket_id):
        return
    _change(ticket_id, lambda clock: _unstop(clock) if _measures_answer(clock) else None)


def status_changed(*, ticket_id: int, to: Status, at: datetime, is_undo: bool = False) -> None:
    """Pause while waiting, stop at the end, and start anew where an ended ticket opens again.

    An undone change goes on as if it had not been made.
    """
    if to in ENDED:
        _change(ticket_id, lambda clock: _stop(clock, at))
        return

    def back_to_work(clock: Clock) -> None:
        _reopen(clock, at, is_undo=is_undo)
        if to in WAITING:
            _pause(clock, at)
        else:
            _resume(clock, at)

    _change(ticket_id, back_to_work)


def _change(ticket_id: int, change: Change) -> None:
    clocks = list(
        Clock.objects.select_for_update(of=("self",))
        .select_related("agreement__calendar")
        .filter(ticket_id=ticket_id)
    )
    before = [_values(clock) for clock in clocks]
    for clock in clocks:
        change(clock)
    changed = [c for c, old in zip(clocks, before, strict=True) if _values(c) != old]
    if not changed:
        return
    for clock in changed:
        clock.save(update_fields=FIELDS)
    keep_deadline(ticket_id, clocks)


def _values(clock: Clock) -> tuple[object, ...]:
    return tuple(getattr(clock, name) for name in FIELDS)


def keep_deadline(ticket_id: int, clocks: Iterable[Clock]) -> None:
    """Write the earliest running deadline of all clocks of a ticket onto it."""
    open_clocks = [clock for clock in clocks if clock.stopped_at is None]
    running = [clock for clock in open_clocks if clock.due_at is not None]
    first = min(running, key=lambda clock: clock.due_at or clock.created_at, default=None)
    set_due(
        ticket_id=ticket_id,
        due_at=first.due_at if first else None,
        kind=first.kind if first else "",
        paused=bool(open_clocks) and first is None,
    )


def _measures_answer(clock: Clock) -> bool:
    return clock.kind == Clock.Kind.FIRST_ANSWER


def aim(clock: Clock) -> None:
    """Aim a running clock anew by what it holds now; the caller saves, and keeps the deadline."""
    _aim(clock)


def _was_answered(ticket_id: int) -> bool:
    return Ticket.objects.filter(pk=ticket_id, first_answer_at__isnull=False).exists()


def _run(clock: Clock, at: datetime) -> None:
    clock.running_since, clock.stopped_at = at, None
    _aim(clock)


def _aim(clock: Clock) -> None:
    """Set when the promise ends and when that is near: never if nobody ever works.

    A missed one ended when it was missed.
    """
    clock.near_at, clock.due_at = None, clock.missed_at
    if clock.missed_at or clock.running_since is None:
        return
    left = max(clock.target_minutes - clock.spent_minutes, 0)
    early = max(left - min(NEAR_MINUTES, clock.target_minutes // NEAR_SHARE), 0)
    calendar = work_calendar(clock.agreement.calendar)
    try:
        clock.due_at = add_minutes(clock.running_since, left, calendar)
        clock.near_at = add_minutes(clock.running_since, early, calendar)
    except NoWorkingTimeError:
        return


def recount(clock: Clock, target_minutes: int) -> bool:
    """Aim a clock that has not stopped by its agreement and calendar as they are now.

    What was spent stays spent. Tells whether the deadline moved; the caller saves the
    clock and calls :func:`keep_deadline`. A warning given before a deadline that moved
    away is forgotten.
    """
    before = clock.due_at
    clock.target_minutes = target_minutes
    if clock.running_since is not None:
        _aim(clock)
    if clock.due_at and before and clock.due_at > before:
        clock.warned_at = None
    return clock.due_at != before


def _stop(clock: Clock, at: datetime) -> None:
    """Stop for good; what was measured stays, so that an undo can go on from it."""
    if clock.stopped_at is not None:
        return
    if clock.due_at and clock.due_at < at and not clock.missed_at:
        note_missed(clock)
    clock.stopped_at, clock.due_at, clock.near_at = at, None, None


def _unstop(clock: Clock) -> None:
    if clock.stopped_at is not None:
        clock.stopped_at = None
        _aim(clock)
        if clock.running_since is None:
            clock.due_at = None


def _pause(clock: Clock, at: datetime) -> None:
    if clock.stopped_at is not None or clock.running_since is None:
        return
    if clock.due_at and clock.due_at < at and not clock.missed_at:
        note_missed(clock)
    try:
        calendar = work_calendar(clock.agreement.calendar)
        clock.spent_minutes += minutes_between(clock.running_since, at, calendar)
    except NoWorkingTimeError:
        pass  # nothing was spent where nobody ever works
    clock.running_since = clock.due_at = clock.near_at = None


def _resume(clock: Clock, at: datetime) -> None:
    if clock.stopped_at is None and clock.running_since is None:
        _run(clock, at)


def _reopen(clock: Clock, at: datetime, *, is_undo: bool) -> None:
    """Let a stopped clock measure again; an answer once given stays given."""
    if clock.stopped_at is None or (_measures_answer(clock) and _was_answered(clock.ticket_id)):
        return
    if is_undo:
        _unstop(clock)
        return
    clock.spent_minutes, clock.warned_at, clock.missed_at = 0, None, None
    # What was given for the first time round was not given for this one.
    clock.target_minutes -= clock.extended_minutes
    clock.extended_minutes = 0
    _run(clock, at)


def note_missed(clock: Clock) -> None:
    """Mark a promise as broken at its deadline and record the fact; the caller saves."""
    clock.missed_at = clock.due_at
    _record(clock, facts.DEADLINE_MISSED)


def note_near(clock: Clock, at: datetime) -> None:
    """Mark a promise as nearly due and record the fact; the caller saves."""
    clock.warned_at = at
    _record(clock, facts.DEADLINE_NEAR)


def _record(clock: Clock, kind: str) -> None:
    due_at = clock.due_at.isoformat() if clock.due_at else None
    facts.record(
        ticket=Ticket.objects.get(pk=clock.ticket_id),
        kind=kind,
        actor=SYSTEM,
        data={"clock": clock.kind, "due_at": due_at},
    )
