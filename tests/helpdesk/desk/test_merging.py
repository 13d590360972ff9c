"""Merge, link and split by the ticket's menu."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from helpdesk.tickets.domain.intake import accept
from helpdesk.tickets.enums import Status
from helpdesk.tickets.models import Article, Ticket, TicketLink
from tests.factories.house import NOON, House, make_house, make_inbound, make_ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture
def anna(house: House) -> Client:
    client = Client()
    client.force_login(house.anna)
    return client


def change(client: Client, ticket: Ticket, what: str, **data: object) -> str:
    """Press a button of the ticket's page, and return the page that follows."""
    address = reverse("desk:change", args=[ticket.number, what])
    response = client.post(address, data, follow=True)
    assert response.status_code == 200
    return response.content.decode()


def test_a_typed_number_merges_and_the_page_says_where_to(house: House, anna: Client) -> None:
    target = make_ticket(house)
    source = make_ticket(house, message_id="<second@example.org>")

    page = change(anna, source, "merge", other=target.number[-6:].lstrip("0"))
    source.refresh_from_db()
    merged = source.merged_into
    apart = change(anna, source, "unmerge")

    assert merged == target
    assert reverse("desk:ticket", args=[target.number]) in page
    assert reverse("desk:change", args=[source.number, "unmerge"]) in page
    source.refresh_from_db()
    assert source.status == Status.NEW
    assert reverse("desk:change", args=[source.number, "merge"]) in apart


def test_a_foreign_number_is_refused_as_one_that_is_not_there(house: House, anna: Client) -> None:
    mine = make_ticket(house)
    foreign = make_ticket(house, team_id=house.waste.pk, message_id="<w@example.org>")
    TicketLink.objects.all().delete()

    refusals = [
        change(anna, mine, what, other=number).count("Es gibt kein Anliegen mit dieser Nummer")
        for what in ("merge", "connect", "disconnect")
        for number in (foreign.number, "2026-999999", "", "x" * 500)
    ]

    assert refusals == [1] * 12
    assert not TicketLink.objects.exists()


def test_a_link_is_made_and_removed(house: House, anna: Client) -> None:
    one = make_ticket(house)
    other = make_ticket(house, message_id="<second@example.org>")

    change(anna, one, "connect", other=other.number)
    made = TicketLink.objects.count()
    change(anna, one, "disconnect", other=other.number)

    assert (made, TicketLink.objects.count()) == (1, 0)


def test_a_message_is_split_off_but_never_one_of_another_ticket(house: House, anna: Client) -> None:
    ticket = make_ticket(house)
    receipt = accept(
        make_inbound(
            house,
            in_reply_to="<first@example.org>",
            message_id="<2@example.org>",
            received_at=NOON + timedelta(hours=1),
        )
    )
    foreign = make_ticket(house, team_id=house.waste.pk, message_id="<w@example.org>")
    address = reverse("desk:change", args=[ticket.number, "split"])

    shown = anna.get(reverse("desk:ticket", args=[ticket.number])).content.decode()
    stolen = anna.post(address, {"article": foreign.articles.get().pk})
    change(anna, ticket, "split", article=receipt.article_id)

    assert shown.count(f'name="article" value="{receipt.article_id}"') == 1
    assert stolen.status_code == 404
    assert Article.objects.get(pk=receipt.article_id).ticket not in {ticket, foreign}
