"""Owners are told once a review date that has come, in one mail a day."""

import time
from datetime import date, timedelta

import pytest

from helpdesk.outbox.models import OutgoingMessage
from helpdesk.reactions.tasks import drain
from knowledgebase.domain.publish import publish_answer, review_answer
from knowledgebase.domain.reminders import remind_owners
from knowledgebase.domain.workflow import return_answer, submit_answer
from knowledgebase.models import Answer
from tests.factories.house import House, make_house
from tests.factories.knowledge import PASSPORT, make_answer, make_draft, make_editor, make_section

pytestmark = pytest.mark.django_db

YEAR = timedelta(days=365)


def letters() -> list[OutgoingMessage]:
    drain(until=time.monotonic() + 60)
    return list(OutgoingMessage.objects.filter(kind="answer_notice").order_by("pk"))


def make_due(house: House, number: int = 1) -> list[Answer]:
    section = make_section(house.authority)
    answers = [make_answer(section) for _ in range(number)]
    Answer.objects.update(owner=house.anna, review_on=date(2020, 1, 1))
    return answers


def test_publishing_makes_the_publisher_responsible_and_sets_the_review_in_a_year() -> None:
    house = make_house()
    answer = make_draft(make_section(house.authority))

    publish_answer(answer_id=answer.pk, user=house.anna)

    answer.refresh_from_db()
    assert answer.reviewed_on is not None
    assert (answer.owner, answer.review_on) == (house.anna, answer.reviewed_on + YEAR)


def test_review_answer_sets_the_next_review_in_a_year() -> None:
    house = make_house()
    (answer,) = make_due(house)

    review_answer(answer_id=answer.pk, user=house.anna)

    answer.refresh_from_db()
    assert answer.reviewed_on is not None
    assert answer.review_on == answer.reviewed_on + YEAR


def test_remind_owners_tells_of_all_that_is_due_in_one_mail_and_once() -> None:
    house = make_house()
    make_editor(house.authority, house.anna)
    answers = make_due(house, 2)
    make_draft(answers[0].section)

    counts = (remind_owners(), remind_owners())
    (letter,) = letters()

    assert counts == (2, 0)
    assert [one.address for one in letter.recipients.all()] == [house.anna.email]
    assert letter.text.count(PASSPORT.title) == 2
    assert all(f"/a/wissen/{answer.pk}/" in letter.text for answer in answers)


def test_remind_owners_swallows_nothing_of_a_long_list_nor_of_a_later_hour() -> None:
    house = make_house()
    make_editor(house.authority, house.anna)
    answers = make_due(house, 32)
    later = answers.pop()
    Answer.objects.filter(pk=later.pk).update(review_on=date(2100, 1, 1))

    count = remind_owners(batch=10)
    (first,) = letters()
    Answer.objects.filter(pk=later.pk).update(review_on=date(2019, 1, 1))
    remind_owners()
    _first, second = letters()

    assert count == 31
    assert (first.text.count(PASSPORT.title), "Und 1 weitere" in first.text) == (30, True)
    assert f"/a/wissen/{later.pk}/" in second.text
    assert "Und 2 weitere" in second.text


def test_an_owner_who_may_not_know_of_an_answer_reads_no_title_of_it() -> None:
    house = make_house()
    make_due(house)

    remind_owners()

    assert letters() == []


def test_who_handed_in_is_told_why_a_draft_comes_back_and_not_of_what_they_did() -> None:
    house = make_house()
    make_editor(house.authority, house.anna)
    answer = make_draft(make_section(house.authority))
    submit_answer(answer_id=answer.pk, user=house.anna)
    return_answer(answer_id=answer.pk, note="Die Gebühr fehlt.", user=house.bert)
    told = letters()
    submit_answer(answer_id=answer.pk, user=house.anna)
    return_answer(answer_id=answer.pk, note="Doch nicht.", user=house.anna)

    assert letters() == told
    assert [PASSPORT.title in letter.subject for letter in told] == [True]
    assert "Die Gebühr fehlt." in told[0].text
