"""Changes of many tickets at once: each by the door of its own, under the rights of who asked."""

import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils import timezone

from helpdesk.agents.models import User
from helpdesk.events.wake import wake_on_commit
from helpdesk.tickets.domain.bulk_actions import ACTIONS, KEPT_AS, REFUSALS, is_sensible
from helpdesk.tickets.domain.bulk_answer import LONGEST, MOST_ANSWERS
from helpdesk.tickets.domain.taking_back import snapshot
from helpdesk.tickets.models import Article, BulkItem, BulkJob, Ticket
from helpdesk.tickets.queries import visible_to

TASK = "tickets.bulk"
MAX_ITEMS = 10_000
UNDO_WITHIN = timedelta(seconds=40)
# Jobs and their values are forgotten after a day; what they did stands in the histories.
KEPT = timedelta(days=1)
State = BulkItem.State
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be done: an action with its value, and words where it needs some.

    ``seen_article_id`` is the newest contribution that an answer knows of.
    """

    action: str
    value: str = ""
    text: str = ""
    seen_article_id: int | None = None


@transaction.atomic
def start_job(*, user: User, wanted: Wanted, ticket_ids: Iterable[int]) -> BulkJob:
    """Note a change of those of these tickets that ``user`` may see; the task does it.

    The same answer to the same requests, sent once more, is the job that there is already:
    nobody gets a mail twice because a button was pressed twice. Raises ValueError for an
    action or a value that is none, and for answers without words or to more than so many.
    """
    keys = list(ticket_ids)[:MAX_ITEMS]
    if not is_sensible(wanted.action, wanted.value) or not _has_words(wanted, len(keys)):
        raise ValueError(f"{wanted.action} {wanted.value}")
    visible = visible_to(user).filter(pk__in=keys)
    if wanted.action == "merge":
        visible = visible.exclude(pk=int(wanted.value))
    if wanted.action == "answer":
        known = _jobs_like(user, wanted)
        answered = BulkItem.objects.filter(job__in=known).exclude(state=State.FAILED)
        visible = visible.exclude(pk__in=answered.values("ticket_id"))
        before = known.order_by("-id").first()
        if before is not None and not visible.exists():
            return before
    job = BulkJob.objects.create(
        user=user,
        action=wanted.action,
        value=wanted.value,
        text=wanted.text,
        seen_article_id=wanted.seen_article_id,
    )
    found = visible.order_by("id").values_list("pk", flat=True)
    BulkItem.objects.bulk_create((BulkItem(job=job, ticket_id=key) for key in found), 1000)
    wake_on_commit(TASK)
    return job


def _jobs_like(user: User, wanted: Wanted) -> QuerySet[BulkJob]:
    """Return the jobs of these very words that were not taken back; the lock makes two wait."""
    User.objects.select_for_update(of=("self",), no_key=True).get(pk=user.pk)
    return BulkJob.objects.filter(
        user=user,
        action=wanted.action,
        value=wanted.value,
        text=wanted.text,
        seen_article_id=wanted.seen_article_id,
        undo_from=None,
    )


def _has_words(wanted: Wanted, count: int) -> bool:
    if wanted.action != "answer":
        return not wanted.text
    return bool(wanted.text.strip()) and len(wanted.text) <= LONGEST and count <= MOST_ANSWERS


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


def failures_of(job: BulkJob) -> QuerySet[BulkItem]:
    """Return what was not changed, or not brought back, in the order of the job."""
    failed = job.items.filter(state__in=(State.FAILED, State.KEPT))
    return failed.select_related("ticket").order_by("id")


def _do(job: BulkJob, item: BulkItem) -> None:
    try:
        with transaction.atomic():
            item.before = snapshot(Ticket.objects.get(pk=item.ticket_id))
            done = ACTIONS[job.action].do(item, job)
            item.after = (
                {"article": done.pk}
                if isinstance(done, Article)
                else snapshot(Ticket.objects.get(pk=item.ticket_id))
            )
        item.state = State.DONE
    except tuple(REFUSALS) as error:
        item.state, item.reason = State.FAILED, REFUSALS[type(error)]
    except Exception:  # one bad ticket must not hold up the others, and is named like a refused one
        logger.exception("bulk job %s could not change ticket %s", job.pk, item.ticket_id)
        item.state, item.reason = State.FAILED, "error"
    item.save()


def _undo(job: BulkJob, item: BulkItem) -> None:
    item.state = State.UNDONE
    try:
        with transaction.atomic():
            ACTIONS[job.action].undo(item, job.user)
    except tuple(KEPT_AS) as error:
        item.state, item.reason = State.KEPT, KEPT_AS[type(error)]
    item.save()
