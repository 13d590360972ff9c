"""The field of related answers: found by words, chosen in an order, without scripts as well."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from knowledgebase.addresses import path_of
from knowledgebase.domain.write import TextDraft
from knowledgebase.models import Answer
from tests.factories.house import House, make_authority, make_house
from tests.factories.knowledge import (
    PASSPORT,
    make_answer,
    make_draft,
    make_editor,
    make_section,
)
from tests.helpdesk.search.making import begin_anew, index_everything

pytestmark = pytest.mark.django_db
LOST = TextDraft("Perso verloren", "Melden Sie es.", "<p>Sofort.</p>")
SECRET = TextDraft("Kanarienvogel Pass", "Kanarienvogel kurz", "<p>Pass</p>")


@pytest.fixture
def house() -> Iterator[House]:
    found = make_house()
    make_editor(found.authority, found.anna)
    yield found
    begin_anew()


@pytest.fixture
def anna(house: House) -> Client:
    client = Client()
    client.force_login(house.anna)
    return client


def at(name: str, answer: Answer) -> str:
    return reverse(f"desk:knowledge_{name}", args=[answer.pk])


def sent(answer: Answer, *related: object, **more: str) -> dict[str, Any]:
    """Return what the form of the details would send."""
    fixed = {"section": str(answer.section_id), "visibility": answer.visibility}
    return fixed | {"related": [str(key) for key in related]} | more


def chosen(answer: Answer) -> list[int]:
    rows = Answer.related.through.objects.filter(from_answer=answer)
    return list(rows.order_by("pk").values_list("to_answer", flat=True))


def offered(client: Client, answer: Answer, words: str) -> list[tuple[int, str, str]]:
    found = client.get(at("related", answer), {"q": words}).json()["results"]
    return [(one["key"], one["title"], one["note"]) for one in found]


def test_words_and_numbers_offer_what_the_editor_may_know_of_but_never_the_answer_itself(
    house: House, anna: Client
) -> None:
    section = make_section(house.authority)
    answer, draft, lost = make_answer(section), make_draft(section), make_answer(section, LOST)
    hidden = make_answer(section, SECRET, visibility="team", team_id=house.waste.pk)
    foreign = make_answer(make_section(make_authority("Stadt Anderswo", "AW")), SECRET)
    index_everything()

    assert offered(anna, answer, "reisep") == [(draft.pk, PASSPORT.title, "Ausweise · Entwurf")]
    assert offered(anna, answer, str(lost.pk)) == [(lost.pk, "Perso verloren", "Ausweise")]
    assert offered(anna, answer, "Kanarienvogel") == []
    assert [offered(anna, answer, str(one.pk)) for one in (hidden, foreign)] == [[], []]
    assert offered(anna, answer, "r") == []


def test_the_chosen_keep_their_order_for_editors_and_readers(house: House, anna: Client) -> None:
    section = make_section(house.authority)
    answer = make_answer(section)
    first, second, third = (
        make_answer(section, TextDraft(title, "Kurz", "<p>Text</p>")) for title in "CAB"
    )

    anna.post(at("details", answer), sent(answer, first.pk, second.pk))
    anna.post(at("details", answer), sent(answer, third.pk, first.pk, second.pk))

    assert chosen(answer) == [third.pk, first.pk, second.pk]
    assert chosen(first) == [answer.pk]
    page = anna.get(at("edit", answer))
    assert [one.title for one in page.context["related"].chosen] == ["B", "C", "A"]
    shown = Client().get(path_of(answer.pk, PASSPORT.title, "de")).context["related"]
    assert [entry.line.title for entry in shown] == ["B", "C", "A"]


def test_an_answer_that_many_have_chosen_can_still_be_saved(house: House, anna: Client) -> None:
    section = make_section(house.authority)
    answer = make_answer(section)
    others = [make_answer(section, related_ids=(answer.pk,)).pk for _ in range(6)]
    more = make_answer(section)

    kept = anna.post(at("details", answer), sent(answer, *others))
    refused = anna.post(at("details", answer), sent(answer, *others, more.pk))

    assert (kept.status_code, refused.status_code) == (302, 422)
    assert chosen(answer) == others


def test_without_scripts_the_words_come_back_with_boxes_and_nothing_is_saved(
    house: House, anna: Client
) -> None:
    section = make_section(house.authority)
    answer, kept, lost = make_answer(section), make_answer(section), make_answer(section, LOST)
    index_everything()

    asked = anna.post(
        at("details", answer),
        sent(answer, kept.pk, related_words="verloren", find="1", visibility="staff"),
    )

    picker = asked.context["related"]
    assert asked.status_code == 200
    assert [one.key for one in picker.chosen] == [kept.pk]
    assert [one.title for one in picker.found] == ["Perso verloren"]
    assert asked.context["details"]["visibility"].value() == "staff"
    assert chosen(answer) == []
    ticked = sent(answer, kept.pk, lost.pk, related_words="verloren", related_asked="verloren")
    assert anna.post(at("details", answer), ticked).status_code == 302
    assert chosen(answer) == [kept.pk, lost.pk]


def test_words_that_nothing_was_chosen_for_are_no_silent_loss(house: House, anna: Client) -> None:
    answer = make_answer(make_section(house.authority))
    index_everything()

    refused = anna.post(at("details", answer), sent(answer, related_words="nirgends <b>"))

    html = refused.content.decode()
    assert refused.status_code == 422
    assert 'href="#id_details_related_0"' in html
    assert 'value="nirgends &lt;b&gt;"' in html
    assert "Nichts gefunden für „nirgends &lt;b&gt;“" in html


def test_a_number_of_none_and_one_of_a_foreign_team_are_refused_alike_and_kept(
    house: House, anna: Client
) -> None:
    section = make_section(house.authority)
    answer = make_answer(section)
    hidden = make_answer(section, SECRET, visibility="team", team_id=house.waste.pk)

    pages = [
        anna.post(at("details", answer), sent(answer, key)) for key in (hidden.pk, hidden.pk + 1000)
    ]

    for page in pages:
        (line,) = page.context["related"].chosen
        assert (page.status_code, line.is_there, line.title) == (422, False, str(line.key))
        assert page.context["details"].errors["related"] == ["Eine dieser Antworten gibt es nicht."]


@pytest.mark.parametrize("key", ["x", "²", "9" * 40, "-1", ""])
def test_what_is_no_number_is_refused(house: House, anna: Client, key: str) -> None:
    answer = make_answer(make_section(house.authority))

    assert anna.post(at("details", answer), sent(answer, key)).status_code == 422


@pytest.mark.parametrize("count", [1, 3])
def test_page_and_suggestions_ask_equally_often(
    house: House,
    anna: Client,
    count: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    section = make_section(house.authority)
    others = [make_answer(section, LOST).pk for _ in range(count)]
    answer = make_answer(section, related_ids=tuple(others))
    index_everything()
    anna.get(at("edit", answer))
    offered(anna, answer, "verloren")

    with django_assert_num_queries(21):
        anna.get(at("edit", answer))
    # One of them for the synonyms; an engine in the database asks there, too.
    with django_assert_num_queries(12 if connection.vendor == "postgresql" else 10):
        assert len(offered(anna, answer, "verloren")) == count
