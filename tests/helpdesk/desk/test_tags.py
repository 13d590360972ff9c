"""Tags on the ticket's page, in the lists and while somebody types."""

import pytest
from django.test import Client
from django.urls import reverse

from helpdesk.tickets.domain.tags import change_tags, names_of
from helpdesk.tickets.models import Ticket
from tests.factories.house import House, make_house, make_ticket
from tests.helpdesk.desk.pages import FETCH, counted_queries, page_of, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture
def ticket(house: House) -> Ticket:
    return make_ticket(house)


@pytest.fixture
def anna(house: House) -> Client:
    return signed_in(house.anna)


def change(client: Client, ticket: Ticket, what: str, tags: str) -> dict[str, str]:
    answer: dict[str, str] = client.post(
        f"{page_of(ticket)}change/{what}/", {"tags": tags}, headers=FETCH
    ).json()
    return answer


def tags_of(ticket: Ticket) -> list[str]:
    return names_of(Ticket.objects.get(pk=ticket.pk))


def test_a_tag_is_put_on_taken_off_and_brought_back(anna: Client, ticket: Ticket) -> None:
    put = change(anna, ticket, "tag", "Haftung, Presse,")
    took = change(anna, ticket, "untag", "Presse")
    after = tags_of(ticket)
    address = took["undo"].split('data-undo-url="')[1].split('"')[0]

    anna.post(address, headers=FETCH)

    assert "Schlagwort gesetzt." in put["undo"]
    assert after == ["Haftung"]
    assert tags_of(ticket) == ["Haftung", "Presse"]
    assert sorted(use.tag.name for use in ticket.tags.all()) == ["Haftung", "Presse"]


def test_an_empty_tag_is_refused_in_a_sentence(anna: Client, ticket: Ticket) -> None:
    assert change(anna, ticket, "tag", " , ")["error"] == (
        "Ein Schlagwort braucht ein Wort aus Buchstaben oder Ziffern."
    )


def test_page_history_and_list_show_the_words_escaped(
    house: House, anna: Client, ticket: Ticket
) -> None:
    change_tags(ticket_id=ticket.pk, user=house.anna, add=["<i>schräg</i>", "zwei", "drei", "vier"])

    page = anna.get(page_of(ticket)).content.decode()
    row = anna.get(reverse("desk:list", args=["all"])).content.decode()

    assert "&lt;i&gt;schräg&lt;/i&gt;" in page
    assert "Schlagworte gesetzt: &lt;i&gt;schräg&lt;/i&gt;, drei, vier, zwei" in page
    assert row.count('<span class="tag">') == 4
    assert '<span class="tag">&lt;i&gt;schräg&lt;/i&gt;</span>' in row
    assert '<span class="tag">+1</span>' in row


def test_typing_finds_what_is_in_use_what_can_come_off_and_what_is_new(
    house: House, anna: Client, ticket: Ticket
) -> None:
    other = make_ticket(house, message_id="<2@example.org>")
    change_tags(ticket_id=ticket.pk, user=house.anna, add=["Haftung"])
    change_tags(ticket_id=other.pk, user=house.anna, add=["Hafen"])

    with counted_queries() as asked:
        found = anna.get(reverse("desk:tags", args=[ticket.number]), {"q": "haf"}).json()

    assert [(each["title"], each.get("remove", False)) for each in found["results"]] == [
        ("Hafen", False),
        ("Haftung", True),
        ("haf", False),
    ]
    assert len(asked) == 7
