"""Who is asked by mail how it went, when, and how often."""

import re

import pytest
from django.test import Client

from helpdesk.citizens.models import ContactPoint
from helpdesk.notifications.rating_mails import ask_for_ratings
from helpdesk.outbox.models import OutgoingMessage
from helpdesk.tickets.domain.articles import Answer, write_answer
from helpdesk.tickets.domain.requester import Verdict, rate_request
from helpdesk.tickets.domain.state import change_status
from helpdesk.tickets.enums import Outcome, Solved, Status, Trust
from helpdesk.tickets.inbound import Person
from helpdesk.tickets.links import status_token
from helpdesk.tickets.models import Rating, Ticket
from helpdesk.tickets.ratings import verdicts_of
from tests.factories.house import House, make_house, make_ticket
from tests.fakes.clock import Clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def house(clock: Clock) -> House:  # noqa: ARG001 - time stands still first
    house = make_house()
    house.authority.asks_rating = True
    house.authority.save()
    return house


def end(house: House, ticket: Ticket, outcome: Outcome = Outcome.FIXED) -> None:
    change_status(ticket_id=ticket.pk, user=house.anna, to=Status.RESOLVED, outcome=outcome)
    ticket.refresh_from_db()


def ended(house: House, outcome: Outcome = Outcome.FIXED, **values: object) -> Ticket:
    ticket = make_ticket(house, **values)
    end(house, ticket, outcome)
    return ticket


def asked() -> list[int | None]:
    return list(OutgoingMessage.objects.filter(kind="rating").values_list("link_id", flat=True))


def test_a_day_after_the_end_the_citizen_is_asked_once(house: House, clock: Clock) -> None:
    ticket = ended(house)

    counts = [ask_for_ratings()]
    clock.advance(days=1, minutes=1)
    counts += [ask_for_ratings(), ask_for_ratings()]

    assert counts == [0, 1, 0]
    assert asked() == [ticket.pk]


def test_an_end_that_comes_again_is_asked_about_again(house: House, clock: Clock) -> None:
    ticket = ended(house)
    clock.advance(days=1, minutes=1)
    ask_for_ratings()
    clock.advance(hours=1)
    change_status(ticket_id=ticket.pk, user=house.anna, to=Status.OPEN)
    end(house, ticket)
    clock.advance(days=1, minutes=1)

    assert ask_for_ratings() == 1
    assert asked() == [ticket.pk, ticket.pk]


def test_the_question_goes_to_the_citizen_whatever_a_mail_in_their_name_wishes(
    house: House, clock: Clock
) -> None:
    ticket = ended(house)
    own = ContactPoint.objects.get(citizen=ticket.citizen)
    ticket.articles.update(trust=Trust.UNVERIFIED, reply_address="fremd@example.net")
    clock.advance(days=1, minutes=1)

    ask_for_ratings()

    (message,) = OutgoingMessage.objects.filter(kind="rating")
    assert [each.address for each in message.recipients.all()] == [own.value]


def test_nobody_is_asked_where_the_authority_does_not_want_it(house: House, clock: Clock) -> None:
    house.authority.asks_rating = False
    house.authority.save()
    ended(house)
    clock.advance(days=1, minutes=1)

    assert ask_for_ratings() == 0


@pytest.mark.parametrize("outcome", [Outcome.SPAM, Outcome.WITHDRAWN, Outcome.DUPLICATE])
def test_ends_that_the_town_did_not_work_for_are_not_asked_about(
    house: House, clock: Clock, outcome: Outcome
) -> None:
    ended(house, outcome)
    clock.advance(days=1, minutes=1)

    assert ask_for_ratings() == 0


def test_no_machine_is_asked_nobody_without_an_address_and_nobody_who_has_rated(
    house: House, clock: Clock
) -> None:
    ended(house, is_automatic=True)
    ended(house, person=Person("Otto", phone="0171 1"), channel="phone", message_id="<2@x>")
    rated = ended(house, person=Person("Rosa", "rosa@example.org"), message_id="<3@x>")
    rate_request(ticket_id=rated.pk, verdict=Verdict(Solved.YES))
    clock.advance(days=1, minutes=1)

    assert ask_for_ratings() == 0


def test_whoever_got_an_answer_at_the_end_was_asked_there(house: House, clock: Clock) -> None:
    ticket = make_ticket(house)
    words = Answer(ticket.pk, "Das Loch ist zu.", "key", ticket.last_article_id)
    write_answer(answer=words, user=house.anna)
    end(house, ticket)
    clock.advance(days=1, minutes=1)

    assert ask_for_ratings() == 0


def test_what_ended_long_ago_is_not_asked_about_when_this_is_switched_on(
    house: House, clock: Clock
) -> None:
    ended(house)
    clock.advance(days=30)

    assert ask_for_ratings() == 0


def test_the_link_of_the_mail_shows_the_question_rates_by_post_and_offers_to_open_again(
    house: House, clock: Clock
) -> None:
    ticket = ended(house)
    clock.advance(days=1, minutes=1)
    ask_for_ratings()
    message = OutgoingMessage.objects.get(kind="rating")
    found = re.search(r"https?://[^/]+(/s/\S+/bewerten/)", message.text)
    assert found is not None
    client, link = Client(), found.group(1)

    page = client.get(link)
    before = Rating.objects.count()
    answer = client.post(link, {"solved": "no", "more": "1", "text": "Noch ein Loch"})

    assert page.status_code == 200
    assert "Wurde Ihr Anliegen gelöst?" in " ".join(page.content.decode().split())
    assert before == 0
    assert answer.headers["Location"] == link.replace("bewerten", "wieder-oeffnen")
    assert Rating.objects.get(ticket=ticket).solved == Solved.NO
    assert ticket.title not in message.text + message.subject


def test_whoever_has_not_opened_the_request_does_not_read_what_was_said(house: House) -> None:
    ticket = ended(house)
    rate_request(ticket_id=ticket.pk, verdict=Verdict(Solved.NO, text="Vertraulich"))

    page = Client().get(f"/s/{status_token(ticket)}/bewerten/")

    assert page.status_code == 200
    assert "Vertraulich" not in page.content.decode()


def test_ratings_are_shown_added_up_and_only_where_there_are_five(house: House) -> None:
    for number, (solved, stars) in enumerate(
        [("yes", 5), ("yes", 4), ("partly", 3), ("no", None), ("yes", 4)]
    ):
        before = verdicts_of(house.authority.pk)
        ticket = ended(house, message_id=f"<{number}@x>")
        rate_request(ticket_id=ticket.pk, verdict=Verdict(Solved(solved), stars))

    found = verdicts_of(house.authority.pk)

    assert before == []
    assert [(row.team, row.count, row.solved, row.partly, row.unsolved) for row in found] == [
        ("", 5, 3, 1, 1),
        ("Tiefbau", 5, 3, 1, 1),
    ]
    assert [row.stars for row in found] == [None, None]
