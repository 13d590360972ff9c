"""What readers say about an answer, and how often it is used."""

from collections.abc import Mapping
from datetime import date

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from knowledgebase.enums import FeedbackReason
from knowledgebase.models import Answer, AnswerDay, AnswerFeedback, AnswerUse

MAX_TEXT = 1000


@transaction.atomic
def give_feedback(
    *, answer_id: int, language: str, is_helpful: bool, reason: str = "", text: str = ""
) -> AnswerFeedback:
    """Keep what a reader said; whoever may say it was checked before, who it was is not known."""
    known = reason if reason in FeedbackReason.values and not is_helpful else ""
    return AnswerFeedback.objects.create(
        answer_id=answer_id,
        language=language,
        is_helpful=is_helpful,
        reason=known,
        text=text.strip()[:MAX_TEXT],
    )


@transaction.atomic
def explain_feedback(*, feedback_id: int, reason: str, text: str) -> None:
    """Add to a "no" why it was one."""
    known = reason if reason in FeedbackReason.values else ""
    AnswerFeedback.objects.filter(pk=feedback_id, is_helpful=False).update(
        reason=known, text=text.strip()[:MAX_TEXT]
    )


@transaction.atomic
def record_views(*, counts: Mapping[int, int], day: date) -> None:
    """Add views (answer → how many) to the figures of a day; of answers that are gone, none."""
    _add("views", counts, day)


@transaction.atomic
def record_requests(*, counts: Mapping[int, int], day: date) -> None:
    """Add requests that were begun at an answer (answer → how many) to the figures of a day."""
    _add("requests", counts, day)


def _add(figure: str, counts: Mapping[int, int], day: date) -> None:
    alive = Answer.objects.filter(pk__in=counts).values_list("pk", flat=True)
    for answer_id in sorted(alive):
        _row(answer_id, day)
        AnswerDay.objects.filter(answer_id=answer_id, day=day).update(
            **{figure: F(figure) + counts[answer_id]}
        )


@transaction.atomic
def record_insertion(*, answer_id: int, ticket_id: int | None = None) -> None:
    """Count that an answer was put into a text; with ``ticket_id`` into one for its citizen."""
    if ticket_id is not None:
        use = AnswerUse(answer_id=answer_id, ticket_id=ticket_id)
        AnswerUse.objects.bulk_create([use], ignore_conflicts=True)
    day = timezone.localdate()
    _row(answer_id, day)
    AnswerDay.objects.filter(answer_id=answer_id, day=day).update(insertions=F("insertions") + 1)


def _row(answer_id: int, day: date) -> None:
    AnswerDay.objects.bulk_create([AnswerDay(answer_id=answer_id, day=day)], ignore_conflicts=True)
