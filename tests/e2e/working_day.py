"""A day at the desk for browser tests: Anna, what she is asked to do, and what it cost her."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from helpdesk.agents.models import User
from helpdesk.desk.later import morning_of
from helpdesk.desk.walk import find_place
from helpdesk.tickets.enums import ArticleKind, Outcome, Status
from helpdesk.tickets.inbound import Person
from helpdesk.tickets.models import Article, Ticket
from helpdesk.tickets.queries import next_to_take
from tests.e2e.desk_data import Desk
from tests.e2e.support import PHONE
from tests.factories.house import make_ticket
from tests.helpdesk.desk.pages import page_of

EDITOR = "#pane-answer textarea"
# What a person does, and nothing that a script does in answer; modifiers are part of a chord.
COUNTER = """
for (const kind of ["keydown", "pointerdown"]) addEventListener(kind, (event) => {
  const held = ["Shift", "Control", "Alt", "AltGraph", "Meta"].includes(event.key);
  if (!event.isTrusted || held || sessionStorage.getItem("free")) return;
  sessionStorage.setItem(kind, 1 + Number(sessionStorage.getItem(kind)));
}, true);
"""


@dataclass
class Hands:
    """Somebody before a browser; what they do is counted from ``start`` on."""

    page: Page
    url: str

    @property
    def is_phone(self) -> bool:
        return self.page.viewport_size == PHONE

    def open(self, path: str) -> None:
        self.page.goto(f"{self.url}{path}")

    def start(self) -> None:
        """Count from here: everything before was the task before."""
        self.page.evaluate("sessionStorage.clear()")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def write(self, text: str) -> None:
        """Type what nobody counts: the words themselves."""
        self.page.evaluate("sessionStorage.setItem('free', 1)")
        self.page.keyboard.type(text)
        self.page.evaluate("sessionStorage.removeItem('free')")

    def hit(self, place: Locator, *, behind: str = "", shift: bool = False) -> None:
        """Click, or tap; what a phone keeps behind a button costs that button as well."""
        if behind and not place.is_visible():
            self.hit(self.page.locator(behind))
        if self.is_phone:
            place.tap()
        else:
            place.click(modifiers=["Shift"] if shift else [])

    def counted(self) -> tuple[int, int]:
        """Return keys and clicks since the start."""
        read = "['keydown', 'pointerdown'].map((kind) => Number(sessionStorage.getItem(kind)))"
        keys, clicks = self.page.evaluate(read)
        return keys, clicks


@dataclass
class Day(Hands):
    """Anna at work; she and her colleague can be asked what has come of it."""

    desk: Desk
    carla: User

    def ticket(self, subject: str = "Schlagloch vor der Schule", **values: object) -> Ticket:
        """Return a fresh request of somebody who has no other."""
        number = Ticket.objects.count() + 1
        person = Person(f"Person {number}", f"person{number}@example.org")
        given = {"person": person, "message_id": f"<{number}@x.example>", "subject": subject}
        return make_ticket(self.desk.house, **(given | values))


def told(day: Day, words: str) -> None:
    expect(day.page.locator("#toasts")).to_contain_text(words)


def in_unassigned(day: Day, ticket: Ticket) -> Ticket:
    """Open a request from the list, as one works through it; return the one behind it."""
    day.ticket("Was danach kommt")
    day.open("/a/v/unassigned/")
    day.open(f"{page_of(ticket)}?view=unassigned")
    day.start()
    place = find_place(day.desk.house.anna, "unassigned", ticket.number)
    assert place is not None
    return Ticket.objects.get(number=place.next)


def at(day: Day, ticket: Ticket) -> None:
    day.open(page_of(ticket))
    day.start()


# ---- what is true when a task is done ----


def is_answered(day: Day, ticket: Ticket, following: Ticket) -> None:
    told(day, "gesendet.")
    day.page.wait_for_url(lambda url: page_of(following) in url)
    ticket.refresh_from_db()
    assert (ticket.status, ticket.owner) == (Status.RESOLVED, day.desk.house.anna)


def has_module(day: Day) -> None:
    expect(day.page.locator(EDITOR)).to_have_value(
        "Für Schadenersatz schreiben Sie bitte ans Rechtsamt."
    )


def has_note(day: Day, ticket: Ticket) -> None:
    expect(day.page.locator(".art-internal .art-body")).to_have_text("@Carla Cohn bitte ansehen")
    assert ticket.articles.get(kind=ArticleKind.NOTE).text == "@Carla Cohn bitte ansehen"


def is_carlas(day: Day, *tickets: Ticket) -> None:
    told(day, "geändert")
    owners = Ticket.objects.filter(pk__in=[each.pk for each in tickets])
    assert {each.owner for each in owners} == {day.carla}


def comes_tomorrow(day: Day, ticket: Ticket) -> None:
    told(day, "später wieder")
    ticket.refresh_from_db()
    tomorrow = morning_of(timezone.localdate() + timedelta(days=1))
    assert (ticket.status, ticket.waiting_until) == (Status.WAITING_DATE, tomorrow)


def is_noted(day: Day, words: str) -> None:
    told(day, "gespeichert.")
    article = Article.objects.select_related("ticket__citizen").get(text=words)
    assert article.ticket.citizen is not None
    assert (article.ticket.citizen.name, article.ticket.status) == ("Petra Lindner", "resolved")


def is_merged(day: Day, source: Ticket) -> None:
    told(day, "zusammengeführt")
    source.refresh_from_db()
    assert source.merged_into is not None


def is_spam(day: Day, ticket: Ticket, following: Ticket) -> None:
    told(day, "Als Spam beendet")
    day.page.wait_for_url(lambda url: page_of(following) in url)
    ticket.refresh_from_db()
    assert ticket.outcome == Outcome.SPAM


def duplicates(day: Day) -> Ticket:
    """Return the second mail of somebody about the same."""
    person = Person("Dora Doppelt", f"dora{Ticket.objects.count()}@example.org")
    day.ticket("Laterne ist aus", person=person)
    return day.ticket("Laterne ist immer noch aus", person=person)


def offered(day: Day) -> str:
    """Return what the first answer beside the request would put into the text."""
    link = day.page.locator("[data-insert-body]").first.get_attribute("data-insert-body")
    assert link is not None
    assert link.startswith("Schlagloch melden: ")
    return link


def next_due(day: Day) -> str:
    """Return the title of what is due next."""
    found = next_to_take(day.desk.house.anna)
    assert found is not None
    return Ticket.objects.get(pk=found.pk).title


def five(day: Day) -> list[Ticket]:
    """Show five requests and one more in a list, the five first."""
    for number in range(6):
        day.ticket(f"Ast auf dem Weg {number}")
    day.open("/a/v/unassigned/")
    day.start()
    rows = day.page.locator("[data-row] .row-link").all()[:5]
    numbers = [str(row.get_attribute("href")).split("/")[3] for row in rows]
    return list(Ticket.objects.filter(number__in=numbers))
