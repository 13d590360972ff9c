"""Writing the working copy: cleaned, guarded against two editors, refused by field."""

from dataclasses import replace
from functools import partial

import pytest
from django.core.exceptions import ValidationError

from helpdesk.agents.models import Team
from helpdesk.events.models import Event
from knowledgebase.body import MAX_BODY
from knowledgebase.domain.publish import archive_answer
from knowledgebase.domain.write import (
    AnswerDetails,
    EditConflictError,
    TextDraft,
    change_details,
    save_copy,
)
from knowledgebase.enums import State, Visibility
from knowledgebase.models import Answer
from knowledgebase.queries import texts_of
from tests.factories.house import House, make_authority, make_house
from tests.factories.knowledge import PASSPORT, PASSPORT_EN, make_answer, make_draft, make_section

pytestmark = pytest.mark.django_db


def test_create_answer_writes_a_draft_with_clean_words_and_one_fact() -> None:
    section = make_section(make_authority())

    answer = make_draft(
        section, TextDraft("Titel", body="<h1 onclick=x>A</h1>"), internal="<p onclick=x>B</p>"
    )

    assert (answer.state, answer.revision, answer.internal) == (State.DRAFT, 1, "<p>B</p>")
    assert texts_of(answer, version_id=None)["de"].body == "<h2>A</h2>"
    assert [event.kind for event in Event.objects.filter(subject_kind="answer")] == [
        "answer.created"
    ]


def test_save_copy_leaves_the_live_words_as_they_are() -> None:
    house = make_house()
    answer = make_answer(make_section(house.authority))

    save_copy(
        answer_id=answer.pk,
        texts={"de": TextDraft("Neu", "Kurz", "<p>Anders</p>")},
        internal="",
        revision=1,
        user=house.anna,
    )

    answer.refresh_from_db()
    live = texts_of(answer, version_id=answer.live_version_id)
    assert (live["de"].title, answer.has_changes, answer.revision) == (PASSPORT.title, True, 2)
    assert texts_of(answer, version_id=None)["de"].title == "Neu"


def test_save_copy_refuses_the_second_of_two_editors_and_writes_nothing() -> None:
    house = make_house()
    answer = make_draft(make_section(house.authority))
    save = partial(save_copy, answer_id=answer.pk, internal="", revision=1)
    save(texts={"de": TextDraft("Erste")}, user=house.anna)

    with pytest.raises(EditConflictError) as refused:
        save(texts={"de": TextDraft("Zweite")}, user=house.bert)

    assert refused.value.answer.revision == 2
    assert texts_of(answer, version_id=None)["de"].title == "Erste"


def test_save_copy_of_what_was_just_saved_is_no_conflict() -> None:
    house = make_house()
    answer = make_draft(make_section(house.authority))
    save = partial(save_copy, answer_id=answer.pk, internal="", revision=1, user=house.anna)
    save(texts={"de": TextDraft("Neu")})

    again = save(texts={"de": TextDraft("Neu")})

    assert again.revision == 2


def test_save_copy_of_what_is_there_already_keeps_the_revision() -> None:
    house = make_house()
    answer = make_draft(make_section(house.authority))

    saved = save_copy(
        answer_id=answer.pk, texts={"de": PASSPORT}, internal="", revision=1, user=house.anna
    )

    assert saved.revision == 1


def test_save_copy_takes_an_emptied_language_away_and_leaves_the_unnamed() -> None:
    house = make_house()
    answer = make_draft(make_section(house.authority), texts={"en": PASSPORT_EN})

    save_copy(
        answer_id=answer.pk, texts={"en": TextDraft()}, internal="", revision=1, user=house.anna
    )

    assert list(texts_of(answer, version_id=None)) == ["de"]


def test_save_copy_tells_the_limit_of_a_text_that_is_too_long() -> None:
    house = make_house()
    answer = make_draft(make_section(house.authority))

    with pytest.raises(ValidationError) as refused:
        save_copy(
            answer_id=answer.pk,
            texts={"de": TextDraft("Lang", body="x" * (MAX_BODY + 1))},
            internal="",
            revision=1,
            user=house.anna,
        )

    assert list(refused.value.message_dict) == ["body_de"]
    assert str(MAX_BODY) in refused.value.messages[0]


@pytest.mark.parametrize("field", ["online_url", "video_url", "video_words_url"])
def test_no_door_takes_an_address_that_is_none_of_the_web(field: str) -> None:
    house = make_house()
    answer = make_draft(make_section(house.authority))

    for address in ("javascript:alert(1)", " https://x.example", "data:text/html,x", "//x.example"):
        bad = replace(PASSPORT, **{field: address})
        for write in (
            partial(make_draft, make_section(house.authority, address), bad),
            partial(
                save_copy,
                answer_id=answer.pk,
                texts={"de": bad},
                internal="",
                revision=1,
                user=house.anna,
            ),
        ):
            with pytest.raises(ValidationError) as refused:
                write()
            assert list(refused.value.message_dict) == [f"{field}_de"]
    assert Answer.objects.count() == 1


def test_change_details_refuses_what_belongs_to_another_town() -> None:
    house = make_house()
    other = make_authority("Stadt Anderswo", "AW")
    foreign = make_answer(make_section(other))
    team = Team.objects.create(authority=other, name="Fremd", slug="fremd")
    answer = make_draft(make_section(house.authority))

    with pytest.raises(ValidationError) as refused:
        change_details(
            answer_id=answer.pk,
            details=AnswerDetails(foreign.section_id, team_id=team.pk, related_ids=(foreign.pk,)),
            user=house.anna,
        )

    assert set(refused.value.message_dict) == {"section", "team", "related"}


def _hidden_and_nowhere(house: House) -> tuple[Answer, Answer, int]:
    """Return an answer of Anna's, one of a team she is not in, and the number of none."""
    section = make_section(house.authority)
    hidden = make_answer(section, visibility=Visibility.TEAM, team_id=house.waste.pk)
    return make_answer(section), hidden, hidden.pk + 1000


def test_change_details_answers_for_a_foreign_teams_answer_as_for_none() -> None:
    house = make_house()
    answer, hidden, nowhere = _hidden_and_nowhere(house)

    said = []
    for key in (hidden.pk, nowhere):
        details = AnswerDetails(answer.section_id, related_ids=(key,))
        with pytest.raises(ValidationError) as refused:
            change_details(answer_id=answer.pk, details=details, user=house.anna)
        said.append(refused.value.message_dict)

    assert said[0] == said[1]


def test_change_details_keeps_a_related_answer_that_the_editor_does_not_see() -> None:
    house = make_house()
    answer, hidden, _nowhere = _hidden_and_nowhere(house)
    answer.related.add(hidden)
    shown = make_answer(answer.section)

    details = AnswerDetails(answer.section_id, related_ids=(shown.pk,))
    change_details(answer_id=answer.pk, details=details, user=house.anna)

    assert set(answer.related.all()) == {hidden, shown}


def test_archive_answer_answers_for_a_foreign_teams_successor_as_for_none() -> None:
    house = make_house()
    answer, hidden, nowhere = _hidden_and_nowhere(house)

    said = []
    for key in (hidden.pk, nowhere):
        with pytest.raises(ValidationError) as refused:
            archive_answer(answer_id=answer.pk, successor_id=key, user=house.anna)
        said.append(refused.value.message_dict)

    assert said[0] == said[1]


def test_change_details_lets_nobody_hide_an_answer_from_themselves() -> None:
    house = make_house()
    answer = make_draft(make_section(house.authority))
    hidden = AnswerDetails(answer.section_id, Visibility.TEAM, team_id=house.roads.pk)

    with pytest.raises(ValidationError):
        change_details(answer_id=answer.pk, details=hidden, user=house.bert)
    change_details(answer_id=answer.pk, details=hidden, user=house.anna)

    answer.refresh_from_db()
    assert (answer.visibility, answer.team_id) == ("team", house.roads.pk)


def test_change_details_records_which_fields_changed_and_nothing_when_none_did() -> None:
    house = make_house()
    answer = make_draft(make_section(house.authority))
    details = AnswerDetails(answer.section_id, Visibility.STAFF)

    change_details(answer_id=answer.pk, details=details, user=house.anna)
    change_details(answer_id=answer.pk, details=details, user=house.anna)

    assert [event.data for event in Event.objects.filter(kind="answer.changed")] == [
        {"fields": ["visibility"]}
    ]
    assert Answer.objects.get().visibility == "staff"
