"""Mails to agents about requests (mail.md 105)."""

from datetime import time, timedelta

import pytest
from django.utils import timezone

from helpdesk.agents.models import Membership, User
from helpdesk.notifications.mailing import mail_due
from helpdesk.notifications.models import Notice
from helpdesk.notifications.notices import KEPT_UNREAD, clear_ticket, forget_old
from helpdesk.notifications.ways import save_choices
from helpdesk.outbox.compose import Parts, render
from helpdesk.outbox.identity import scope_of
from helpdesk.outbox.models import MessageState, OutgoingMessage, Sender
from helpdesk.tickets.domain.staff_mail import staff_scope
from helpdesk.tickets.models import Ticket
from tests.factories.house import House, make_agent, make_house
from tests.fakes.clock import Clock
from tests.helpdesk.notifications.making import give, note, owned, take_in

pytestmark = pytest.mark.django_db
SECRET = "Vor Nummer 14 ist ein tiefes Loch."


@pytest.fixture
def house(clock: Clock) -> House:
    clock.advance(hours=1)
    return make_house()


@pytest.fixture
def jana(house: House) -> User:
    return make_agent(house.authority, "Jana Weber", house.roads)


@pytest.fixture
def ticket(house: House) -> Ticket:
    return owned(house, house.anna)


def mails() -> list[OutgoingMessage]:
    return list(OutgoingMessage.objects.filter(kind__startswith="notice").order_by("id"))


def lines_of(message: OutgoingMessage) -> list[str]:
    """Return the head of a mail as it goes over the wire, unfolded."""
    parts = Parts(
        message, message.sender.email, list(message.recipients.all()), (), message.created_at
    )
    head = render(parts, utf8=False).decode().partition("\r\n\r\n")[0]
    return head.replace("\r\n ", " ").split("\r\n")


def test_whom_a_note_names_gets_it_by_mail_and_can_answer(
    house: House, jana: User, ticket: Ticket, clock: Clock
) -> None:
    note(ticket, house.anna, "@Jana Weber: weißt du, wem die Straße gehört?")
    at_once = mail_due()
    clock.advance(seconds=31)

    assert (at_once, mail_due(), mail_due()) == (0, 1, 0)
    (message,) = mails()
    assert message.subject == f"[MU#{ticket.number}] {ticket.title}"
    assert "Anna Abend hat Sie in einer internen Notiz erwähnt." in message.text
    assert "weißt du, wem die Straße gehört?" in message.text
    assert f"/a/t/{ticket.number}/" in message.text
    assert SECRET not in message.text + message.html
    assert scope_of(message.message_id) == staff_scope(ticket, jana)
    assert list(message.recipients.values_list("address", flat=True)) == [jana.email]


@pytest.mark.usefixtures("jana")
def test_each_request_and_reader_have_a_thread_and_no_machine_answers_in_it(
    house: House, ticket: Ticket, clock: Clock
) -> None:
    other = take_in(house, message_id="<other@example.org>")
    for each in (ticket, ticket, other):
        note(each, house.anna, "@Jana Weber")
        clock.advance(minutes=1)
        mail_due()

    first, second, third = map(lines_of, mails())
    threads = [
        {line for line in head if line.startswith("References: ")}
        for head in (first, second, third)
    ]
    assert threads[0] == threads[1] != threads[2]
    assert {"Auto-Submitted: auto-generated", "Precedence: bulk"} <= set(second)
    assert "X-Auto-Response-Suppress: All" in second
    assert second[1] == "From: Stadt Musterstadt <tiefbau@musterstadt.example>"
    assert any(line.startswith("X-Anliegen-Loop: ") for line in second)
    assert len({message.message_id for message in mails()}) == 3
    assert not any("List-Unsubscribe" in line for line in first)


def test_a_sender_with_signed_tags_names_the_reader_in_the_reply_address(
    house: House, jana: User, ticket: Ticket, clock: Clock
) -> None:
    Sender.objects.update(subaddresses=True)
    note(ticket, house.anna, "@Jana Weber")
    clock.advance(minutes=1)

    mail_due()

    reply_to = mails()[0].headers["Reply-To"]
    assert reply_to.startswith(f"tiefbau+r{staff_scope(ticket, jana)}")


def test_what_was_read_at_the_bell_is_not_mailed(
    house: House, jana: User, ticket: Ticket, clock: Clock
) -> None:
    note(ticket, house.anna, "@Jana Weber")

    clear_ticket(user=jana, ticket_id=ticket.pk)
    clock.advance(minutes=1)

    assert mail_due() == 0


@pytest.mark.parametrize("wall", ["moved", "no right", "left", "no wall"])
def test_what_its_reader_may_no_longer_see_is_not_mailed(
    house: House, jana: User, ticket: Ticket, clock: Clock, wall: str
) -> None:
    note(ticket, house.anna, "@Jana Weber")
    if wall == "moved":
        give(ticket, house.anna, None, team_id=house.waste.pk)
    elif wall == "no right":
        Membership.objects.filter(user=jana).update(can_read=False)
    elif wall == "left":
        User.objects.filter(pk=jana.pk).update(is_active=False)
    clock.advance(minutes=1)

    assert mail_due() == (1 if wall == "no wall" else 0)
    assert Notice.objects.filter(mail_at__isnull=False).count() == 0


def test_what_is_gathered_leaves_as_one_mail_that_nobody_can_answer(
    house: House, jana: User, ticket: Ticket, clock: Clock
) -> None:
    save_choices(user=jana, values={"mentioned": "bundled"})
    other = take_in(house, message_id="<other@example.org>", subject="Laterne dunkel")
    note(ticket, house.anna, "@Jana Weber eins")
    clock.advance(minutes=10)
    note(other, house.anna, "@Jana Weber zwei")
    clock.advance(minutes=5, seconds=1)

    assert (mail_due(), mail_due()) == (1, 0)
    (message,) = mails()
    assert message.kind == "notice_digest"
    assert message.subject == "Neues zu 2 Anliegen"
    assert all(text in message.text for text in (ticket.number, other.number, "eins", "zwei"))
    assert scope_of(message.message_id) == "n"
    assert "Reply-To" not in message.headers


def test_what_was_gathered_with_a_request_that_left_is_mailed_without_it(
    house: House, jana: User, ticket: Ticket, clock: Clock
) -> None:
    save_choices(user=jana, values={"mentioned": "bundled"})
    others = [take_in(house, message_id=f"<{number}@example.org>") for number in (2, 3)]
    for each in (ticket, *others):
        note(each, house.anna, "@Jana Weber")
    clock.advance(minutes=16)
    gathered = mail_due()

    give(ticket, house.anna, None, team_id=house.waste.pk)
    clock.advance(minutes=1)

    assert (gathered, mail_due(), mail_due()) == (1, 1, 0)
    held, anew = mails()
    assert (held.state, anew.state) == ("cancelled", "queued")
    assert ticket.number not in anew.text
    assert all(each.number in anew.text for each in others)


def test_many_at_once_become_one_mail(house: House, jana: User, clock: Clock) -> None:
    save_choices(user=jana, values={"assigned": "mail"})
    for number in range(4):
        given = take_in(house, message_id=f"<{number}@example.org>")
        give(given, house.anna, jana)
    clock.advance(minutes=1)

    assert mail_due() == 1
    assert mails()[0].subject == "Neues zu 4 Anliegen"


def test_quiet_hours_hold_a_mail_back_and_not_the_bell(
    house: House, jana: User, ticket: Ticket, clock: Clock
) -> None:
    save_choices(user=jana, values={"quiet_from": time(0), "quiet_until": time(23)})
    note(ticket, house.anna, "@Jana Weber")
    clock.advance(minutes=5)
    in_quiet = (mail_due(), Notice.objects.filter(user=jana, read_at=None).count())

    clock.advance(hours=23)

    assert in_quiet == (0, 1)
    assert mail_due() == 1


def test_by_default_only_deadlines_and_names_are_mailed(
    house: House, jana: User, ticket: Ticket, clock: Clock
) -> None:
    give(ticket, house.anna, jana)
    clock.advance(days=2)

    assert Notice.objects.filter(user=jana, reason="assigned").count() == 1
    assert mail_due() == 0


@pytest.mark.usefixtures("jana")
def test_without_a_sender_the_mail_waits_and_leaves_when_there_is_one(
    house: House, ticket: Ticket, clock: Clock
) -> None:
    Sender.objects.update(is_active=False)
    note(ticket, house.anna, "@Jana Weber")
    clock.advance(minutes=1)
    without = mail_due()

    Sender.objects.update(is_active=True)
    clock.advance(minutes=11)

    assert (without, mail_due()) == (0, 1)


@pytest.mark.usefixtures("jana")
def test_a_mail_goes_with_the_last_notice_that_stood_in_it(
    house: House, ticket: Ticket, clock: Clock
) -> None:
    """It holds words of notes and titles, which retention elsewhere would not find."""
    for text in ("alt", "wartet noch", "jung"):
        note(ticket, house.anna, f"@Jana Weber: {text}")
        clock.advance(seconds=31)
        mail_due()
        clear_ticket(user=User.objects.get(name="Jana Weber"), ticket_id=ticket.pk)
    _old, waiting, young = mails()
    OutgoingMessage.objects.exclude(pk=waiting.pk).update(state=MessageState.SENT)
    long_ago = timezone.now() - KEPT_UNREAD - timedelta(days=1)
    OutgoingMessage.objects.exclude(pk=young.pk).update(created_at=long_ago)
    forget_old()
    with_notices = len(mails())

    Notice.objects.exclude(outgoing=young).update(created_at=long_ago)
    forget_old()

    assert with_notices == 3
    assert mails() == [waiting, young]
