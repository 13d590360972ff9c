"""Following somebody else's request: what is told, when, to whom, and how long it is kept."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.utils import timezone

from helpdesk.events.models import EventPayload
from helpdesk.lib.tokens import new_nonce
from helpdesk.notifications.follower_mails import tell_due
from helpdesk.notifications.following import (
    NothingToSayError,
    Wish,
    ask_to_follow,
    confirm_follower,
    follow_token,
    forget_followers,
    stop_following,
    tell_followers,
)
from helpdesk.notifications.models import Follower
from helpdesk.outbox.facts import FAILED
from helpdesk.outbox.models import MessageState, OutgoingMessage
from helpdesk.outbox.results import tell
from helpdesk.tickets.domain.locking import TicketNotThereError
from helpdesk.tickets.domain.merge import merge_tickets
from helpdesk.tickets.domain.state import change_status
from helpdesk.tickets.enums import Outcome, Status
from helpdesk.tickets.inbound import Person
from helpdesk.tickets.models import Article, Ticket
from tests.factories.house import House, make_house, make_ticket
from tests.fakes.clock import Clock

pytestmark = pytest.mark.django_db
NEWS = "Die neue Lampe kommt am Freitag."


@pytest.fixture
def house() -> House:
    cache.clear()
    return make_house()


@pytest.fixture
def ticket(house: House) -> Ticket:
    return make_ticket(house, person=Person("Clara Kanarie", "clara@example.org"))


def follow(ticket: Ticket, email: str = "aylin@example.org") -> Follower:
    follower, _is_new = Follower.objects.get_or_create(
        ticket=ticket, email=email, defaults={"language": "de", "nonce": new_nonce()}
    )
    confirm_follower(follower_id=follower.pk)
    return Follower.objects.get(pk=follower.pk)


def end(ticket: Ticket, house: House) -> None:
    change_status(ticket_id=ticket.pk, to=Status.RESOLVED, user=house.anna, outcome=Outcome.FIXED)


def told() -> list[tuple[str, str]]:
    """Return the mails to followers: to whom, and what they say."""
    letters = OutgoingMessage.objects.filter(kind="follow_news").order_by("id")
    return [(letter.recipients.get().address, letter.text) for letter in letters]


def test_the_end_is_told_once_and_not_before_it_can_no_longer_be_undone(
    house: House, ticket: Ticket, clock: Clock
) -> None:
    follow(ticket)
    end(ticket, house)
    tell_due()
    too_early = told()

    clock.advance(minutes=6)
    tell_due()
    tell_due()

    [(address, text)] = told()
    assert too_early == []
    assert address == "aylin@example.org"
    assert "das Anliegen, das Sie verfolgen, ist abgeschlossen." in text
    assert "Kanarie" not in text
    assert ticket.reference not in text


def test_an_end_that_is_taken_back_is_told_to_nobody(
    house: House, ticket: Ticket, clock: Clock
) -> None:
    follow(ticket)
    end(ticket, house)
    change_status(ticket_id=ticket.pk, to=Status.OPEN, user=house.anna)

    clock.advance(minutes=6)
    tell_due()

    assert told() == []


def test_words_reach_each_follower_alone_and_once(house: House, ticket: Ticket) -> None:
    follow(ticket)
    follow(ticket, "boris@example.org")
    for _ in range(2):
        tell_followers(ticket_id=ticket.pk, text=NEWS, key="once", user=house.anna)
        tell_due()

    assert [address for address, _text in told()] == ["aylin@example.org", "boris@example.org"]
    for address, text in told():
        assert NEWS in text
        assert "Kanarie" not in text
        assert not {"aylin@example.org", "boris@example.org"} - {address} & set(text.split())


def test_who_follows_later_reads_earlier_words_and_gets_no_mail_of_them(
    house: House, ticket: Ticket
) -> None:
    follow(ticket)
    tell_followers(ticket_id=ticket.pk, text=NEWS, key="once", user=house.anna)
    late = follow(ticket, "boris@example.org")

    tell_due()
    page = Client().get(f"/mit/{follow_token(late)}/")

    assert [address for address, _text in told()] == ["aylin@example.org"]
    assert NEWS in page.content.decode()


def test_who_does_not_confirm_hears_nothing(house: House, ticket: Ticket, clock: Clock) -> None:
    ask_to_follow(wish=Wish(ticket.pk, "aylin@example.org", "de"))
    end(ticket, house)
    clock.advance(minutes=6)

    tell_due()

    assert told() == []


def test_followers_go_along_when_a_request_is_merged(
    house: House, ticket: Ticket, clock: Clock
) -> None:
    other = make_ticket(
        house, person=Person("Clara Kanarie", "clara@example.org"), message_id="<2@example.org>"
    )
    follow(ticket)
    merge_tickets(ticket_id=ticket.pk, into_id=other.pk, user=house.anna)
    tell_followers(ticket_id=other.pk, text=NEWS, key="once", user=house.anna)
    tell_due()
    end(other, house)
    clock.advance(minutes=6)
    tell_due()

    first, second = (text for _address, text in told())
    assert NEWS in first
    assert "abgeschlossen" in second
    assert NEWS not in second


def merged_on(house: House, ticket: Ticket, message_id: str) -> Ticket:
    """Merge a request into a new one of the same citizen, and return that."""
    person = Person("Clara Kanarie", "clara@example.org")
    other = make_ticket(house, person=person, message_id=message_id)
    merge_tickets(ticket_id=ticket.pk, into_id=other.pk, user=house.anna)
    return other


def test_words_written_between_two_merges_reach_followers_of_the_first(
    house: House, ticket: Ticket
) -> None:
    follow(ticket)
    between = merged_on(house, ticket, "<2@example.org>")
    tell_followers(ticket_id=between.pk, text=NEWS, key="once", user=house.anna)
    merged_on(house, between, "<3@example.org>")

    counted = [tell_due(), tell_due()]

    [(_address, text)] = told()
    assert NEWS in text
    assert counted == [1, 0]


def test_followers_of_what_was_merged_are_kept_until_the_other_request_has_ended_long_ago(
    house: House, ticket: Ticket
) -> None:
    follow(ticket)
    second = merged_on(house, ticket, "<2@example.org>")
    third = merged_on(house, second, "<3@example.org>")
    later = timezone.now() + timedelta(days=400)

    while_open = forget_followers(now=later)
    Ticket.objects.filter(pk=third.pk).update(status=Status.CLOSED, resolved_at=later)
    kept = forget_followers(now=later + timedelta(days=89))

    assert (while_open, kept) == (0, 0)
    assert forget_followers(now=later + timedelta(days=91)) == 1


def test_mails_to_who_stopped_go_with_the_address_and_those_of_others_stay(
    house: House, ticket: Ticket
) -> None:
    ask_to_follow(wish=Wish(ticket.pk, "aylin@example.org", "de"))
    aylin, boris = follow(ticket), follow(ticket, "boris@example.org")
    failures = EventPayload.objects.filter(event__kind=FAILED)
    tell_followers(ticket_id=ticket.pk, text=NEWS, key="once", user=house.anna)
    tell_due()
    with transaction.atomic():
        for letter in OutgoingMessage.objects.all():
            tell(letter, FAILED, {"addresses": [letter.recipients.get().address]})
    OutgoingMessage.objects.update(state=MessageState.FAILED)

    stop_following(follower_id=aylin.pk)
    left = [letter.recipients.get().address for letter in OutgoingMessage.objects.all()]
    known = [each.data for each in failures.all()]
    Follower.objects.filter(pk=boris.pk).delete()
    forget_followers()

    assert left == ["boris@example.org"]
    assert known == [{"addresses": left}]
    assert not OutgoingMessage.objects.exists()
    assert not failures.exists()


def test_nobody_is_told_nothing_and_only_who_may_answer_tells(house: House, ticket: Ticket) -> None:
    with pytest.raises(NothingToSayError):
        tell_followers(ticket_id=ticket.pk, text=NEWS, key="a", user=house.anna)
    follow(ticket)
    with pytest.raises(NothingToSayError):
        tell_followers(ticket_id=ticket.pk, text=" \n", key="b", user=house.anna)
    with pytest.raises(TicketNotThereError):
        tell_followers(ticket_id=ticket.pk, text=NEWS, key="c", user=house.bert)


def test_a_reply_to_such_a_mail_is_a_request_of_its_own(house: House, ticket: Ticket) -> None:
    follow(ticket)
    tell_followers(ticket_id=ticket.pk, text=NEWS, key="once", user=house.anna)
    tell_due()
    letter = OutgoingMessage.objects.get(kind="follow_news")

    reply = make_ticket(
        house,
        person=Person("", "aylin@example.org"),
        subject=f"Re: {letter.subject}",
        message_id="<reply@example.org>",
        in_reply_to=letter.message_id,
        references=(letter.message_id,),
    )

    assert reply != ticket
    assert Article.objects.filter(ticket=ticket).count() == 1


def test_who_stops_is_forgotten_at_once_and_the_link_opens_nothing(ticket: Ticket) -> None:
    link = f"/mit/{follow_token(follow(ticket))}/"

    stopped = Client().post(f"{link}beenden/")

    assert "Wir haben Ihre Adresse gelöscht" in stopped.content.decode()
    assert not Follower.objects.exists()
    assert Client().get(link).status_code == 404


def test_addresses_are_kept_no_longer_than_is_said(ticket: Ticket) -> None:
    now = timezone.now()
    ask_to_follow(wish=Wish(ticket.pk, "aylin@example.org", "de"))
    follow(ticket, "boris@example.org")

    early = forget_followers(now=now + timedelta(days=6))
    of_wish = forget_followers(now=now + timedelta(days=8))
    Ticket.objects.update(resolved_at=now, status=Status.CLOSED)
    kept = forget_followers(now=now + timedelta(days=89))
    over = forget_followers(now=now + timedelta(days=91))

    assert (early, of_wish, kept, over) == (0, 1, 0, 1)


def test_agents_see_how_many_follow_and_tell_them_from_the_request(
    house: House, ticket: Ticket
) -> None:
    follow(ticket)
    client = Client()
    client.force_login(house.anna)
    address = f"/a/t/{ticket.number}/mitteilen/"

    panel = client.get(f"/a/t/{ticket.number}/aehnlich/").content.decode()
    empty = client.post(address, {"text": "", "form_key": "k"})
    done = client.post(address, {"text": NEWS, "form_key": "k"})
    page = client.get(f"/a/t/{ticket.number}/").content.decode()

    assert address in panel
    assert "aylin" not in panel
    assert empty.status_code == 422
    assert done.status_code == 302
    assert f"an 1 Person geschrieben, die das Anliegen verfolgt: {NEWS}" in page
    assert ticket.follower_news.get().text == NEWS
