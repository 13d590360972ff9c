"""From messages to a draft: nothing of the person goes along, and only for who may do both."""

import pytest
from django.test import Client
from django.urls import reverse

from helpdesk.tickets.domain.articles import Answer as Reply
from helpdesk.tickets.domain.articles import write_answer, write_note
from helpdesk.tickets.models import Article, Ticket
from knowledgebase.models import Answer
from knowledgebase.queries import texts_of
from tests.factories.house import House, make_house, make_ticket
from tests.factories.knowledge import make_answer, make_editor, make_section

pytestmark = pytest.mark.django_db

REPLY = (
    "Guten Tag Frau Lindner,\n\nden Reisepass beantragen Sie im Bürgerbüro. Rufen Sie "
    "0171 2345678 an.\n\nZwei Wochen <b>vorher</b> genügt.\n\nMit freundlichen Grüßen\nAnna Abend"
)


@pytest.fixture
def house() -> House:
    found = make_house()
    make_editor(found.authority, found.anna)
    return found


@pytest.fixture
def ticket(house: House) -> Ticket:
    made = make_ticket(house)
    write_answer(
        answer=Reply(ticket_id=made.pk, text=REPLY, form_key="k", despite_newer=True),
        user=house.anna,
    )
    return made


def client_of(house: House, name: str = "anna") -> Client:
    client = Client()
    client.force_login(getattr(house, name))
    return client


def at(ticket: Ticket) -> str:
    return reverse("desk:knowledge_from_ticket", args=[ticket.number])


def body(answer: Answer) -> str:
    return texts_of(answer, version_id=None)["de"].body


def test_last_answer_becomes_a_draft_without_names_and_numbers(
    house: House, ticket: Ticket
) -> None:
    section = make_section(house.authority)
    client = client_of(house)

    page = client.get(at(ticket))
    sent = {"title": "Reisepass", "section": section.pk}
    keys = {"article": [row.pk for row in page.context["chosen"]]}
    made = client.post(at(ticket), sent | keys)

    answer = Answer.objects.get()
    assert [one["text"] for one in page.context["found"]] == [
        "Lindner",
        "0171 2345678",
        "Anna Abend",
    ]
    assert made["Location"] == reverse("desk:knowledge_edit", args=[answer.pk])
    text = body(answer)
    assert (answer.state, answer.from_ticket) == ("draft", ticket.pk)
    assert "Zwei Wochen &lt;b&gt;vorher&lt;/b&gt; genügt." in text
    for personal in ("Lindner", "2345678", "Anna", "Abend"):
        assert personal not in text
    assert ticket.number in client.get(made["Location"]).content.decode()


def test_what_is_ticked_stays_and_a_missing_title_keeps_the_ticks(
    house: House, ticket: Ticket
) -> None:
    section = make_section(house.authority)
    client = client_of(house)
    key = client.get(at(ticket)).context["chosen"][0].pk
    sent = {"article": key, "section": section.pk, "keep": ["1", "99", "x"]}

    refused = client.post(at(ticket), sent)
    client.post(at(ticket), sent | {"title": "Reisepass"})

    assert refused.status_code == 422
    assert [one["kept"] for one in refused.context["found"]] == [False, True, False]
    assert "0171 2345678" in body(Answer.objects.get())


def test_notes_and_foreign_messages_are_not_offered(house: House, ticket: Ticket) -> None:
    note = write_note(ticket_id=ticket.pk, user=house.anna, text="Nur für uns")
    foreign = make_ticket(house, subject="Anderes")
    other = Article.objects.filter(ticket=foreign).first()
    assert other is not None
    client = client_of(house)

    offered = {one["key"] for one in client.get(at(ticket)).context["articles"]}
    asked = [client.get(at(ticket), {"article": key}).status_code for key in (note.pk, other.pk)]

    assert asked == [404, 404]
    assert not {note.pk, other.pk} & offered


def test_only_who_reads_the_request_and_writes_answers_finds_the_page(
    house: House, ticket: Ticket
) -> None:
    make_editor(house.authority, house.bert)
    missing = client_of(house).get(reverse("desk:knowledge_from_ticket", args=["2026-999999"]))

    foreign = client_of(house, "bert").get(at(ticket))
    house.anna.roles.clear()
    no_author = client_of(house).get(at(ticket))

    assert (foreign.status_code, no_author.status_code, missing.status_code) == (404, 404, 404)
    assert foreign.content == missing.content


def test_backlink_is_only_for_those_who_may_read_the_request(house: House, ticket: Ticket) -> None:
    answer = make_answer(make_section(house.authority))
    Answer.objects.filter(pk=answer.pk).update(from_ticket=ticket.pk)
    make_editor(house.authority, house.bert)
    address = reverse("desk:knowledge_edit", args=[answer.pk])

    shown = [
        client_of(house, name).get(address).context["drafted_from"] for name in ("anna", "bert")
    ]

    assert shown == [ticket.number, ""]


def test_menu_of_what_a_citizen_wrote_or_read_leads_there_and_that_of_a_note_does_not(
    house: House, ticket: Ticket
) -> None:
    note = write_note(ticket_id=ticket.pk, user=house.anna, text="Nur für uns")
    others = [row.pk for row in Article.objects.filter(ticket=ticket).exclude(pk=note.pk)]

    html = client_of(house).get(reverse("desk:ticket", args=[ticket.number])).content.decode()
    house.anna.roles.clear()
    plain = client_of(house).get(reverse("desk:ticket", args=[ticket.number])).content.decode()

    assert [f'{at(ticket)}?article={key}"' in html for key in [*others, note.pk]] == [
        *[True for _ in others],
        False,
    ]
    assert f"{at(ticket)}?article=" not in plain
