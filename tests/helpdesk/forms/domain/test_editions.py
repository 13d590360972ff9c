"""Question sets: an edition in work, and published ones that never change."""

import pytest
from django.core.exceptions import ValidationError

from helpdesk.events.models import Event
from helpdesk.forms.domain.editions import (
    delete_question,
    discard_edition,
    move_question,
    publish_edition,
    save_question,
)
from helpdesk.forms.models import Form
from helpdesk.forms.queries import published_version, questions_of, worked_on
from helpdesk.forms.schema import Condition, Kind, Option, Question
from tests.factories.house import House, make_house

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]
YES_NO = (Option("ja", {"de": "Ja"}), Option("nein", {"de": "Nein"}))


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture
def form(house: House) -> Form:
    return Form.objects.create(authority=house.authority, key="lampe", name="Lampe")


def question(text: str, key: str = "", **values: object) -> Question:
    return Question(key, Kind.TEXT, {"de": text}, **values)  # type: ignore[arg-type]  # given by tests


def names(form: Form) -> list[str]:
    return [one.text("de") for one in questions_of(worked_on(form))]


def test_a_new_question_gets_a_key_and_waits_for_publication(house: House, form: Form) -> None:
    saved = save_question(form_id=form.pk, question=question("Wo?"), user=house.anna)

    assert saved.key
    assert names(form) == ["Wo?"]
    assert published_version(form.pk) is None


def test_a_published_edition_never_changes(house: House, form: Form) -> None:
    saved = save_question(form_id=form.pk, question=question("Wo?"), user=house.anna)
    first = publish_edition(form_id=form.pk, user=house.anna)
    save_question(form_id=form.pk, question=question("Wo genau?", saved.key), user=house.anna)

    second = publish_edition(form_id=form.pk, user=house.anna)

    first.refresh_from_db()
    assert [one.text("de") for one in questions_of(first)] == ["Wo?"]
    assert [one.text("de") for one in questions_of(second)] == ["Wo genau?"]
    assert (first.number, second.number) == (1, 2)
    assert published_version(form.pk) == second


def test_publishing_without_a_change_says_so(house: House, form: Form) -> None:
    with pytest.raises(ValidationError, match="nichts Neues"):
        publish_edition(form_id=form.pk, user=house.anna)


def test_dropping_the_changes_goes_back_to_what_is_asked(house: House, form: Form) -> None:
    save_question(form_id=form.pk, question=question("Wo?"), user=house.anna)
    publish_edition(form_id=form.pk, user=house.anna)
    save_question(form_id=form.pk, question=question("Wann?"), user=house.anna)

    discard_edition(form_id=form.pk, user=house.anna)

    assert names(form) == ["Wo?"]


def test_questions_are_moved_and_stay_at_the_ends(house: House, form: Form) -> None:
    keys = [
        save_question(form_id=form.pk, question=question(text), user=house.anna).key
        for text in ("A", "B", "C")
    ]

    move_question(form_id=form.pk, key=keys[2], up=True, user=house.anna)
    move_question(form_id=form.pk, key=keys[0], up=True, user=house.anna)

    assert names(form) == ["A", "C", "B"]


def test_a_question_never_comes_before_the_one_it_depends_on(house: House, form: Form) -> None:
    first = save_question(
        form_id=form.pk,
        question=Question("", Kind.CHOICE, {"de": "Brennt sie?"}, options=YES_NO),
        user=house.anna,
    )
    second = save_question(
        form_id=form.pk,
        question=question("Seit wann?", only_if=(Condition(first.key, ("nein",)),)),
        user=house.anna,
    )

    with pytest.raises(ValidationError, match="nicht davor steht"):
        move_question(form_id=form.pk, key=second.key, up=True, user=house.anna)
    with pytest.raises(ValidationError, match=r"Seit wann\?"):
        delete_question(form_id=form.pk, key=first.key, user=house.anna)

    assert names(form) == ["Brennt sie?", "Seit wann?"]


def test_each_change_is_remembered_with_its_author(house: House, form: Form) -> None:
    save_question(form_id=form.pk, question=question("Wo?"), user=house.anna)
    publish_edition(form_id=form.pk, user=house.anna)

    events = Event.objects.filter(subject_kind="form").order_by("id")

    assert [event.data["action"] for event in events] == ["changed", "published"]
    assert {event.actor_id for event in events} == {house.anna.pk}
