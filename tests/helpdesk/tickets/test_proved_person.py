"""Somebody who was only named writes from their address: the requests of that name are theirs."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from helpdesk.tickets.domain.articles import Answer, write_answer
from helpdesk.tickets.domain.handover import NewRequester, change_requester
from helpdesk.tickets.domain.intake import accept
from helpdesk.tickets.inbound import Person
from helpdesk.tickets.models import Ticket
from tests.factories.house import House, make_house, make_inbound, make_ticket
from tests.locks import locked

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]
DORA = Person("Dora Dritte", "dora@example.org")


@pytest.fixture
def house() -> House:
    return make_house()


def named_in(house: House, count: int) -> list[Ticket]:
    """Return requests of the roads team that were moved to somebody typed with Dora's address."""
    to = NewRequester(typed=DORA)
    for number in range(count):
        ticket = make_ticket(house, message_id=f"<{number}@example.org>")
        change_requester(ticket_id=ticket.pk, user=house.anna, to=to)
    return list(Ticket.objects.filter(team=house.roads).order_by("-pk"))


def test_their_requests_are_locked_in_order_before_they_are(house: House) -> None:
    # The waste team knows Dora by a mail of hers, of which the roads team may know nothing.
    theirs = make_ticket(house, message_id="<w@example.org>", person=DORA, team_id=house.waste.pk)
    newest, older = named_in(house, 2)
    seen = Ticket.objects.get(pk=newest.pk).last_article_id
    answer = Answer(newest.pk, "Wir kommen.", "a", seen_article_id=seen, undo_seconds=0)
    sent = write_answer(answer=answer, user=house.anna).outgoing
    assert sent is not None

    reply = make_inbound(
        house, person=DORA, message_id="<reply@example.org>", in_reply_to=sent.message_id
    )
    with CaptureQueriesContext(connection) as asked:
        accept(reply)

    owners = Ticket.objects.filter(pk__in=(newest.pk, older.pk)).values_list("citizen", flat=True)
    assert set(owners) == {theirs.citizen_id}
    if connection.vendor == "postgresql":
        first = next(one["sql"] for one in asked if " FOR " in one["sql"])
        assert locked(asked) == ["tickets_ticket", "tickets_ticket", "citizens_citizen"]
        assert 'ORDER BY "tickets_ticket"."id" ASC' in first or "ORDER BY 1 ASC" in first
