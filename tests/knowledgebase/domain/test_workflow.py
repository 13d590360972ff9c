"""A draft is handed in, approved or given back, scheduled and published when its time comes."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from helpdesk.agents.models import User
from helpdesk.events.models import Event
from knowledgebase.domain.files import NewFile, add_file
from knowledgebase.domain.publish import NotReadyError, archive_answer, publish_answer
from knowledgebase.domain.sections import SectionDetails, change_section
from knowledgebase.domain.workflow import (
    approve_answer,
    publish_due,
    return_answer,
    schedule_answer,
    submit_answer,
    unschedule_answer,
    withdraw_answer,
)
from knowledgebase.domain.write import TextDraft, save_copy
from knowledgebase.models import Answer
from knowledgebase.queries import texts_of
from tests.factories.house import House, make_agent, make_house
from tests.factories.knowledge import PASSPORT, make_answer, make_draft, make_section

pytestmark = pytest.mark.django_db

OTHER = TextDraft("Neuer Titel", "Kurz", "<p>Anders</p>")
SOON = timedelta(hours=1)


def write(answer: Answer, user: User, text: TextDraft = OTHER) -> None:
    answer.refresh_from_db()
    save_copy(
        answer_id=answer.pk,
        texts={"de": text},
        internal="",
        revision=answer.revision,
        user=user,
    )


def stage(answer: Answer) -> str:
    answer.refresh_from_db()
    return answer.stage


def revised(house: House, *, two_people: bool = False) -> Answer:
    """Return a published answer with a draft of Anna's beside it."""
    section = make_section(house.authority)
    if two_people:
        details = SectionDetails(section.name, needs_review=True)
        change_section(section_id=section.pk, details=details, user=house.anna)
    answer = make_answer(section)
    write(answer, house.anna)
    return answer


def live_title(answer: Answer) -> str:
    answer.refresh_from_db()
    return texts_of(answer, version_id=answer.live_version_id)["de"].title


def test_a_revision_goes_from_hand_to_hand_and_readers_see_the_old_words_until_the_end() -> None:
    house = make_house()
    answer = revised(house)

    seen = [stage(answer)]
    for step in (submit_answer, approve_answer):
        step(answer_id=answer.pk, user=house.bert)
        seen.append(stage(answer))
        assert live_title(answer) == PASSPORT.title
    version = publish_answer(answer_id=answer.pk, user=house.anna, note="Neue Frist")

    assert seen == ["writing", "review", "approved"]
    assert (stage(answer), live_title(answer)) == ("writing", "Neuer Titel")
    assert (version.note, version.published_by, version.approved_by) == (
        "Neue Frist",
        house.anna,
        house.bert,
    )


def test_submit_answer_refuses_open_points_and_what_readers_see_already() -> None:
    house = make_house()
    section = make_section(house.authority)
    empty = make_draft(section, TextDraft("Nur ein Titel"))

    with pytest.raises(NotReadyError):
        submit_answer(answer_id=empty.pk, user=house.anna)
    with pytest.raises(ValidationError):
        submit_answer(answer_id=make_answer(section).pk, user=house.anna)

    assert stage(empty) == "writing"


def test_return_answer_demands_a_reason_and_its_writer_reads_it() -> None:
    house = make_house()
    answer = revised(house)
    submit_answer(answer_id=answer.pk, user=house.anna)

    with pytest.raises(ValidationError):
        return_answer(answer_id=answer.pk, note="  ", user=house.bert)
    return_answer(answer_id=answer.pk, note="Die Gebühr fehlt.", user=house.bert)

    assert (stage(answer), answer.stage_note) == ("writing", "Die Gebühr fehlt.")


def test_two_people_are_two_where_a_section_or_one_above_demands_it() -> None:
    house = make_house()
    answer = revised(house, two_people=True)
    below = make_section(house.authority, "Reisepass", parent_id=answer.section_id)
    nested = make_draft(below)

    for early in (answer, nested):
        with pytest.raises(NotReadyError):
            publish_answer(answer_id=early.pk, user=house.bert)
    submit_answer(answer_id=answer.pk, user=house.anna)
    with pytest.raises(ValidationError):
        approve_answer(answer_id=answer.pk, user=house.anna)
    with pytest.raises(NotReadyError):
        schedule_answer(answer_id=answer.pk, at=timezone.now() + SOON, user=house.bert)
    approve_answer(answer_id=answer.pk, user=house.bert)
    publish_answer(answer_id=answer.pk, user=house.anna)

    assert live_title(answer) == "Neuer Titel"


def test_an_approval_holds_for_what_was_read_and_for_nothing_later() -> None:
    house = make_house()
    answer = revised(house, two_people=True)
    submit_answer(answer_id=answer.pk, user=house.anna)
    answer.refresh_from_db()
    read = answer.state_mark
    write(answer, house.anna, TextDraft("Anderer Titel", "Kurz", "<p>Anders</p>"))

    with pytest.raises(ValidationError):
        approve_answer(answer_id=answer.pk, user=house.bert, seen=read)
    answer.refresh_from_db()
    approve_answer(answer_id=answer.pk, user=house.bert, seen=answer.state_mark)

    assert stage(answer) == "approved"


def test_who_corrected_a_word_in_review_is_no_second_person() -> None:
    house = make_house()
    answer = revised(house, two_people=True)
    submit_answer(answer_id=answer.pk, user=house.anna)
    write(answer, house.bert, TextDraft("Anderer Titel", "Kurz", "<p>Anders</p>"))

    with pytest.raises(ValidationError):
        approve_answer(answer_id=answer.pk, user=house.bert)
    approve_answer(answer_id=answer.pk, user=make_agent(house.authority, "Cem Dritter"))

    assert stage(answer) == "approved"


def test_a_change_of_words_or_files_takes_approval_and_time_away() -> None:
    house = make_house()
    answer = revised(house)
    submit_answer(answer_id=answer.pk, user=house.anna)
    approve_answer(answer_id=answer.pk, user=house.bert)
    write(answer, house.anna, TextDraft("Doch anders", "Kurz", "<p>Anders</p>"))
    after_words = (stage(answer), answer.approved_by)
    schedule_answer(answer_id=answer.pk, at=timezone.now() + SOON, user=house.anna)
    add_file(answer_id=answer.pk, file=NewFile("a.pdf", b"%PDF-1.7"), user=house.anna)

    assert after_words == ("writing", None)
    assert (stage(answer), answer.publish_at) == ("writing", None)


def test_saving_the_same_words_keeps_the_approval() -> None:
    house = make_house()
    answer = revised(house)
    submit_answer(answer_id=answer.pk, user=house.anna)
    approve_answer(answer_id=answer.pk, user=house.bert)

    write(answer, house.anna)

    assert stage(answer) == "approved"


def test_publish_due_publishes_what_is_due_and_nothing_else() -> None:
    house = make_house()
    due, later = revised(house), make_draft(make_section(house.authority, "Später"))
    now = timezone.now()
    schedule_answer(answer_id=due.pk, at=now + SOON, note="Ab Januar", user=house.anna)
    schedule_answer(answer_id=later.pk, at=now + 3 * SOON, user=house.anna)

    before = publish_due(now=now)
    after = publish_due(now=now + 2 * SOON)

    assert (before, after, publish_due(now=now + 2 * SOON)) == (0, 1, 0)
    assert (live_title(due), stage(due)) == ("Neuer Titel", "writing")
    version = due.versions.get(number=2)
    assert (version.published_by, version.note) == (house.anna, "Ab Januar")
    assert (stage(later), later.live_version) == ("scheduled", None)


def test_publish_due_gives_back_what_is_no_longer_right_and_says_why() -> None:
    house = make_house()
    target = make_answer(make_section(house.authority, "Ziel"))
    answer = revised(house)
    text = TextDraft("Titel", "Kurz", f'<p><a href="/w/{target.pk}">dort</a></p>')
    write(answer, house.anna, text)
    schedule_answer(answer_id=answer.pk, at=timezone.now() + SOON, user=house.anna)
    archive_answer(answer_id=target.pk, user=house.anna)

    published = publish_due(now=timezone.now() + 2 * SOON)

    assert (published, live_title(answer), stage(answer)) == (0, PASSPORT.title, "writing")
    assert f"{target.pk}" in answer.stage_note
    assert Event.objects.filter(kind="answer.not_published", subject_id=answer.pk).count() == 1


def test_what_is_scheduled_can_be_taken_back_and_keeps_its_approval() -> None:
    house = make_house()
    answer = revised(house)
    schedule_answer(answer_id=answer.pk, at=timezone.now() + SOON, user=house.anna)
    unschedule_answer(answer_id=answer.pk, user=house.anna)
    first = stage(answer)
    submit_answer(answer_id=answer.pk, user=house.anna)
    approve_answer(answer_id=answer.pk, user=house.bert)
    schedule_answer(answer_id=answer.pk, at=timezone.now() + SOON, user=house.anna)

    unschedule_answer(answer_id=answer.pk, user=house.anna)

    assert (first, stage(answer)) == ("writing", "approved")
    assert publish_due(now=timezone.now() + 2 * SOON) == 0


def test_schedule_answer_refuses_a_time_that_is_over() -> None:
    house = make_house()
    answer = revised(house)

    with pytest.raises(ValidationError) as refused:
        schedule_answer(answer_id=answer.pk, at=timezone.now() - SOON, user=house.anna)

    assert list(refused.value.message_dict) == ["at"]


def test_archiving_and_taking_back_end_the_way() -> None:
    house = make_house()
    planned, handed_in = revised(house), make_draft(make_section(house.authority, "Neu"))
    schedule_answer(answer_id=planned.pk, at=timezone.now() + SOON, user=house.anna)
    submit_answer(answer_id=handed_in.pk, user=house.anna)

    archive_answer(answer_id=planned.pk, user=house.anna)
    withdraw_answer(answer_id=handed_in.pk, user=house.anna)

    assert (stage(planned), stage(handed_in)) == ("writing", "writing")
    assert publish_due(now=timezone.now() + 2 * SOON) == 0
