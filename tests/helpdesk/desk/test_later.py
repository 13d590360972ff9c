"""What waits comes back by itself, with the reason, or sooner when something comes in."""

from datetime import date, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from helpdesk.desk.later import MORNING, NoMomentError, read_moment
from helpdesk.events.models import Event
from helpdesk.sla.domain.deadlines import wake_tickets
from helpdesk.tickets import facts
from helpdesk.tickets.domain.intake import accept
from helpdesk.tickets.enums import Status
from helpdesk.tickets.models import Ticket
from tests.factories.house import House, make_house, make_inbound, make_ticket
from tests.helpdesk.desk.pages import FETCH, page_of, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture
def ticket(house: House) -> Ticket:
    return make_ticket(house)


@pytest.fixture
def anna(house: House) -> Client:
    return signed_in(house.anna)


def change(client: Client, ticket: Ticket, what: str, **data: str) -> dict[str, str]:
    answer: dict[str, str] = client.post(
        f"{page_of(ticket)}change/{what}/", data, headers=FETCH
    ).json()
    return answer


def now(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def test_later_offers_the_morning_the_monday_and_any_day_within_a_year() -> None:
    today = timezone.localdate()
    in_a_year = today + timedelta(days=365)

    monday = timezone.localtime(read_moment("monday"))

    assert (monday.weekday(), monday.time()) == (0, MORNING)
    assert today < monday.date() <= today + timedelta(days=7)
    assert timezone.localtime(read_moment("day", in_a_year.isoformat())).date() == in_a_year
    for typed in ("", "gestern", today.isoformat(), (in_a_year + timedelta(days=1)).isoformat()):
        with pytest.raises(NoMomentError):
            read_moment("day", typed)


@pytest.mark.parametrize("what", ["citizen", "third"])
@pytest.mark.both_engines
def test_what_is_waited_for_comes_back_with_its_reason(
    house: House, ticket: Ticket, what: str
) -> None:
    anna = signed_in(house.anna)
    change(anna, ticket, "wait", **{"for": what, "when": "week", "note": "Gutachten Statik"})
    waiting = now(ticket)
    head = anna.get(f"{page_of(ticket)}head/").content.decode()

    early = wake_tickets()
    woken = wake_tickets(now=waiting.waiting_until) if waiting.waiting_until else 0
    Ticket.objects.filter(pk=ticket.pk).update(waiting_until=timezone.now())
    late = wake_tickets()

    assert waiting.status == f"waiting_{what}"
    assert head.count("Gutachten Statik") == 1
    # The row itself is looked at again under its lock: its time had not come.
    assert (early, woken, late) == (0, 0, 1)
    assert (now(ticket).status, now(ticket).waiting_until) == (Status.OPEN, None)
    reminded = Event.objects.get(kind=facts.REMINDED)
    assert reminded.data["waited"] == f"waiting_{what}"
    assert "Gutachten Statik" in anna.get(page_of(ticket)).content.decode()


def test_a_message_ends_the_waiting_and_no_reminder_follows(
    house: House, anna: Client, ticket: Ticket
) -> None:
    change(anna, ticket, "wait", **{"for": "citizen", "when": "week", "note": "Hausnummer"})

    accept(make_inbound(house, message_id="<2@example.org>", ticket_id=ticket.pk, text="Nr. 4"))

    assert (now(ticket).status, now(ticket).waiting_until) == (Status.OPEN, None)
    assert wake_tickets(now=timezone.now() + timedelta(days=30)) == 0
    assert "waiting-note" not in anna.get(page_of(ticket)).content.decode()


def test_waiting_without_a_day_stays_until_something_comes(anna: Client, ticket: Ticket) -> None:
    change(anna, ticket, "wait", **{"for": "third", "when": ""})

    assert now(ticket).status == Status.WAITING_THIRD
    assert wake_tickets(now=timezone.now() + timedelta(days=400)) == 0


def test_later_on_a_typed_day_and_a_bad_one_in_a_sentence(anna: Client, ticket: Ticket) -> None:
    day = timezone.localdate() + timedelta(days=40)

    bad = change(anna, ticket, "later", day="31.12.")
    change(anna, ticket, "later", day=day.isoformat(), when="tomorrow")

    assert bad["error"] == "Bitte wählen Sie einen künftigen Tag innerhalb eines Jahres."
    until = now(ticket).waiting_until
    assert isinstance(until, datetime)
    assert timezone.localtime(until).date() == day
    assert isinstance(day, date)
