"""Telling owners that answers of theirs should be read through again."""

from datetime import date

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from knowledgebase import facts
from knowledgebase.enums import State
from knowledgebase.models import Answer

BATCH = 500


def remind_owners(*, today: date | None = None, batch: int = BATCH) -> int:
    """Note each review date that has come, once; whoever follows the fact writes the mail.

    All that is noted together carries the same ``run``, so that one mail can name them all.
    """
    day = today or timezone.localdate()
    run = timezone.now().isoformat()
    told = 0
    while count := _note_batch(day, run, batch):
        told += count
    return told


@transaction.atomic
def _note_batch(day: date, run: str, batch: int) -> int:
    due = Answer.objects.select_for_update(skip_locked=True, of=("self",)).filter(
        ~Q(reminded_of=F("review_on")) | Q(reminded_of=None),
        state=State.PUBLISHED,
        review_on__lte=day,
    )
    answers = list(due.order_by("pk")[:batch])
    for answer in answers:
        answer.reminded_of = answer.review_on
        answer.save(update_fields=["reminded_of"])
        facts.record(facts.DUE, answer, None, {"run": run})
    return len(answers)
