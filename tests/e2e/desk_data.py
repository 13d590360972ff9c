"""A town with work on its desk, and a browser that is signed in, for the desk's browser tests."""

from dataclasses import dataclass
from datetime import timedelta

from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page

from channels_in import outcome
from channels_in.reasons import Quarantine
from helpdesk.agents.models import Membership, User
from helpdesk.outbox.models import MessageState, OutgoingMessage
from helpdesk.textmodules.models import TextModule, TextModuleText
from helpdesk.tickets.domain.articles import Answer, write_answer, write_note
from helpdesk.tickets.domain.deadline import set_due
from helpdesk.tickets.inbound import Person
from helpdesk.tickets.models import Ticket
from tests.channels_in.making import kept, mail, make_account
from tests.factories.house import House, make_administrator, make_house, make_ticket
from tests.helpdesk.desk.pages import page_of, without_second_factor

# The test server speaks HTTP only; the desk then polls.
WITHOUT_SOCKET = ("/ws/desk/", "WebSocket")
LONG = "Graffiti an der Unterführung Bahnhof, und eine Überschrift, die in keine Zeile passen will"


@dataclass(frozen=True, slots=True)
class Desk:
    """What the tests open: a fresh ticket, one with every kind of article, one undeliverable."""

    house: House
    operator: User
    fresh: Ticket
    busy: Ticket
    undelivered: Ticket


def answer(house: House, ticket: Ticket, text: str) -> OutgoingMessage:
    """Return the message of an answer that Anna has written, past its undo window."""
    article = write_answer(
        answer=Answer(
            ticket_id=ticket.pk, text=text, form_key="e2e", despite_newer=True, undo_seconds=0
        ),
        user=house.anna,
    )
    return OutgoingMessage.objects.get(article=article)


def make_desk() -> Desk:
    """Fill the database."""
    house = without_second_factor(make_house())
    # What is typed is all that stands there, unless a test is about the greeting.
    house.anna.greets = False
    house.anna.save(update_fields=["greets"])
    operator = make_administrator(house.authority)
    Membership.objects.create(user=operator, team=house.roads)
    fresh, busy, undelivered = (
        make_ticket(
            house,
            person=Person(name, f"{name.split()[0].lower()}@example.org"),
            subject=subject,
            message_id=f"<{name}@example.org>",
            full_text="Vor Nummer 14 ist ein tiefes Loch.\n\n> Zitat",
        )
        for name, subject in (
            ("Aylin Yıldız", "Schlagloch Lindenstraße 14"),
            ("Rosa Lind", LONG),
            ("Paul Stein", "Ampel Bahnhofstraße"),
        )
    )
    write_note(ticket_id=busy.pk, user=house.anna, text="Der Bauhof weiß Bescheid.")
    answer(house, busy, "Wir sehen es uns an.")
    failed = answer(house, undelivered, "Welche Ampel meinen Sie?")
    OutgoingMessage.objects.filter(pk=failed.pk).update(
        state=MessageState.FAILED, last_error="550 5.1.1 mailbox unknown"
    )
    now = timezone.now()
    for ticket, minutes in ((busy, -130), (fresh, 38)):
        due = now + timedelta(minutes=minutes)
        set_due(ticket_id=ticket.pk, due_at=due, kind="first_answer", paused=False)
    module = TextModule.objects.create(authority=house.authority, title="Haftung Straße")
    TextModuleText.objects.create(
        module=module, language="de", body="Für Schadenersatz schreiben Sie bitte ans Rechtsamt."
    )
    raw = kept(make_account(house), mail(9))
    outcome.put_aside(raw.pk, Quarantine.UNREADABLE, "the parser broke off")
    return Desk(house, operator, fresh, busy, undelivered)


def sign_in(page: Page, user: User, url: str) -> None:
    """Give the browser a session of ``user``."""
    client = Client()
    client.force_login(user)
    page.context.add_cookies(
        [{"name": "session", "value": client.cookies["session"].value, "url": url}]
    )


def pages_of(desk: Desk) -> dict[str, str]:
    """Return the address of every page that this room shows to staff."""
    return {
        "list": "/a/v/all/",
        "empty list": "/a/v/mine/",
        "ticket": page_of(desk.fresh),
        "every kind of article": page_of(desk.busy),
        "failed delivery": page_of(desk.undelivered),
        "quarantine": "/a/betrieb/quarantine/",
        "failed sendings": "/a/betrieb/failed/",
        "health": "/a/betrieb/health/",
    }
