"""Answers for the composer: public words only for citizens, and each insertion counted."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.test import Client
from django.urls import reverse

from helpdesk.agents.models import User
from helpdesk.tickets.models import Ticket
from knowledgebase.domain.write import TextDraft
from knowledgebase.models import Answer, AnswerDay
from tests.factories.house import House, make_house, make_ticket
from tests.factories.knowledge import make_answer, make_section
from tests.helpdesk.search.making import begin_anew, index_everything

pytestmark = pytest.mark.django_db

HOLE = TextDraft(
    "Schlagloch melden",
    "Wir sichern Schlaglöcher am selben Tag.",
    '<h2>So geht es</h2><p>Nennen Sie die <a href="/w/1">Straße</a>.</p>',
    cost="nichts",
    documents="Foto",
)
SECRET = "Kanarienvogel"


@pytest.fixture
def house() -> Iterator[House]:
    found = make_house()
    section = make_section(found.authority, "Straßen")
    street = make_answer(section, TextDraft("Anschrift", "Kurz", "<p>x</p>"))
    hole = replace(HOLE, body=HOLE.body.replace("/w/1", f"/w/{street.pk}"))
    make_answer(section, hole, internal=f"<p>{SECRET} intern</p>")
    hidden = TextDraft(f"{SECRET} Schlagloch", "Kurz", f"<p>{SECRET} Text</p>")
    make_answer(section, hidden, visibility="staff")
    make_answer(
        section,
        TextDraft("Fremdes Schlagloch", "Kurz", "<p>x</p>"),
        visibility="team",
        team_id=found.waste.pk,
    )
    index_everything()
    yield found
    begin_anew()


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def pick(house: House, ticket: Ticket, words: str, **more: str) -> list[dict[str, str]]:
    url = reverse("desk:knowledge_pick", args=[ticket.number])
    found: list[dict[str, str]] = (
        client_of(house.anna).get(url, {"q": words} | more).json()["results"]
    )
    return found


def test_an_answer_is_offered_as_link_summary_and_full_text(house: House) -> None:
    ticket = make_ticket(house)

    offers = [one for one in pick(house, ticket, "schlagloch") if one["title"] == HOLE.title]

    link, summary, full = (one["body"] for one in offers)
    key = Answer.objects.get(texts__title=HOLE.title, texts__version=None).pk
    address = f"http://testserver/w/{key}-schlagloch-melden/"
    assert link == f"Schlagloch melden: {address}"
    assert summary == f"{HOLE.summary}\n{address}"
    assert all(words in full for words in (HOLE.summary, "So geht es", "Kosten: nichts", "- Foto"))
    assert "http://testserver/w/" in full


@pytest.mark.parametrize(
    "typed, titles",
    [
        ("s", [HOLE.title]),
        ("S", [HOLE.title]),
        ("aus", ["Bescheid und Ausweis"]),
        ("ü", ["Übersicht der Gebühren"]),
        ("%", []),
    ],
)
def test_less_than_a_word_finds_the_titles_that_begin_so(
    house: House, typed: str, titles: list[str]
) -> None:
    section = make_section(house.authority, "Ausweise")
    for title in ("Bescheid und Ausweis", "Übersicht der Gebühren"):
        make_answer(section, TextDraft(title, "Kurz", "<p>x</p>"))
    index_everything()

    offers = pick(house, make_ticket(house), typed)

    assert list(dict.fromkeys(one["title"] for one in offers)) == titles


def test_nothing_internal_goes_into_an_answer_to_a_citizen(house: House) -> None:
    ticket = make_ticket(house)

    offers = [one for words in ("schlagloch", "", SECRET) for one in pick(house, ticket, words)]

    assert [one for one in offers if SECRET in str(one)] == []


def test_a_note_may_name_what_staff_reads_but_nothing_of_another_team(house: House) -> None:
    ticket = make_ticket(house)

    titles = {one["title"] for one in pick(house, ticket, "schlagloch", kind="note")}

    assert f"{SECRET} Schlagloch" in titles
    assert "Fremdes Schlagloch" not in titles


def test_the_panel_shows_three_answers_that_fit_the_tickets_words(house: House) -> None:
    ticket = make_ticket(house)
    url = reverse("desk:knowledge_fit", args=[ticket.number])

    html = client_of(house.anna).get(url).content.decode()

    assert HOLE.title in html
    assert "Fremdes Schlagloch" not in html
    assert f'data-insert-body="{SECRET}' not in html


def test_each_insertion_is_counted_and_only_of_what_one_may_read(house: House) -> None:
    ticket = make_ticket(house)
    client = client_of(house.anna)
    used = pick(house, ticket, "schlagloch melden")[0]["used"]
    foreign = Answer.objects.get(visibility="team").pk

    assert client.post(used).status_code == 204
    assert client.post(used).status_code == 204
    url = reverse("desk:knowledge_used", args=[ticket.number, foreign])
    assert client.post(url).status_code == 404
    assert [day.insertions for day in AnswerDay.objects.all()] == [2]
