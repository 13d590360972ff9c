"""Publishing keeps a version; archiving leads on; what was published can come back."""

import pytest
from django.core.exceptions import ValidationError

from helpdesk.events.models import Event
from knowledgebase.checklist import problems_of
from knowledgebase.domain.files import NewFile, add_file, describe_file, remove_file
from knowledgebase.domain.publish import (
    NotReadyError,
    archive_answer,
    publish_answer,
    reopen_answer,
    restore_version,
)
from knowledgebase.domain.write import TextDraft, save_copy
from knowledgebase.models import Answer
from knowledgebase.queries import files_of, texts_of
from tests.factories.house import make_house
from tests.factories.knowledge import PASSPORT, make_answer, make_draft, make_section

pytestmark = pytest.mark.django_db

PNG = b"\x89PNG\r\n\x1a\n" + bytes(48)


def words(answer: Answer, version_id: int | None) -> str:
    return texts_of(answer, version_id=version_id)["de"].title


def test_publish_answer_keeps_each_version_as_it_was() -> None:
    house = make_house()
    answer = make_answer(make_section(house.authority), internal="<p>eins</p>")
    first = answer.live_version_id
    save_copy(
        answer_id=answer.pk,
        texts={"de": TextDraft("Neu", "Kurz", "<p>Anders</p>")},
        internal="<p>zwei</p>",
        revision=1,
        user=house.anna,
    )

    publish_answer(answer_id=answer.pk, user=house.anna)

    answer.refresh_from_db()
    assert [(one.number, one.internal) for one in answer.versions.all()] == [
        (2, "<p>zwei</p>"),
        (1, "<p>eins</p>"),
    ]
    assert words(answer, first) == PASSPORT.title
    assert (words(answer, answer.live_version_id), answer.has_changes) == ("Neu", False)
    assert [event.data for event in Event.objects.filter(kind="answer.published")] == [
        {"version": 1},
        {"version": 2},
    ]


@pytest.mark.parametrize(
    "text,field",
    [
        (TextDraft("", "Kurz", "<p>x</p>"), "title_de"),
        (TextDraft("x" * 71, "Kurz", "<p>x</p>"), "title_de"),
        (TextDraft("Titel", "", "<p>x</p>"), "summary_de"),
        (TextDraft("Titel", "Kurz", ""), "body_de"),
        (TextDraft("Titel", "Kurz", "<h3>Zu tief</h3><p>x</p>"), "body_de"),
        (TextDraft("Titel", "Kurz", '<p><a href="/w/999">x</a></p>'), "body_de"),
        (TextDraft("Titel", "Kurz", '<p>x<img data-cid="999"></p>'), "body_de"),
        (TextDraft("Titel", "Kurz", "<p>x</p>", online_url="https://x.de"), "online_label_de"),
    ],
)
def test_publish_answer_refuses_each_open_point_of_the_checklist(
    text: TextDraft, field: str
) -> None:
    answer = make_draft(make_section(make_house().authority), text)

    with pytest.raises(NotReadyError) as refused:
        publish_answer(answer_id=answer.pk, user=None)

    assert [problem.field for problem in refused.value.problems] == [field]
    answer.refresh_from_db()
    assert (answer.state, answer.versions.count()) == ("draft", 0)


def test_publish_answer_demands_a_description_of_each_picture_or_that_it_decorates() -> None:
    house = make_house()
    answer = make_draft(make_section(house.authority))
    picture = add_file(answer_id=answer.pk, file=NewFile("foto.png", PNG), user=None)

    asked = [problem.field for problem in problems_of(answer)]
    describe_file(file_id=picture.pk, alt="Ein Pass", is_decorative=False, user=house.anna)

    assert (asked, problems_of(answer)) == (["files"], [])


def test_a_public_answer_does_not_lead_where_only_staff_may_go() -> None:
    section = make_section(make_house().authority)
    inside = make_answer(section, visibility="staff")
    text = TextDraft("Titel", "Kurz", f'<p><a href="/w/{inside.pk}">x</a></p>')

    public, internal = make_draft(section, text), make_draft(section, text, visibility="staff")

    assert [problem.field for problem in problems_of(public)] == ["body_de"]
    assert problems_of(internal) == []


def test_archive_answer_names_a_successor_only_if_it_is_published() -> None:
    house = make_house()
    section = make_section(house.authority)
    old, draft, new = make_answer(section), make_draft(section), make_answer(section)

    with pytest.raises(ValidationError):
        archive_answer(answer_id=old.pk, successor_id=draft.pk, user=house.anna)
    archive_answer(answer_id=old.pk, successor_id=new.pk, user=house.anna)

    old.refresh_from_db()
    assert (old.state, old.successor_id) == ("archived", new.pk)


def test_reopen_answer_makes_a_draft_of_an_archived_one() -> None:
    house = make_house()
    answer = make_answer(make_section(house.authority))
    archive_answer(answer_id=answer.pk, user=house.anna)

    reopen_answer(answer_id=answer.pk, user=house.anna)

    answer.refresh_from_db()
    assert answer.state == "draft"


def test_a_picture_of_no_height_has_no_size_whatever_width_it_names() -> None:
    answer = make_draft(make_section(make_house().authority))
    width = b"\xff\xff\xff\xff"
    drawing = PNG[:8] + b"\0\0\0\rIHDR" + width + bytes(4 + 5 + 4)

    file = add_file(answer_id=answer.pk, file=NewFile("strich.png", drawing), user=None)

    assert (file.is_image, file.width, file.height) == (True, 0, 0)


def test_restore_version_brings_words_and_files_back_into_the_working_copy_only() -> None:
    house = make_house()
    answer = make_draft(make_section(house.authority))
    file = add_file(answer_id=answer.pk, file=NewFile("blatt.txt", b"Text"), user=None)
    first = publish_answer(answer_id=answer.pk, user=None)
    remove_file(file_id=file.pk, user=house.anna)
    text = {"de": TextDraft("Neu", "Kurz", "<p>Anders</p>")}
    save_copy(answer_id=answer.pk, texts=text, internal="", revision=1, user=house.anna)
    second = publish_answer(answer_id=answer.pk, user=None)

    restore_version(answer_id=answer.pk, version_id=first.pk, user=house.anna)

    answer.refresh_from_db()
    assert (words(answer, None), answer.live_version_id) == (PASSPORT.title, second.pk)
    assert [one.name for one in files_of(answer, version_id=None)] == ["blatt.txt"]
    assert files_of(answer, version_id=second.pk) == []
    assert answer.has_changes


def test_a_file_added_later_belongs_to_the_working_copy_until_it_is_published() -> None:
    answer = make_answer(make_section(make_house().authority))

    add_file(answer_id=answer.pk, file=NewFile("neu.pdf", b"%PDF-1.7"), user=None)

    answer.refresh_from_db()
    assert files_of(answer, version_id=answer.live_version_id) == []
    assert [one.name for one in files_of(answer, version_id=None)] == ["neu.pdf"]
    assert answer.has_changes


def test_add_file_refuses_an_empty_file_with_a_sentence() -> None:
    answer = make_draft(make_section(make_house().authority))

    with pytest.raises(ValidationError) as refused:
        add_file(answer_id=answer.pk, file=NewFile("leer.txt", b""), user=None)

    assert list(refused.value.message_dict) == ["file"]


@pytest.mark.parametrize(
    "visibility,dead",
    [
        ("public", {"staff", "mine", "foreign"}),
        ("staff", {"mine", "foreign"}),
        ("team", {"foreign"}),
    ],
)
def test_a_link_leads_no_further_than_the_readers_of_its_answer_go(
    visibility: str, dead: set[str]
) -> None:
    house = make_house()
    section = make_section(house.authority)
    targets = {
        "public": make_answer(section),
        "staff": make_answer(section, visibility="staff"),
        "mine": make_answer(section, visibility="team", team_id=house.roads.pk),
        "foreign": make_answer(section, visibility="team", team_id=house.waste.pk),
    }
    links = "".join(f'<a href="/w/{one.pk}">x</a>' for one in targets.values())
    team_id = house.roads.pk if visibility == "team" else None
    text = TextDraft("Titel", "Kurz", f"<p>{links}</p>")

    answer = make_draft(section, text, visibility=visibility, team_id=team_id)

    named = {name for name, one in targets.items() if _names(answer, one.pk)}
    assert named == dead


def _names(answer: Answer, key: int) -> bool:
    return any(f" {key} " in problem.sentence for problem in problems_of(answer))
