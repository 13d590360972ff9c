"""The way of a request in plain words: what has happened, when, and what comes next."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext

from helpdesk.events.models import Event
from helpdesk.tickets import facts
from helpdesk.tickets.enums import ENDED, Outcome, Status
from helpdesk.tickets.models import Ticket

# What an answer brings with it is no station of its own.
SAME_MOMENT = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Step:
    """One station of the timeline; without a moment it is still to come."""

    word: str
    at: datetime | None = None
    is_work: bool = False


@dataclass(frozen=True, slots=True)
class Promise:
    """When something is promised; a missed one is said to be missed."""

    until: datetime
    is_answer: bool
    is_missed: bool


def state_word(ticket: Ticket) -> str:
    """Return the public status in words a citizen uses."""
    words = {
        Status.NEW: gettext("Received"),
        Status.OPEN: gettext("Being worked on"),
        Status.WAITING_CITIZEN: gettext("Question for you"),
        Status.WAITING_THIRD: gettext("Being worked on"),
        Status.WAITING_DATE: gettext("Being worked on"),
        Status.RESOLVED: gettext("Done"),
        Status.CLOSED: gettext("Done"),
        Status.DELETED: gettext("Closed"),
        Status.MERGED: gettext("Joined with another request"),
    }
    if ticket.outcome == Outcome.WITHDRAWN:
        return gettext("Withdrawn")
    if ticket.outcome == Outcome.NOT_RESPONSIBLE and ticket.referred_to:
        return gettext("Passed on to %(office)s") % {"office": ticket.referred_to}
    return words[Status(ticket.status)]


def promise_of(ticket: Ticket) -> Promise | None:
    """Return what the running clock promises; none while it is paused or after the end."""
    if ticket.due_at is None or ticket.status in ENDED:
        return None
    is_answer = ticket.due_kind != "solution"
    return Promise(ticket.due_at, is_answer, is_missed=ticket.due_at <= timezone.now())


def timeline(ticket: Ticket, answered_at: datetime | None) -> list[Step]:
    """Return the stations so far, from what the citizen may know, and the one to come."""
    steps = _stations(_changes(ticket))
    if answered_at is not None:
        steps = [step for step in steps if not _comes_with(step, answered_at)]
        if not any(step.at and abs(step.at - answered_at) < SAME_MOMENT for step in steps):
            steps.append(Step(gettext("First answer"), answered_at))
    # Only the first time that work begins is news.
    seen = [step for at, step in enumerate(steps) if not step.is_work or at == 0]
    ordered = sorted(seen, key=lambda step: step.at or ticket.received_at)
    return [Step(gettext("Received"), ticket.received_at), *ordered, *_next(ticket)]


def _comes_with(step: Step, answered_at: datetime) -> bool:
    return step.is_work and step.at is not None and step.at > answered_at - SAME_MOMENT


def _next(ticket: Ticket) -> list[Step]:
    if ticket.status in ENDED:
        return []
    if ticket.status == Status.WAITING_CITIZEN:
        return [Step(gettext("Your answer"))]
    return [Step(gettext("Done"))]


def _changes(ticket: Ticket) -> list[Event]:
    """Return the changes of status that still count; one that was undone never was."""
    events = Event.objects.filter(
        subject_kind=facts.SUBJECT, subject_id=ticket.pk, kind=facts.STATUS_CHANGED
    )
    found: list[Event] = []
    for event in events.order_by("id"):
        if event.data.get("undo") and found:
            found.pop()
        else:
            found.append(event)
    return found


def _stations(events: Iterable[Event]) -> list[Step]:
    steps = []
    for event in events:
        word = _word(event)
        if word:
            is_work = event.data["to"] not in ENDED and event.data.get("from") == Status.NEW
            is_work = is_work and event.data["to"] != Status.WAITING_CITIZEN
            steps.append(Step(word, event.created_at, is_work))
    return steps


def _word(event: Event) -> str:
    """Return the station a change of status is for the citizen, "" if it is none."""
    before, after = event.data.get("from"), event.data["to"]
    if after in ENDED:
        return "" if before in ENDED else ended_word(event.data.get("outcome", ""), after)
    if before in ENDED:
        return gettext("Opened again")
    if after == Status.WAITING_CITIZEN:
        return gettext("Question for you")
    if before == Status.WAITING_CITIZEN and event.data.get("by_message"):
        return gettext("Your answer")
    return gettext("Being worked on") if before == Status.NEW else ""


def ended_word(outcome: str, status: str = Status.RESOLVED) -> str:
    """Return the end in words; what only says how the staff files it stays inside."""
    if status == Status.MERGED:
        return gettext("Joined with another request")
    if status == Status.DELETED:
        return gettext("Closed")
    words: dict[str, Callable[[], str]] = {
        Outcome.FIXED: lambda: gettext("Done: the matter has been put right"),
        Outcome.ANSWERED: lambda: gettext("Done: your request has been answered"),
        Outcome.DECLINED: lambda: gettext("Done: we could not do what you asked"),
        Outcome.DUPLICATE: lambda: gettext("Done: we already know of the matter"),
        Outcome.NOT_RESPONSIBLE: lambda: gettext("Done: somebody else is responsible"),
        Outcome.WITHDRAWN: lambda: gettext("Withdrawn by you"),
    }
    return words[outcome]() if outcome in words else gettext("Done")
