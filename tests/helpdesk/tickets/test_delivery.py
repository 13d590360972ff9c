"""What a bounce does to ticket and address, and what a forged or soft one must not do."""

import time

import pytest

from helpdesk.citizens.models import ContactPoint
from helpdesk.events.models import Event
from helpdesk.outbox.models import OutgoingMessage
from helpdesk.outbox.returns import Failure, Returned, note_return
from helpdesk.reactions.tasks import drain
from helpdesk.tickets.domain.articles import Answer, write_answer
from helpdesk.tickets.domain.delivery import allow_mail_again
from helpdesk.tickets.domain.letters import find_answer_address
from helpdesk.tickets.domain.locking import TicketNotThereError
from helpdesk.tickets.models import Ticket
from tests.factories.house import House, make_house, make_ticket

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture
def house() -> House:
    return make_house()


def answer(house: House, ticket: Ticket, key: str = "k") -> OutgoingMessage:
    ticket.refresh_from_db()
    article = write_answer(
        answer=Answer(ticket.pk, "Antwort", key, ticket.last_article_id), user=house.anna
    )
    assert article.outgoing is not None
    return article.outgoing


def bounce(message: OutgoingMessage, failure: Failure = Failure.HARD) -> None:
    status = "5.1.1" if failure == Failure.HARD else "4.2.2"
    returned = Returned("clara@example.org", failure, status, f"550 {status} unknown")
    note_return(message=message, returned=[returned])
    drain(until=time.monotonic() + 60)


def test_a_permanent_bounce_marks_the_address_and_stands_in_the_history(house: House) -> None:
    ticket = make_ticket(house)
    message = answer(house, ticket)

    bounce(message)

    point = ContactPoint.objects.get()
    assert point.undeliverable_at is not None
    assert point.undeliverable_reason == "550 5.1.1 unknown"
    assert Event.objects.filter(kind="ticket.reply_bounced", subject_id=ticket.pk).count() == 1
    assert find_answer_address(ticket) is None


def test_a_delay_marks_nothing(house: House) -> None:
    ticket = make_ticket(house)
    message = answer(house, ticket)

    bounce(message, Failure.DELAYED)

    assert ContactPoint.objects.get().undeliverable_at is None
    assert not Event.objects.filter(kind="ticket.reply_bounced").exists()


def test_the_third_mail_given_up_within_a_week_marks_the_address(house: House) -> None:
    ticket = make_ticket(house)
    marked = []
    for number in range(3):
        bounce(answer(house, ticket, f"k{number}"), Failure.SOFT)
        marked.append(ContactPoint.objects.get().undeliverable_at is not None)

    assert marked == [False, False, True]
    assert Event.objects.filter(kind="ticket.reply_bounced", subject_id=ticket.pk).count() == 1


def test_an_agent_says_that_an_address_works_again(house: House) -> None:
    ticket = make_ticket(house)
    message = answer(house, ticket)
    bounce(message)

    assert allow_mail_again(ticket_id=ticket.pk, user=house.anna)

    assert ContactPoint.objects.get().undeliverable_at is None
    assert not allow_mail_again(ticket_id=ticket.pk, user=house.anna)
    assert answer(house, ticket, "k3").state == "queued"


def test_nobody_of_another_team_lifts_the_hold(house: House) -> None:
    ticket = make_ticket(house)
    bounce(answer(house, ticket))

    with pytest.raises(TicketNotThereError):
        allow_mail_again(ticket_id=ticket.pk, user=house.bert)
