"""Moving an answer, and showing it to more people, is no way round a review."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from helpdesk.agents.models import User
from knowledgebase.domain.publish import NotReadyError, publish_answer, restore_version
from knowledgebase.domain.sections import delete_section
from knowledgebase.domain.workflow import approve_answer, submit_answer
from knowledgebase.domain.write import AnswerDetails, TextDraft, change_details
from knowledgebase.models import Answer, Section
from knowledgebase.rules import public_answers
from tests.factories.house import House, make_house
from tests.factories.knowledge import PASSPORT, make_answer, make_draft, make_section

pytestmark = pytest.mark.django_db

Where = tuple[int, str]


def place(answer: Answer, user: User, **values: Any) -> Answer:
    answer.refresh_from_db()
    details: dict[str, Any] = {
        "section_id": answer.section_id,
        "visibility": answer.visibility,
        "team_id": answer.team_id,
    }
    change_details(answer_id=answer.pk, details=AnswerDetails(**(details | values)), user=user)
    answer.refresh_from_db()
    return answer


def where(answer: Answer) -> Where:
    answer.refresh_from_db()
    return answer.section_id, answer.visibility


def publish_by_two(answer: Answer, house: House) -> None:
    submit_answer(answer_id=answer.pk, user=house.anna)
    approve_answer(answer_id=answer.pk, user=house.bert)
    publish_answer(answer_id=answer.pk, user=house.anna)


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture
def strict(house: House) -> Section:
    return make_section(house.authority, "Satzungen", needs_review=True)


@pytest.fixture
def free(house: House) -> Section:
    return make_section(house.authority, "Ausweise")


def test_a_draft_does_not_leave_a_section_for_two_people_without_the_second(
    house: House, strict: Section, free: Section
) -> None:
    draft = make_draft(strict)

    place(draft, house.anna, section_id=free.pk)
    with pytest.raises(NotReadyError):
        publish_answer(answer_id=draft.pk, user=house.anna)
    before = where(draft)
    publish_by_two(draft, house)

    assert before == (strict.pk, "public")
    assert where(draft) == (free.pk, "public")


def test_an_own_approval_is_lost_on_the_way_into_a_section_for_two_people(
    house: House, strict: Section, free: Section
) -> None:
    draft = make_draft(free)
    submit_answer(answer_id=draft.pk, user=house.anna)
    approve_answer(answer_id=draft.pk, user=house.anna)

    moved = place(draft, house.anna, section_id=strict.pk)

    assert (moved.section_id, moved.stage, moved.approved_by) == (strict.pk, "writing", None)
    with pytest.raises(NotReadyError):
        publish_answer(answer_id=draft.pk, user=house.anna)


@pytest.mark.parametrize("way", ["out", "into"])
def test_a_published_answer_moves_with_the_next_publishing_of_two(
    house: House, strict: Section, free: Section, way: str
) -> None:
    start, goal = (strict, free) if way == "out" else (free, strict)
    answer = make_answer(start)

    place(answer, house.anna, section_id=goal.pk)
    with pytest.raises(NotReadyError):
        publish_answer(answer_id=answer.pk, user=house.anna)
    before = where(answer)
    publish_by_two(answer, house)

    assert (before, where(answer)) == ((start.pk, "public"), (goal.pk, "public"))
    assert answer.wanted_section_id is None


def test_more_readers_wait_for_two_people_and_fewer_hold_at_once(
    house: House, strict: Section
) -> None:
    answer = make_answer(strict, visibility="staff", team_id=house.roads.pk)

    place(answer, house.anna, visibility="public")
    waiting = public_answers(house.authority.pk).count()
    publish_by_two(answer, house)
    shown = public_answers(house.authority.pk).count()
    place(answer, house.anna, visibility="staff")

    assert (waiting, shown, public_answers(house.authority.pk).count()) == (0, 1, 0)


def test_what_waits_is_taken_back_by_the_old_place(house: House, strict: Section) -> None:
    answer = make_answer(strict, visibility="staff")
    place(answer, house.anna, visibility="public")

    place(answer, house.anna, visibility="staff")
    publish_by_two(answer, house)

    assert where(answer) == (strict.pk, "staff")


def test_an_approved_draft_loses_its_approval_with_more_readers_and_keeps_it_with_fewer(
    house: House, strict: Section
) -> None:
    stages = []
    for before, after in (("staff", "public"), ("public", "staff")):
        draft = make_draft(strict, visibility=before)
        submit_answer(answer_id=draft.pk, user=house.anna)
        approve_answer(answer_id=draft.pk, user=house.bert)
        stages.append(place(draft, house.anna, visibility=after).stage)

    assert stages == ["writing", "approved"]


def test_more_readers_ask_the_checklist_of_what_is_published(house: House, free: Section) -> None:
    inner = make_answer(free, TextDraft("Intern", "Kurz", "<p>Text</p>"), visibility="staff")
    body = f'<p><a href="/w/{inner.pk}">Mehr</a></p>'
    answer = make_answer(free, TextDraft("Außen", "Kurz", body), visibility="staff")

    with pytest.raises(ValidationError) as refused:
        place(answer, house.anna, visibility="public")

    assert list(refused.value.message_dict) == ["visibility"]
    assert where(answer) == (free.pk, "staff")


def test_a_section_that_an_answer_is_to_move_to_is_not_empty(
    house: House, strict: Section, free: Section
) -> None:
    place(make_answer(strict, PASSPORT), house.anna, section_id=free.pk)

    with pytest.raises(ValidationError):
        delete_section(section_id=free.pk, user=house.anna)


def test_what_waits_can_still_be_handed_in_with_the_words_that_readers_have(
    house: House, strict: Section, free: Section
) -> None:
    answer = make_answer(strict)
    place(answer, house.anna, section_id=free.pk)
    assert answer.live_version is not None

    restore_version(answer_id=answer.pk, version_id=answer.live_version.pk, user=house.anna)
    publish_by_two(answer, house)

    assert where(answer) == (free.pk, "public")
