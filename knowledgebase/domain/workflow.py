"""The way of a working copy to its readers: handed in, approved, given back, scheduled.

Each step is a row of ``STEPS``: from which stages it leads where. Whoever calls may write,
review or publish; that was checked before. Who approves what is decided here, under the lock.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from helpdesk.agents.models import User
from knowledgebase import facts
from knowledgebase.checklist import Problem, problems_of
from knowledgebase.domain.publish import NotReadyError, locked, publish_locked
from knowledgebase.enums import Stage, State
from knowledgebase.models import NOTE_LENGTH, Answer
from knowledgebase.review import begin_again, needs_approval, two_people, wrote_it

SUBMIT, WITHDRAW, APPROVE, RETURN, SCHEDULE, UNSCHEDULE = (
    "submit",
    "withdraw",
    "approve",
    "return",
    "schedule",
    "unschedule",
)
# Step → the stages it starts from, the fact it records, and why it is refused elsewhere.
STEPS: Final[Mapping[str, tuple[frozenset[str], str, str]]] = {
    SUBMIT: (
        frozenset({Stage.WRITING}),
        facts.SUBMITTED,
        gettext_noop("This draft is handed in already."),
    ),
    WITHDRAW: (
        frozenset({Stage.REVIEW, Stage.APPROVED}),
        facts.WITHDRAWN,
        gettext_noop("This draft is not in review."),
    ),
    APPROVE: (
        frozenset({Stage.REVIEW}),
        facts.APPROVED,
        gettext_noop("Only a draft that is in review can be approved."),
    ),
    RETURN: (
        frozenset({Stage.REVIEW, Stage.APPROVED}),
        facts.RETURNED,
        gettext_noop("Only a draft that is in review can be given back."),
    ),
    SCHEDULE: (
        frozenset(Stage.values),
        facts.SCHEDULED,
        "",
    ),
    UNSCHEDULE: (
        frozenset({Stage.SCHEDULED}),
        facts.WITHDRAWN,
        gettext_noop("Nothing is scheduled."),
    ),
}


@transaction.atomic
def submit_answer(*, answer_id: int, user: User) -> Answer:
    """Hand the working copy in; raises NotReadyError while the checklist has open points."""
    answer = _at(SUBMIT, answer_id)
    _demand_changes(answer)
    problems = problems_of(answer)
    if problems:
        raise NotReadyError(problems)
    begin_again(answer)
    answer.stage = Stage.REVIEW
    answer.submitted_by = user
    return _take(SUBMIT, answer, user)


@transaction.atomic
def withdraw_answer(*, answer_id: int, user: User) -> Answer:
    """Take back what was handed in; it is being written again."""
    answer = _at(WITHDRAW, answer_id)
    begin_again(answer)
    return _take(WITHDRAW, answer, user)


@transaction.atomic
def approve_answer(*, answer_id: int, user: User, seen: str | None = None) -> Answer:
    """Find a draft right. Where two people are demanded, its writer can't be the second.

    ``seen`` is the state that was read (`Answer.state_mark`): what somebody wrote since was not.
    """
    answer = _at(APPROVE, answer_id)
    if seen is not None and seen != answer.state_mark:
        raise ValidationError(
            _("Somebody has changed the draft meanwhile. Read it again, then approve.")
        )
    if two_people(answer) and wrote_it(answer, user):
        raise ValidationError(_("Somebody else must approve what you wrote or handed in."))
    answer.stage = Stage.APPROVED
    answer.approved_by = user
    return _take(APPROVE, answer, user)


@transaction.atomic
def return_answer(*, answer_id: int, note: str, user: User) -> Answer:
    """Give a draft back; raises ValidationError without a reason, which its writer reads."""
    answer = _at(RETURN, answer_id)
    if not note.strip():
        raise ValidationError({"note": _("Say what should be changed.")})
    answer.stage = Stage.WRITING
    answer.approved_by = None
    answer.stage_note = note.strip()[:NOTE_LENGTH]
    return _take(RETURN, answer, user)


@transaction.atomic
def schedule_answer(*, answer_id: int, at: datetime, note: str = "", user: User) -> Answer:
    """Let the working copy be published at a time to come; refuses what could not be now."""
    answer = _at(SCHEDULE, answer_id)
    if at <= timezone.now():
        raise ValidationError({"at": _("Choose a time to come.")})
    _demand_changes(answer)
    problems = [*problems_of(answer), *_unapproved(answer)]
    if problems:
        raise NotReadyError(problems)
    answer.stage = Stage.SCHEDULED
    answer.publish_at = at
    answer.publish_note = note.strip()[:NOTE_LENGTH]
    answer.submitted_by = user
    return _take(SCHEDULE, answer, user, at=at.isoformat())


@transaction.atomic
def unschedule_answer(*, answer_id: int, user: User) -> Answer:
    """Take the time back; what was approved stays so."""
    answer = _at(UNSCHEDULE, answer_id)
    answer.publish_at = None
    answer.publish_note = ""
    answer.stage = Stage.APPROVED if answer.approved_by_id else Stage.WRITING
    return _take(UNSCHEDULE, answer, user)


def publish_due(*, now: datetime | None = None, limit: int = 50) -> int:
    """Publish what is scheduled and whose time has come; return how many.

    Where the checklist has got open points meanwhile, the draft is given back with them as
    the reason, and who scheduled it is told.
    """
    moment = now or timezone.now()
    due = Answer.objects.filter(publish_at__lte=moment).order_by("publish_at")
    return sum(_publish_one(key, moment) for key in due.values_list("pk", flat=True)[:limit])


@transaction.atomic
def _publish_one(answer_id: int, moment: datetime) -> bool:
    answer = locked(answer_id)
    if answer.publish_at is None or answer.publish_at > moment:
        # Somebody was quicker.
        return False
    user = answer.submitted_by
    problems = [*problems_of(answer), *_unapproved(answer)]
    if not problems:
        publish_locked(answer, user=user, note=answer.publish_note)
        return True
    begin_again(answer)
    reason = " ".join(problem.sentence for problem in problems)
    answer.stage_note = reason[:NOTE_LENGTH]
    answer.submitted_by = user
    answer.save()
    facts.record(facts.NOT_PUBLISHED, answer, None)
    return False


def _unapproved(answer: Answer) -> list[Problem]:
    return [Problem.missing_approval()] if needs_approval(answer) else []


def _demand_changes(answer: Answer) -> None:
    if answer.state == State.PUBLISHED and not answer.has_changes:
        raise ValidationError(_("Readers see exactly this text already."))


def _at(step: str, answer_id: int) -> Answer:
    """Return the locked answer if it is where the step starts; raises ValidationError."""
    answer = locked(answer_id)
    stages, _fact, refusal = STEPS[step]
    if answer.stage not in stages:
        raise ValidationError(_(refusal))
    return answer


def _take(step: str, answer: Answer, user: User, **data: str) -> Answer:
    answer.save()
    facts.record(STEPS[step][1], answer, user, data)
    return answer
