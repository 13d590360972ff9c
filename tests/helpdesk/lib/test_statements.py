"""Kept statements answer as the querysets from which they were made."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import QuerySet
from django.utils import timezone

from helpdesk.lib.statements import ask, fill, slot
from helpdesk.tickets.models import Article, Attachment, Ticket
from tests.factories.house import House, make_house, make_ticket
from tests.helpdesk.desk.pages import counted_queries, make_tickets

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]


@pytest.fixture
def house() -> House:
    return make_house()


def _pairs() -> QuerySet[Any]:
    return (
        Ticket.objects.filter(pk__gte=slot("key")).order_by("pk").values_list("pk", "received_at")
    )


def _whole() -> QuerySet[Ticket]:
    found = Ticket.objects.filter(received_at__lt=slot("before")).order_by("pk")
    return found.select_related("team", "owner").defer("snippet")


def _nothing() -> QuerySet[Ticket]:
    return Ticket.objects.none()


def test_ask_returns_tuples_and_takes_other_values_each_time(house: House) -> None:
    first, second = make_tickets(house, 2)

    found = [ask(_pairs, key=key) for key in (first.pk, second.pk)]

    pair = (second.pk, second.received_at)
    assert found == [[(first.pk, first.received_at), pair], [pair]]


def test_ask_returns_instances_with_what_was_joined(house: House) -> None:
    ticket = make_ticket(house)
    ask(_whole, before=timezone.now())

    with counted_queries() as sent:
        (found,) = ask(_whole, before=ticket.received_at + timedelta(seconds=1))
        assert (found.team.name, found.owner, found.answers) == ("Tiefbau", None, {})

    assert found == ticket
    assert len(sent) == 1
    assert found.get_deferred_fields() == {"snippet"}
    assert ask(_whole, before=ticket.received_at) == []


def test_ask_sends_nothing_where_nothing_can_be_found() -> None:
    with counted_queries() as sent:
        found = ask(_nothing)

    assert (found, sent) == ([], [])


def test_fill_gives_rows_that_are_not_asked_for_again(house: House) -> None:
    article = Article.objects.get(ticket=make_ticket(house))
    file = Attachment(pk=7, name="a.txt", size=1)

    with counted_queries() as sent:
        fill(article, "attachments", [file])
        found = list(article.attachments.all())

    assert (found, sent) == ([file], [])
