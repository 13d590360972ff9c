"""An agent passes a citizen's mail on, and a colleague confirms who asks (mail.md 60)."""

import pytest

from helpdesk.events.models import Event
from helpdesk.tickets.domain.forwarded import proposed_author, take_over_author
from helpdesk.tickets.domain.intake import accept
from helpdesk.tickets.domain.letters import find_answer_address
from helpdesk.tickets.domain.locking import TicketNotThereError
from helpdesk.tickets.inbound import Person
from helpdesk.tickets.models import Article, Ticket
from tests.factories.house import House, make_house, make_inbound, make_ticket, ticket_of

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]
ERIKA = Person("Erika Muster", "erika@example.org")


@pytest.fixture
def house() -> House:
    return make_house()


def passed_on(house: House, sender: Person | None = None) -> Ticket:
    person = sender or Person("Anna Abend", house.anna.email)
    mail = make_inbound(house, person=person, subject="WG: Loch", forwarded_from=ERIKA)
    return ticket_of(accept(mail))


def first(ticket: Ticket) -> Article:
    return ticket.articles.get()


def test_the_author_is_proposed_and_nothing_is_changed_by_itself(house: House) -> None:
    ticket = passed_on(house)

    to = find_answer_address(ticket)
    assert proposed_author(first(ticket)) == "erika@example.org"
    assert ticket.citizen_name == "Anna Abend"
    assert to is None or to.address == house.anna.email


def test_a_citizen_who_passes_something_on_proposes_nobody(house: House) -> None:
    ticket = passed_on(house, Person("Clara Citizen", "clara@example.org"))

    assert proposed_author(first(ticket)) == ""


def test_a_confirmed_author_asks_from_now_on_and_gets_the_answers(house: House) -> None:
    ticket = passed_on(house)

    assert take_over_author(ticket_id=ticket.pk, user=house.anna)

    ticket.refresh_from_db()
    to = find_answer_address(ticket)
    assert to is not None
    assert to.address == "erika@example.org"
    assert [each.citizen for each in ticket.participants.all()] == [ticket.citizen]
    assert proposed_author(first(ticket)) == ""
    assert not take_over_author(ticket_id=ticket.pk, user=house.anna)
    assert Event.objects.filter(kind="ticket.requester_changed").count() == 1


def test_a_confirmed_author_whom_the_agent_knows_is_that_person(house: House) -> None:
    known = make_ticket(house, person=ERIKA, message_id="<erika@example.org>")
    ticket = passed_on(house)

    take_over_author(ticket_id=ticket.pk, user=house.anna)

    ticket.refresh_from_db()
    assert ticket.citizen == known.citizen


def test_nobody_of_another_team_confirms_anything(house: House) -> None:
    ticket = passed_on(house)

    with pytest.raises(TicketNotThereError):
        take_over_author(ticket_id=ticket.pk, user=house.bert)
