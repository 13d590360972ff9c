"""Following somebody else's request: what is told, when, to whom, and how long it is kept."""

from collections.abc import Callable
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
    count_followers,
    follow_token,
    followers_of,
    forget_followers,
    stop_following,
    tell_followers,
)
from helpdesk.notifications.models import Follower
from helpdesk.outbox.facts import FAILED
from helpdesk.outbox.models import MessageState, OutgoingMessage, Recipient
from helpdesk.outbox.results import tell
from helpdesk.tickets.domain.locking import TicketNotThereError
from helpdesk.tickets.domain.merge import merge_tickets
from helpdesk.tickets.domain.state import change_status
from helpdesk.tickets.domain.trash import restore_ticket, trash_ticket
from helpdesk.tickets.enums import Outcome, Status
from helpdesk.tickets.inbound import Person
from helpdesk.tickets.models import Article, Ticket
from tests.factories.house import House, make_house, make_ticket
from tests.fakes.clock import Clock
from tests.helpdesk.portal.report.walking import make_topic

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
    follower = Follower.objects.create(ticket=ticket, email=email, language="de", nonce=new_nonce())
    confirm_follower(follower_id=follower.pk)
    return Follower.objects.get(pk=follower.pk)


def end(ticket: Ticket, house: House) -> None:
    change_status(ticket_id=ticket.pk, to=Status.RESOLVED, user=house.anna, outcome=Outcome.FIXED)


def another_of_hers(house: House) -> Ticket:
    """Return a further request of the same citizen."""
    message_id = f"<further{Ticket.objects.count()}@example.org>"
    person = Person("Clara Kanarie", "clara@example.org")
    return make_ticket(house, person=person, message_id=message_id)


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


DROPPED = "wir bearbeiten das Anliegen nicht weiter, das Sie verfolgen."


def mark_as_spam(ticket: Ticket, house: House) -> None:
    change_status(ticket_id=ticket.pk, to=Status.CLOSED, user=house.anna, outcome=Outcome.SPAM)


def trash(ticket: Ticket, house: House) -> None:
    trash_ticket(ticket_id=ticket.pk, user=house.anna)


@pytest.mark.parametrize("drop", [mark_as_spam, trash])
def test_what_nobody_worked_on_is_told_as_dropped_and_not_as_ended(
    house: House, ticket: Ticket, clock: Clock, drop: Callable[[Ticket, House], None]
) -> None:
    link = f"/mit/{follow_token(follow(ticket))}/"
    drop(ticket, house)

    clock.advance(minutes=6)
    tellings = [tell_due() for _ in range(2)]
    page = Client().get(link).content.decode()

    [(_address, text)] = told()
    assert tellings == [1, 0]
    assert DROPPED in text
    assert "abgeschlossen" not in text
    assert '<span class="state state-done">Geschlossen</span>' in page
    assert "Wir bearbeiten das Anliegen nicht weiter, das Sie verfolgen." in page
    assert "Es ist abgeschlossen" not in page


def test_a_request_that_comes_back_from_the_bin_at_once_is_told_to_nobody(
    house: House, ticket: Ticket, clock: Clock
) -> None:
    follow(ticket)
    trash(ticket, house)
    restore_ticket(ticket_id=ticket.pk, user=house.anna)

    clock.advance(minutes=6)
    tell_due()

    assert told() == []


def test_tidying_up_what_has_ended_is_no_news(house: House, ticket: Ticket, clock: Clock) -> None:
    follow(ticket)
    end(ticket, house)
    clock.advance(minutes=6)
    tell_due()
    trash(ticket, house)
    clock.advance(minutes=6)

    assert tell_due() == 0
    assert ["ist abgeschlossen" in text for _address, text in told()] == [True]


def test_what_was_opened_again_and_then_dropped_is_told_once_more(
    house: House, ticket: Ticket, clock: Clock
) -> None:
    follow(ticket)
    end(ticket, house)
    clock.advance(minutes=6)
    tell_due()
    change_status(ticket_id=ticket.pk, to=Status.OPEN, user=house.anna)
    tell_due()
    trash(ticket, house)
    clock.advance(minutes=6)

    tellings = [tell_due() for _ in range(2)]

    assert tellings == [1, 0]
    assert [DROPPED in text for _address, text in told()] == [False, True]


def test_followers_of_what_was_merged_are_counted_wherever_they_are_counted(
    house: House, ticket: Ticket
) -> None:
    second, third = another_of_hers(house), another_of_hers(house)
    for each, email in ((ticket, "a"), (second, "b"), (third, "c"), (third, "d")):
        follow(each, f"{email}@example.org")
    merge_tickets(ticket_id=ticket.pk, into_id=second.pk, user=house.anna)
    merge_tickets(ticket_id=second.pk, into_id=third.pk, user=house.anna)

    tickets = list(Ticket.objects.order_by("pk"))

    counts = count_followers(tickets)
    assert counts == {each.pk: followers_of(each).count() for each in tickets}
    assert counts[third.pk] == 4


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
    other = another_of_hers(house)
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


def test_who_is_mailed_once_more_has_a_week_from_then_on(ticket: Ticket, clock: Clock) -> None:
    wish = Wish(ticket.pk, "aylin@example.org", "de")
    ask_to_follow(wish=wish)
    clock.advance(days=6)
    ask_to_follow(wish=wish)
    clock.advance(days=6)

    assert forget_followers() == 0
    clock.advance(days=2)
    assert forget_followers() == 1


def test_who_stops_is_forgotten_in_the_mails_too_and_gets_none_that_waits(
    house: House, ticket: Ticket
) -> None:
    gone, stays = follow(ticket), follow(ticket, "boris@example.org")
    for each in (gone, stays):
        ask_to_follow(wish=Wish(ticket.pk, each.email, "de"))
    OutgoingMessage.objects.update(state=MessageState.SENT)
    tell_followers(ticket_id=ticket.pk, text=NEWS, key="once", user=house.anna)
    tell_due()

    stop_following(follower_id=gone.pk)

    left = Recipient.objects.filter(message__kind__in=("follow_link", "follow_news"))
    assert set(left.values_list("address", flat=True)) == {"boris@example.org"}
    assert left.count() == 2


def test_what_is_known_of_a_mail_that_failed_goes_with_the_address(ticket: Ticket) -> None:
    failures = EventPayload.objects.filter(event__kind=FAILED)
    aylin, boris = follow(ticket), follow(ticket, "boris@example.org")
    for each in (aylin, boris):
        ask_to_follow(wish=Wish(ticket.pk, each.email, "de"))
    with transaction.atomic():
        for letter in OutgoingMessage.objects.all():
            tell(letter, FAILED, {"addresses": [letter.recipients.get().address]})
    OutgoingMessage.objects.update(state=MessageState.FAILED)

    stop_following(follower_id=aylin.pk)

    assert [each.data for each in failures] == [{"addresses": ["boris@example.org"]}]


def test_mails_to_forgotten_addresses_are_deleted_once_nothing_comes_back(
    ticket: Ticket, clock: Clock
) -> None:
    ask_to_follow(wish=Wish(ticket.pk, "aylin@example.org", "de"))
    follow(ticket, "boris@example.org")
    ask_to_follow(wish=Wish(ticket.pk, "boris@example.org", "de"))
    OutgoingMessage.objects.update(state=MessageState.SENT)

    clock.advance(days=8)
    forget_followers()

    [mail] = OutgoingMessage.objects.filter(kind="follow_link")
    assert mail.recipients.get().address == "boris@example.org"


def test_an_address_is_kept_until_that_ended_into_which_the_request_was_merged(
    house: House, ticket: Ticket, clock: Clock
) -> None:
    other = another_of_hers(house)
    follow(ticket)
    merge_tickets(ticket_id=ticket.pk, into_id=other.pk, user=house.anna)

    clock.advance(days=100)
    while_open = forget_followers()
    end(other, house)
    clock.advance(days=89)
    not_yet = forget_followers()
    clock.advance(days=2)

    assert (while_open, not_yet, forget_followers()) == (0, 0, 1)


def test_words_said_half_way_of_two_merges_are_told_once(house: House, ticket: Ticket) -> None:
    second, third = another_of_hers(house), another_of_hers(house)
    follow(ticket)
    merge_tickets(ticket_id=ticket.pk, into_id=second.pk, user=house.anna)
    tell_followers(ticket_id=second.pk, text=NEWS, key="once", user=house.anna)
    merge_tickets(ticket_id=second.pk, into_id=third.pk, user=house.anna)

    tellings = [tell_due() for _ in range(2)]

    [(_address, text)] = told()
    assert NEWS in text
    assert tellings == [1, 0]


def test_words_after_an_end_do_not_tell_of_it_early_or_again(
    house: House, ticket: Ticket, clock: Clock
) -> None:
    follow(ticket)
    end(ticket, house)
    for key in ("early", "late"):
        tell_followers(ticket_id=ticket.pk, text=NEWS, key=key, user=house.anna)
        tell_due()
        clock.advance(minutes=6)
        tell_due()

    is_end = ["ist abgeschlossen" in text for _address, text in told()]
    assert is_end == [False, True, False]


def test_followers_do_not_learn_a_topic_that_others_may_not_know_of(
    house: House, ticket: Ticket
) -> None:
    """Staff may move a request to where it belongs; that tells more than was seen nearby."""
    lamps = make_topic(house, "Laternen", shows_nearby=True)
    quarrels = make_topic(house, "Nachbarstreit")
    link = f"/mit/{follow_token(follow(ticket))}/"
    pages = []
    for topic in (lamps, quarrels):
        Ticket.objects.filter(pk=ticket.pk).update(category=topic)
        tell_followers(ticket_id=ticket.pk, text=NEWS, key=topic.name, user=house.anna)
        tell_due()
        pages.append(Client().get(link).content.decode())

    mails = [text for _address, text in told()]
    for first, second in (pages, mails):
        assert ("Laternen" in first, "Nachbarstreit" in second) == (True, False)


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


def test_words_to_nobody_any_more_are_kept_for_who_wrote_them(house: House, ticket: Ticket) -> None:
    follower = follow(ticket)
    client = Client()
    client.force_login(house.anna)
    address = f"/a/t/{ticket.number}/mitteilen/"
    client.get(address)
    stop_following(follower_id=follower.pk)

    late = client.post(address, {"text": NEWS, "form_key": "k"})

    page = late.content.decode()
    assert late.status_code == 422
    assert f">{NEWS}</textarea>" in page
    assert "Niemand verfolgt dieses Anliegen mehr. Ihr Text wurde nicht gesendet." in page
    assert not ticket.follower_news.exists()
