"""What can be done with many tickets at once: each by its own door, and how it is taken back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from helpdesk.agents.models import User
from helpdesk.lib.figures import is_figure
from helpdesk.tickets.domain import assign as doors
from helpdesk.tickets.domain.articles import EmptyTextError, StaleAnswerError
from helpdesk.tickets.domain.bulk_answer import (
    THEN,
    CannotReachError,
    EmptyPlaceholderError,
    StrangeAddressError,
    answer_one,
    take_answer_back,
)
from helpdesk.tickets.domain.letters import NoSenderError
from helpdesk.tickets.domain.locking import TicketNotThereError
from helpdesk.tickets.domain.merge import (
    CannotMergeError,
    OtherPersonError,
    merge_tickets,
    unmerge_ticket,
)
from helpdesk.tickets.domain.state import StatusNotAllowedError, change_status
from helpdesk.tickets.domain.tags import TooManyTagsError, change_tags, tags_visible_to
from helpdesk.tickets.domain.taking_back import ChangedSinceError, take_back
from helpdesk.tickets.domain.trash import (
    CannotTrashError,
    NotInTrashError,
    restore_ticket,
    trash_ticket,
)
from helpdesk.tickets.domain.writing import GoneError
from helpdesk.tickets.enums import Outcome, Priority, Status
from helpdesk.tickets.models import BulkItem, BulkJob, Ticket

MORNING = time(8)
LONGEST_WAIT = timedelta(days=3 * 365)


@dataclass(frozen=True, slots=True)
class Action:
    """A change by its door, the values it takes, and how it is undone."""

    do: Callable[[BulkItem, BulkJob], object]
    takes: Callable[[str], bool]
    undo: Callable[[BulkItem, User], object]


def _assign(item: BulkItem, job: BulkJob) -> object:
    owner_id = int(job.value) if job.value else None
    return doors.assign(ticket_id=item.ticket_id, user=job.user, owner_id=owner_id)


def _move(item: BulkItem, job: BulkJob) -> object:
    owner_id = Ticket.objects.values_list("owner_id", flat=True).get(pk=item.ticket_id)
    team_id = int(job.value)
    return doors.assign(ticket_id=item.ticket_id, user=job.user, owner_id=owner_id, team_id=team_id)


def _prioritise(item: BulkItem, job: BulkJob) -> object:
    priority = Priority(int(job.value))
    return doors.set_priority(ticket_id=item.ticket_id, user=job.user, priority=priority)


def _categorise(item: BulkItem, job: BulkJob) -> object:
    category_id = int(job.value) if job.value else None
    return doors.set_category(ticket_id=item.ticket_id, user=job.user, category_id=category_id)


def _resolve(item: BulkItem, job: BulkJob) -> object:
    return change_status(
        ticket_id=item.ticket_id, user=job.user, to=Status.RESOLVED, outcome=job.value
    )


def _reopen(item: BulkItem, job: BulkJob) -> object:
    return change_status(ticket_id=item.ticket_id, user=job.user, to=Status.OPEN)


def _wait(item: BulkItem, job: BulkJob) -> object:
    return change_status(ticket_id=item.ticket_id, user=job.user, to=WAITS[job.value])


def _later(item: BulkItem, job: BulkJob) -> object:
    return change_status(
        ticket_id=item.ticket_id,
        user=job.user,
        to=Status.WAITING_DATE,
        until=morning_of(job.value),
    )


def _merge(item: BulkItem, job: BulkJob) -> object:
    return merge_tickets(ticket_id=item.ticket_id, into_id=int(job.value), user=job.user)


def _tag(item: BulkItem, job: BulkJob) -> object:
    tag = tags_visible_to(job.user).filter(pk=int(job.value)).first()
    if tag is None:
        raise TicketNotThereError
    return change_tags(ticket_id=item.ticket_id, user=job.user, add=[tag.name])


def _trash(item: BulkItem, job: BulkJob) -> object:
    return trash_ticket(ticket_id=item.ticket_id, user=job.user)


def _restore(item: BulkItem, user: User) -> object:
    return restore_ticket(ticket_id=item.ticket_id, user=user)


def _take_back(item: BulkItem, user: User) -> object:
    if item.before == item.after:
        return None
    return take_back(ticket_id=item.ticket_id, user=user, before=item.before, after=item.after)


def _unmerge(item: BulkItem, user: User) -> object:
    return unmerge_ticket(ticket_id=item.ticket_id, user=user)


WAITS = {"citizen": Status.WAITING_CITIZEN, "third": Status.WAITING_THIRD}


def morning_of(day: str) -> datetime:
    """Return eight o'clock of a day written as 2026-12-01; raises ValueError."""
    return timezone.make_aware(datetime.combine(date.fromisoformat(day), MORNING))


def _is_day(value: str) -> bool:
    """Tell whether it is a day to come, written in one way, and not in the far future."""
    try:
        morning = morning_of(value)
    except (ValueError, OverflowError):
        return False
    now = timezone.now()
    return len(value) == len("2026-12-01") and now < morning < now + LONGEST_WAIT


ACTIONS: dict[str, Action] = {
    "owner": Action(_assign, lambda value: not value or is_figure(value), _take_back),
    "team": Action(_move, is_figure, _take_back),
    "priority": Action(
        _prioritise,
        lambda value: is_figure(value) and int(value) in Priority.values,
        _take_back,
    ),
    "topic": Action(_categorise, lambda value: not value or is_figure(value), _take_back),
    "resolve": Action(_resolve, lambda value: value in Outcome.values, _take_back),
    "reopen": Action(_reopen, lambda value: not value, _take_back),
    "wait": Action(_wait, lambda value: value in WAITS, _take_back),
    "later": Action(_later, _is_day, _take_back),
    "tag": Action(_tag, is_figure, _take_back),
    "trash": Action(_trash, lambda value: not value, _restore),
    "merge": Action(_merge, is_figure, _unmerge),
    "answer": Action(answer_one, lambda value: value in THEN, take_answer_back),
}
# What may stand in the way → its code on the item.
REFUSALS: dict[type[Exception], str] = {
    TicketNotThereError: "not_there",
    Ticket.DoesNotExist: "not_there",
    doors.CannotWorkOnItError: "cannot_work",
    StatusNotAllowedError: "status",
    CannotMergeError: "merged",
    GoneError: "merged",
    OtherPersonError: "other_person",
    CannotTrashError: "merged",
    TooManyTagsError: "tags",
    EmptyPlaceholderError: "placeholder",
    CannotReachError: "no_way",
    StrangeAddressError: "strange",
    NoSenderError: "no_sender",
    StaleAnswerError: "newer",
    EmptyTextError: "placeholder",
}
# What may stand in the way of taking it back.
KEPT_AS: dict[type[Exception], str] = {
    TicketNotThereError: "not_there",
    ChangedSinceError: "changed",
    CannotMergeError: "changed",
    NotInTrashError: "changed",
}


def is_sensible(action: str, value: str) -> bool:
    """Tell whether an action may have this value; whether it fits a ticket its door says."""
    known = ACTIONS.get(action)
    return known is not None and known.takes(value)
