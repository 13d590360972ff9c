"""Feedback knows no reader; views are counted in memory and written together."""

from datetime import date

import pytest
from django.utils import timezone

from knowledgebase.domain.feedback import (
    explain_feedback,
    give_feedback,
    record_insertion,
    record_views,
)
from knowledgebase.models import AnswerDay, AnswerFeedback
from knowledgebase.pending import PendingCounts
from knowledgebase.queries import use_of
from tests.factories.house import make_house
from tests.factories.knowledge import make_answer, make_section

pytestmark = pytest.mark.django_db


def test_feedback_keeps_nothing_about_who_gave_it() -> None:
    assert {field.name for field in AnswerFeedback._meta.fields} == {
        *("id", "answer", "language", "is_helpful", "reason", "text", "created_at")
    }


def test_explain_feedback_adds_a_reason_to_a_no_and_to_nothing_else() -> None:
    answer = make_answer(make_section(make_house().authority))
    yes = give_feedback(answer_id=answer.pk, language="de", is_helpful=True)
    no = give_feedback(answer_id=answer.pk, language="de", is_helpful=False)

    for said in (yes, no):
        explain_feedback(feedback_id=said.pk, reason="unclear", text=" Zu lang ")

    rows = AnswerFeedback.objects.order_by("pk").values_list("reason", "text")
    assert list(rows) == [("", ""), ("unclear", "Zu lang")]
    assert (use_of(answer).helpful, use_of(answer).unhelpful, use_of(answer).percent) == (1, 1, 50)


def test_record_views_adds_to_the_figures_of_the_day_and_skips_what_is_gone() -> None:
    answer = make_answer(make_section(make_house().authority))
    day = date(2026, 11, 18)

    record_views(counts={answer.pk: 2, 999_999: 1}, day=day)
    record_views(counts={answer.pk: 3}, day=day)

    assert list(AnswerDay.objects.values_list("answer_id", "day", "views")) == [(answer.pk, day, 5)]


def test_record_insertion_counts_today() -> None:
    answer = make_answer(make_section(make_house().authority))

    record_insertion(answer_id=answer.pk)
    record_insertion(answer_id=answer.pk)

    assert list(AnswerDay.objects.values_list("day", "insertions")) == [(timezone.localdate(), 2)]


def test_counter_writes_all_views_at_once_and_each_only_once() -> None:
    answer = make_answer(make_section(make_house().authority))
    counter = PendingCounts[int](
        lambda counts: record_views(counts=counts, day=timezone.localdate())
    )
    for _ in range(3):
        counter.add(answer.pk)

    before = AnswerDay.objects.count()
    counter.flush()
    counter.flush()

    assert (before, AnswerDay.objects.get().views) == (0, 3)
