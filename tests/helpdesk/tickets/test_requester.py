"""What citizens do with their requests: reply, withdraw, open again, rate, renew the link."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from helpdesk.events.models import Event
from helpdesk.files.store import put
from helpdesk.tickets import facts
from helpdesk.tickets.domain.articles import EmptyTextError
from helpdesk.tickets.domain.requester import (
    NotPossibleError,
    Verdict,
    Words,
    rate_request,
    renew_own_link,
    reopen_request,
    send_reply,
    withdraw_request,
)
from helpdesk.tickets.domain.state import change_status
from helpdesk.tickets.enums import Channel, Outcome, Solved, Status, Trust
from helpdesk.tickets.inbound import InboundFile, Person
from helpdesk.tickets.links import find_by_token, status_token
from helpdesk.tickets.models import Article, Rating, Ticket
from tests.factories.house import House, make_house, make_ticket

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture
def ticket(house: House) -> Ticket:
    return make_ticket(house)


def words(ticket: Ticket, text: str = "Es ist Hausnummer 14.", **values: object) -> Words:
    return Words(**({"ticket_id": ticket.pk, "text": text, "key": "k1"} | values))  # type: ignore[arg-type] # the test's own values


def end(house: House, ticket: Ticket, outcome: str = Outcome.FIXED, *, days_ago: int = 0) -> None:
    change_status(ticket_id=ticket.pk, user=house.anna, to=Status.RESOLVED, outcome=outcome)
    ended_at = timezone.now() - timedelta(days=days_ago)
    Ticket.objects.filter(pk=ticket.pk).update(resolved_at=ended_at)
    ticket.refresh_from_db()


def kinds(ticket: Ticket) -> list[str]:
    events = Event.objects.filter(subject_kind=facts.SUBJECT, subject_id=ticket.pk)
    return list(events.order_by("id").values_list("kind", flat=True))[1:]


def test_a_reply_joins_with_its_files_and_wakes_a_ticket_that_waited(
    house: House, ticket: Ticket
) -> None:
    change_status(ticket_id=ticket.pk, user=house.anna, to=Status.WAITING_CITIZEN)
    stored = put(b"Foto", "image/jpeg")

    receipt = send_reply(
        words=words(ticket, files=(InboundFile(stored.pk, "loch.jpg", "image/jpeg", 4),))
    )

    ticket.refresh_from_db()
    article = Article.objects.get(pk=receipt.article_id)
    assert (article.ticket, article.text) == (ticket, "Es ist Hausnummer 14.")
    assert (article.channel, article.trust) == (Channel.WEB, Trust.PARTICIPANT)
    assert (article.author_citizen, article.from_name) == (ticket.citizen, "Clara Citizen")
    assert [file.name for file in article.attachments.all()] == ["loch.jpg"]
    assert (ticket.status, ticket.last_public_id) == (Status.OPEN, article.pk)


def test_the_same_form_twice_is_one_message(ticket: Ticket) -> None:
    first = send_reply(words=words(ticket))
    second = send_reply(words=words(ticket))

    assert (second.article_id, second.is_duplicate) == (first.article_id, True)
    assert ticket.articles.count() == 2


def test_other_words_or_files_in_a_form_that_was_sent_are_another_message(ticket: Ticket) -> None:
    stored = put(b"Foto", "image/jpeg")
    send_reply(words=words(ticket))

    more = send_reply(words=words(ticket, "Es ist Hausnummer 14, im Hof."))
    photo = send_reply(
        words=words(ticket, files=(InboundFile(stored.pk, "hof.jpg", "image/jpeg", 4),))
    )

    assert [more.is_duplicate, photo.is_duplicate] == [False, False]
    assert ticket.articles.count() == 4


def test_the_key_of_one_request_names_no_message_of_another(house: House, ticket: Ticket) -> None:
    other = make_ticket(house, message_id="<2@x>")
    first = send_reply(words=words(ticket))

    second = send_reply(words=words(other))

    assert (second.ticket_id, second.is_duplicate) == (other.pk, False)
    assert first.article_id != second.article_id


@pytest.mark.django_db(transaction=True)
def test_twenty_sendings_at_once_are_one_message(house: House) -> None:
    ticket = make_ticket(house)

    receipts = at_once(lambda: send_reply(words=words(ticket)).article_id, times=20)

    assert len(set(receipts)) == 1
    assert ticket.articles.count() == 2
    assert kinds(ticket).count(facts.MESSAGE_RECEIVED) == 1


@pytest.mark.django_db(transaction=True)
def test_an_ended_request_opened_again_twice_at_once_opens_once(house: House) -> None:
    ticket = make_ticket(house)
    end(house, ticket)

    receipts = at_once(lambda: reopen_request(words=words(ticket)).article_id, times=5)

    ticket.refresh_from_db()
    assert len(set(receipts)) == 1
    assert (ticket.status, ticket.reopened) == (Status.OPEN, 1)


def at_once(act: Callable[[], int], *, times: int) -> list[int]:
    """Do it in so many threads and return what each got."""
    found: list[int] = []
    barrier = threading.Barrier(times)

    def run() -> None:
        barrier.wait()
        try:
            found.append(act())
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == times
    return found


def test_an_empty_reply_and_one_to_an_ended_request_are_refused(
    house: House, ticket: Ticket
) -> None:
    with pytest.raises(EmptyTextError):
        send_reply(words=words(ticket, " \n"))
    end(house, ticket)
    with pytest.raises(NotPossibleError):
        send_reply(words=words(ticket))

    assert ticket.articles.count() == 1


def test_withdrawing_ends_the_request_as_withdrawn_by_its_citizen(ticket: Ticket) -> None:
    first = withdraw_request(ticket_id=ticket.pk)
    second = withdraw_request(ticket_id=ticket.pk)

    ticket.refresh_from_db()
    event = Event.objects.get(kind=facts.STATUS_CHANGED, subject_id=ticket.pk)
    assert (first, second) == (True, False)
    assert (ticket.status, ticket.outcome) == (Status.RESOLVED, Outcome.WITHDRAWN)
    assert (event.actor_kind, event.actor_id) == ("citizen", ticket.citizen_id)


def test_an_anonymous_request_can_be_withdrawn_too(house: House) -> None:
    ticket = make_ticket(house, person=Person(), channel=Channel.WEB)

    withdraw_request(ticket_id=ticket.pk)

    event = Event.objects.get(kind=facts.STATUS_CHANGED, subject_id=ticket.pk)
    assert (event.actor_kind, event.actor_id) == ("external", None)


@pytest.mark.parametrize("days", [0, 13])
def test_an_ended_request_opens_again_for_fourteen_days(
    house: House, ticket: Ticket, days: int
) -> None:
    end(house, ticket, days_ago=days)

    reopen_request(words=words(ticket))

    ticket.refresh_from_db()
    assert (ticket.status, ticket.reopened) == (Status.OPEN, 1)


def test_after_fourteen_days_it_stays_ended(house: House, ticket: Ticket) -> None:
    end(house, ticket, days_ago=15)

    with pytest.raises(NotPossibleError):
        reopen_request(words=words(ticket))

    ticket.refresh_from_db()
    assert ticket.status == Status.RESOLVED


def test_how_long_it_opens_again_is_a_setting(house: House, ticket: Ticket) -> None:
    house.authority.reopen_days = 30
    house.authority.save()
    end(house, ticket, days_ago=20)

    reopen_request(words=words(ticket))

    ticket.refresh_from_db()
    assert (ticket.status, ticket.outcome, ticket.resolved_at) == (Status.OPEN, "", None)


def test_opening_again_needs_a_reason(house: House, ticket: Ticket) -> None:
    end(house, ticket)

    with pytest.raises(EmptyTextError):
        reopen_request(words=words(ticket, "  "))


def test_a_request_that_has_not_ended_is_not_opened_again(ticket: Ticket) -> None:
    with pytest.raises(NotPossibleError):
        reopen_request(words=words(ticket))


def test_an_end_is_rated_once_and_changed_within_a_week(house: House, ticket: Ticket) -> None:
    end(house, ticket)
    rate_request(ticket_id=ticket.pk, verdict=Verdict(Solved.NO))
    changed = rate_request(ticket_id=ticket.pk, verdict=Verdict(Solved.YES, 5, " Danke "))

    assert Rating.objects.count() == 1
    assert (changed.solved, changed.stars, changed.text) == (Solved.YES, 5, "Danke")
    Rating.objects.update(created_at=timezone.now() - timedelta(days=8))
    with pytest.raises(NotPossibleError):
        rate_request(ticket_id=ticket.pk, verdict=Verdict(Solved.NO))
    event = Event.objects.filter(kind=facts.RATED).latest("id")
    assert "Danke" not in str(event.data)


def test_each_end_has_a_rating_of_its_own(house: House, ticket: Ticket) -> None:
    end(house, ticket)
    rate_request(ticket_id=ticket.pk, verdict=Verdict(Solved.NO))
    reopen_request(words=words(ticket))
    end(house, ticket)

    rate_request(ticket_id=ticket.pk, verdict=Verdict(Solved.YES))

    assert sorted(Rating.objects.values_list("solved", flat=True)) == ["no", "yes"]


def test_what_can_not_be_rated_is_refused(house: House, ticket: Ticket) -> None:
    with pytest.raises(NotPossibleError):
        rate_request(ticket_id=ticket.pk, verdict=Verdict(Solved.YES))
    withdraw_request(ticket_id=ticket.pk)
    with pytest.raises(NotPossibleError):
        rate_request(ticket_id=ticket.pk, verdict=Verdict(Solved.YES))
    other = make_ticket(house, message_id="<2@x>")
    end(house, other)
    with pytest.raises(NotPossibleError):
        rate_request(ticket_id=other.pk, verdict=Verdict(Solved.YES, 6))

    assert not Rating.objects.exists()


def test_renewing_the_own_link_makes_it_void_and_asks_for_a_mail(ticket: Ticket) -> None:
    old = status_token(ticket)

    renewed = renew_own_link(ticket_id=ticket.pk)

    event = Event.objects.get(kind=facts.LINK_REVOKED)
    assert find_by_token(old) is None
    assert find_by_token(status_token(renewed)) == ticket
    assert event.data["send_new"] is True
