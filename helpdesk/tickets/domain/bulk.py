"""Changes of many tickets at once: each by the door of its own, under the rights of who asked."""

import logging
import time
from collections.abc import Callable, Iterable
from datetime import timedelta

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from helpdesk.agents.models import User
from helpdesk.events.wake import wake_on_commit
from helpdesk.tickets.domain import assign as doors
from helpdesk.tickets.domain.locking import TicketNotThereError
from helpdesk.tickets.domain.state import StatusNotAllowedError, change_status
from helpdesk.tickets.domain.taking_back import ChangedSinceError, snapshot, take_back
from helpdesk.tickets.enums import Outcome, Priority, Status
from helpdesk.tickets.models import BulkItem, BulkJob, Ticket
from helpdesk.tickets.queries import visible_to

logger = logging.getLogger(__name__)

TASK = "tickets.bulk"
MAX_ITEMS = 10_000
UNDO_WITHIN = timedelta(seconds=40)
# Jobs and their values are forgotten after a day; what they did stands in the histories.
KEPT = timedelta(days=1)
State = BulkItem.State
Action = Callable[[int, User, str], object]


def _assign(ticket_id: int, user: User, value: str) -> object:
    return doors.assign(ticket_id=ticket_id, user=user, owner_id=int(value) if value else None)


def _move(ticket_id: int, user: User, value: str) -> object:
    owner_id = Ticket.objects.values_list("owner_id", flat=True).get(pk=ticket_id)
    return doors.assign(ticket_id=ticket_id, user=user, owner_id=owner_id, team_id=int(value))


def _prioritise(ticket_id: int, user: User, value: str) -> object:
    return doors.set_priority(ticket_id=ticket_id, user=user, priority=Priority(int(value)))


def _resolve(ticket_id: int, user: User, value: str) -> object:
    return change_status(ticket_id=ticket_id, user=user, to=Status.RESOLVED, outcome=value)


def _reopen(ticket_id: int, user: User, _value: str) -> object:
    return change_status(ticket_id=ticket_id, user=user, to=Status.OPEN)


ACTIONS: dict[str, Action] = {
    "owner": _assign,
    "team": _move,
    "priority": _prioritise,
    "resolve": _resolve,
    "reopen": _reopen,
}
# What may stand in the way → its code on the item.
REFUSALS: dict[type[Exception], str] = {
    TicketNotThereError: "not_there",
    Ticket.DoesNotExist: "not_there",
    doors.CannotWorkOnItError: "cannot_work",
    StatusNotAllowedError: "status",
}


def is_sensible(action: str, value: str) -> bool:
    """Tell whether an action may have this value; whether it fits a ticket its door says."""
    number = value.isascii() and value.isdecimal() and len(value) < 18
    checks = {
        "owner": number or not value,
        "team": number,
        "priority": number and int(value) in Priority.values,
        "resolve": value in Outcome.values,
        "reopen": not value,
    }
    return bool(checks.get(action, False))


@transaction.atomic
def start_job(*, user: User, action: str, value: str, ticket_ids: Iterable[int]) -> BulkJob:
    """Note a change of those of these tickets that ``user`` may see; the task does it.

    Raises ValueError for an action or a value that is none.
    """
    if not is_sensible(action, value):
        raise ValueError(f"{action} {value}")
    visible = visible_to(user).filter(pk__in=list(ticket_ids)[:MAX_ITEMS])
    job = BulkJob.objects.create(user=user, action=action, value=value)
    keys = visible.order_by("id").values_list("pk", flat=True)
    BulkItem.objects.bulk_create((BulkItem(job=job, ticket_id=key) for key in keys), 1000)
    wake_on_commit(TASK)
    return job


def work_off(job: BulkJob, *, until: float) -> bool:
    """Change ticket after ticket until none is left, True, or the time is up.

    Harmless in any number at once: each item is locked and looked at again.
    """
    wanted, step = (State.DONE, _undo) if job.undo_from else (State.WAITING, _do)
    items = job.items.filter(state=wanted).order_by("id")
    for item_id in list(items.values_list("pk", flat=True)):
        if time.monotonic() > until:
            return False
        with transaction.atomic():
            item = BulkItem.objects.select_for_update().filter(pk=item_id, state=wanted).first()
            if item is not None:
                step(job, item)
    BulkJob.objects.filter(pk=job.pk, finished_at=None).update(finished_at=timezone.now())
    job.refresh_from_db()
    return True


def work_off_all(*, until: float) -> None:
    """Go on with what no request has finished, and forget what is long over."""
    for job in BulkJob.objects.filter(finished_at=None).select_related("user").order_by("id"):
        if not work_off(job, until=until):
            wake_on_commit(TASK)
            return
    BulkJob.objects.filter(finished_at__lt=timezone.now() - KEPT).delete()


@transaction.atomic
def undo_job(*, job_id: int, user: User) -> BulkJob | None:
    """Let a finished job of one's own be taken back; None when it is too late or done already."""
    since = timezone.now() - UNDO_WITHIN
    job = (
        BulkJob.objects.select_for_update(of=("self",))
        .select_related("user")
        .filter(pk=job_id, user=user, undo_from=None, finished_at__gte=since)
        .first()
    )
    if job is None:
        return None
    job.undo_from, job.finished_at = timezone.now(), None
    job.save(update_fields=("undo_from", "finished_at"))
    wake_on_commit(TASK)
    return job


def may_undo(job: BulkJob) -> bool:
    """Tell whether a job is finished, was not taken back and may still be."""
    at = job.finished_at
    return job.undo_from is None and at is not None and timezone.now() - at < UNDO_WITHIN


def counts_of(job: BulkJob) -> dict[str, int]:
    """Return how many items of a job are in which state."""
    rows = job.items.order_by().values_list("state").annotate(count=Count("pk"))
    return dict.fromkeys(State.values, 0) | dict(rows)


def _do(job: BulkJob, item: BulkItem) -> None:
    try:
        with transaction.atomic():
            item.before = snapshot(Ticket.objects.get(pk=item.ticket_id))
            ACTIONS[job.action](item.ticket_id, job.user, job.value)
            item.after = snapshot(Ticket.objects.get(pk=item.ticket_id))
        item.state = State.DONE
    except tuple(REFUSALS) as error:
        item.state, item.reason = State.FAILED, REFUSALS[type(error)]
    item.save()


def _undo(job: BulkJob, item: BulkItem) -> None:
    item.state = State.UNDONE
    if item.before != item.after:
        try:
            with transaction.atomic():
                take_back(
                    ticket_id=item.ticket_id, user=job.user, before=item.before, after=item.after
                )
        except TicketNotThereError:
            item.state, item.reason = State.KEPT, "not_there"
        except ChangedSinceError:
            item.state, item.reason = State.KEPT, "changed"
    item.save()
