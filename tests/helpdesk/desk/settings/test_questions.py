"""Pages of topics and their questions: writing, publishing, and what the preview shows."""

import re
from collections.abc import Mapping

import pytest
from django.test import Client
from django.urls import reverse

from helpdesk.agents.models import Authority
from helpdesk.forms.queries import published_version, questions_of, worked_on
from helpdesk.forms.schema import Condition
from helpdesk.tickets.models import Category

NAME = {"kind": "text", "label_de": "Wie heißt die Straße?", "required": "on"}
STATE = {
    "kind": "choice",
    "label_de": "Was ist mit der Lampe?",
    "options_de": "Dunkel\nFlackert",
    "required": "on",
}


@pytest.fixture
def topic(authority: Authority) -> Category:
    return Category.objects.create(authority=authority, name="Straßenbeleuchtung")


def url(name: str, *keys: object) -> str:
    return reverse(f"desk:settings_{name}", args=keys)


def add(admin: Client, topic: Category, values: Mapping[str, object]) -> str:
    """Save a new question and return the key it got."""
    response = admin.post(url("question_new", topic.pk), dict(values))
    assert response.status_code == 302
    topic.refresh_from_db()
    return questions_of(worked_on(topic.form))[-1].key


def previewed(admin: Client, topic: Category, **given: str) -> str:
    return admin.get(reverse("portal:report_preview", args=[topic.pk]), given).content.decode()


def test_a_question_with_errors_is_not_saved_and_keeps_what_was_typed(
    admin: Client, topic: Category
) -> None:
    wrong = STATE | {"options_de": "Dunkel", "hint_de": "Im Dunkeln geprüft", "label_de": ""}

    response = admin.post(url("question_new", topic.pk), wrong)

    html = response.content.decode()
    topic.refresh_from_db()
    assert response.status_code == 422
    assert re.search(r'href="#id_label_de"', html)
    assert re.search(r'href="#id_options_de"', html)
    assert re.search(r'value="Im Dunkeln geprüft"', html)
    assert re.search(r">\s*Dunkel</textarea>", html)
    assert re.search(r'value="choice"\s+selected', html)
    assert worked_on(topic.form) is None


def test_a_question_is_asked_once_it_is_published(admin: Client, topic: Category) -> None:
    add(admin, topic, NAME)
    before = published_version(topic.form_id)
    shown_before = admin.get(url("questions", topic.pk)).content.decode()

    response = admin.post(url("edition_action", topic.pk, "veroeffentlichen"))

    published = published_version(topic.form_id)
    shown_after = admin.get(url("questions", topic.pk)).content.decode()
    publish = url("edition_action", topic.pk, "veroeffentlichen")
    assert response.status_code == 302
    assert before is None
    assert [one.label["de"] for one in questions_of(published)] == ["Wie heißt die Straße?"]
    assert (publish in shown_before, publish in shown_after) == (True, False)


def test_nothing_new_to_publish_is_said(admin: Client, topic: Category) -> None:
    response = admin.post(url("edition_action", topic.pk, "veroeffentlichen"))

    assert response.status_code == 422
    assert 'role="alert"' in response.content.decode()


def test_the_preview_shows_the_edition_in_work(admin: Client, topic: Category) -> None:
    key = add(admin, topic, NAME)
    admin.post(url("edition_action", topic.pk, "veroeffentlichen"))

    admin.post(url("question", topic.pk, key), NAME | {"label_de": "In welcher Straße ist das?"})

    published = questions_of(published_version(topic.form_id))
    assert "In welcher Straße ist das?" in previewed(admin, topic, frage=key)
    assert [one.label["de"] for one in published] == ["Wie heißt die Straße?"]


def test_the_preview_shows_what_is_typed_without_saving_it(admin: Client, topic: Category) -> None:
    address = reverse("portal:report_preview", args=[topic.pk])
    typed = STATE | {"label_en": "What about the lamp?", "preview_language": "en"}

    html = admin.post(address, typed).content.decode()

    topic.refresh_from_db()
    assert "What about the lamp?" in html
    assert "Flackert" in html
    assert topic.form is None


def test_a_condition_names_an_answer_to_an_earlier_question(admin: Client, topic: Category) -> None:
    state = add(admin, topic, STATE)
    page = admin.get(url("question_new", topic.pk)).content.decode()

    name = add(admin, topic, NAME | {"only_if": [f"{state}=dunkel"]})

    listed = " ".join(admin.get(url("questions", topic.pk)).content.decode().split())
    first = admin.get(url("question", topic.pk, state)).content.decode()
    saved = questions_of(worked_on(topic.form))[1]
    assert f'value="{state}=dunkel"' in page
    assert saved.key == name
    assert saved.only_if == (Condition(state, ("dunkel",)),)
    assert "Was ist mit der Lampe?: Dunkel" in listed
    assert 'name="only_if"' not in first


def test_what_another_question_depends_on_is_not_taken_out(admin: Client, topic: Category) -> None:
    state = add(admin, topic, STATE)
    add(admin, topic, NAME | {"only_if": [f"{state}=dunkel"]})

    response = admin.post(url("question_action", topic.pk, state, "loeschen"))

    assert response.status_code == 422
    assert "Wie heißt die Straße?" in response.content.decode()
    assert len(questions_of(worked_on(topic.form))) == 2


def test_a_topic_keeps_its_english_words(admin: Client, topic: Category) -> None:
    english = {"name_en": "Street lighting", "description_en": "Lamp is dark"}
    values = {"name": topic.name, "priority": "20", "is_active": "on", "place": "optional"}

    saved = admin.post(url("topic", topic.pk), values | english)
    html = admin.get(url("topic", topic.pk)).content.decode()
    refused = admin.post(url("topic", topic.pk), values | english | {"name": ""})

    topic.refresh_from_db()
    assert saved.status_code == 302
    assert (topic.name_en, topic.description_en) == ("Street lighting", "Lamp is dark")
    assert 'value="Street lighting"' in html
    assert refused.status_code == 422
    assert 'value="Lamp is dark"' in refused.content.decode()
