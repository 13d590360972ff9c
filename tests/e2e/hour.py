"""An hour at the desk of the demonstration: the twelve tasks, by keys and by touch.

Black box: what came of a task is read from the screen, as whoever works there would.
"""

import re
import smtplib
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage

from playwright.sync_api import Locator, expect

from tests.e2e.working_day import Hands
from tests.servers.base import LOOPBACK, wait_until

LIST, ENDED = "/a/v/all/", "/a/v/done/"
ANSWER, NOTE = "#pane-answer textarea", "#pane-note textarea"
CHOICES = "dialog[open] [data-choose-option]:visible"
OPTION = "dialog.pick [role=option]"
TOWN = "info@musterstadt.example"
# Somebody whom the town knows, for where nobody is named.
KNOWN = "Petra Lindner"
ASKED = re.compile(r"\?\?")
ADDRESS = re.compile(r"\S+@\S+")
# The machine does much else beside.
SLOW = 60_000


@dataclass
class Worker(Hands):
    """Somebody who works through the requests of the town, one task after the other."""

    smtp_port: int = 0
    numbers: list[str] = field(default_factory=list)
    open_ones: set[str] = field(default_factory=set)

    def begin(self) -> None:
        """Sign in as the agent of all teams, and note which requests there are to work on."""
        self.page.goto(f"{self.url}/a/konto/anmelden/")
        self.page.fill("[name=login]", "anna.berger@musterstadt.example")
        self.page.fill("[name=password]", "demo-musterstadt")
        self.page.press("[name=password]", "Enter")
        self.page.wait_for_url("**/a/v/**")
        self.open_ones = set(found := self._listed(LIST))
        self.numbers = [*found, *self._listed(ENDED)]

    def _listed(self, path: str) -> list[str]:
        self.open(path)
        rows = self.page.locator("[data-row] .row-link").all()
        return [str(row.get_attribute("href")).split("/")[3] for row in rows]

    def at(self, number: str) -> None:
        """Open a request from the list, and begin to count."""
        self.open(f"/a/t/{number}/?view=all")
        self.start()

    def told(self, words: str | re.Pattern[str]) -> None:
        """Wait for what the desk says of what was done."""
        expect(self.page.locator("#toasts")).to_contain_text(words, timeout=SLOW)

    def arrived(self, number: str) -> None:
        expect(self.page.locator(".crumb-number")).to_have_text(number, timeout=SLOW)

    def left(self, number: str) -> None:
        """Wait until another request, or the list, stands there."""
        self.page.wait_for_url(lambda url: number not in url, timeout=SLOW)

    def someone_else(self) -> str:
        """Return the beginning of who shall be responsible, other than whoever is."""
        now = self.page.locator("#p-owner option:checked").text_content() or ""
        return "nie" if now.strip().startswith("Anna") else "ann"

    def citizen(self) -> str:
        """Return the name of who asks, or of somebody else where nobody is named."""
        link = self.page.locator("#sec-citizen .person-link").first
        name = (link.text_content() or "").strip() if link.count() else ""
        return name if name and "nbekannt" not in name else KNOWN

    def duplicate(self, number: str) -> tuple[str, str]:
        """Let somebody who asked by mail write once more; return the first request and the new.

        It is who asked ``number``, or else the next who did so by mail: whoever only wrote an
        address into a form is not known by it.
        """
        place = self.numbers.index(number)
        for first in (*self.numbers[place:], *self.numbers[:place]):
            self.open(f"/a/t/{first}/")
            if address := self._address():
                break
        title = f"Noch einmal zu {first[-6:]}"
        self._mail(address, title)
        line = self.page.locator("#sec-citizen .panel-line a", has_text=title)
        assert wait_until(lambda: self.page.reload() and line.count(), seconds=SLOW / 1000), title
        return first, str(line.get_attribute("href")).split("/")[3]

    def _address(self) -> str:
        head = self.page.locator("#thread .art-head").first.inner_text()
        found = ADDRESS.search(head) if "E-Mail" in head else None
        return found[0] if found else ""

    def _mail(self, address: str, title: str) -> None:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = address, TOWN, title
        mail["Message-ID"] = f"<{title.replace(' ', '.')}@post.example>"
        mail.set_content(f"Ich hatte schon einmal geschrieben. {title}.")
        with smtplib.SMTP(LOOPBACK, self.smtp_port) as town:
            town.send_message(mail)

    def is_merged(self, first: str, again: str) -> None:
        """See that one request is left, with what both said, and that the other leads there."""
        self.told("zusammengeführt")
        self.arrived(first)
        expect(self.page.locator("#thread")).to_contain_text(f"Noch einmal zu {first[-6:]}.")
        self.open(f"/a/t/{again}/")
        expect(self.page.locator("a.pill", has_text=first)).to_be_visible()


# ---- by keys ----


def keys_next_due(worker: Worker, number: str) -> None:
    worker.at(number)
    worker.press("g", "n")
    worker.page.wait_for_url(lambda url: "view=due" in url or number not in url, timeout=SLOW)
    expect(worker.page.locator("h1")).not_to_be_empty()


def keys_answer(worker: Worker, number: str) -> None:
    worker.at(number)
    worker.press("r")
    expect(worker.page.locator(ANSWER)).to_be_focused()
    worker.write("Wir kümmern uns darum und melden uns wieder.")
    worker.press("Control+Enter")
    worker.told("gesendet.")
    worker.left(number)


def keys_module(worker: Worker, number: str) -> None:
    worker.at(number)
    worker.press("r")
    field = worker.page.locator(ANSWER)
    expect(field).to_be_focused()
    before = len(field.input_value())
    worker.press("/", "e", "i", "n")
    expect(worker.page.locator("#picker-answer .option").first).to_contain_text("Eingang")
    worker.press("Enter")
    expect(worker.page.locator("#picker-answer")).to_be_hidden()
    assert len(field.input_value()) > before + 20
    worker.press("Escape")


def keys_mention(worker: Worker, number: str) -> None:
    worker.at(number)
    worker.press("n", "@")
    expect(worker.page.locator("#picker-note .option").first).to_be_visible()
    worker.press("Enter")
    worker.write(f"bitte ansehen, {number}")
    worker.press("Control+Enter")
    expect(worker.page.locator(".art-internal").last).to_contain_text(f"ansehen, {number}")


def keys_assign(worker: Worker, number: str) -> None:
    worker.at(number)
    who = worker.someone_else()
    worker.press("a", *who, "Enter")
    worker.told("geändert")


def keys_later(worker: Worker, number: str) -> None:
    worker.at(number)
    worker.press("h", "Enter")
    worker.told("später wieder")


def keys_call(worker: Worker, number: str) -> None:
    worker.at(number)
    name = worker.citizen()
    worker.press("t")
    worker.write(name)
    worker.press("Enter")
    worker.write(f"Hat noch einmal angerufen, {number}")
    expect(worker.page.locator("[data-call-chosen]")).to_be_visible()
    worker.press("Control+Enter")
    worker.told("gespeichert.")


def keys_merge(worker: Worker, number: str) -> None:
    first, again = worker.duplicate(number)
    worker.at(again)
    worker.press("m")
    sheet = worker.page.locator("#sheet")
    wanted = like(sheet, first)
    expect(sheet.get_by_role("radio").first).to_be_focused()
    for _other in range(sheet.get_by_role("radio").count()):
        if not wanted.is_checked():
            worker.press("ArrowDown")
    expect(wanted).to_be_focused()
    worker.press("Enter")
    expect(sheet.get_by_role("button", name="Zusammenführen")).to_be_focused()
    worker.press("Enter")
    worker.is_merged(first, again)


def like(sheet: Locator, number: str) -> Locator:
    """Return the line of what is found to be alike."""
    return sheet.get_by_role("radio", name=re.compile(rf"^{number[5:]}\b"))


def keys_five(worker: Worker, _number: str) -> None:
    worker.open(LIST)
    worker.start()
    worker.press("x", "Shift+J", "Shift+J", "Shift+J", "Shift+J", "a")
    expect(worker.page.locator(CHOICES).first).to_be_visible()
    worker.press("a", "n", "n", "Enter")
    worker.told("geändert")


def keys_number(worker: Worker, number: str) -> None:
    worker.open(LIST)
    worker.start()
    worker.press("/", *number[-6:])
    expect(worker.page.locator("#palette [data-palette-found] [role=option]").first).to_be_visible()
    worker.press("Enter")
    worker.arrived(number)


def keys_knowledge(worker: Worker, number: str) -> None:
    worker.at(number)
    worker.press("r")
    field = worker.page.locator(ANSWER)
    expect(field).to_be_focused()
    before = len(field.input_value())
    worker.press("?", "?", "t", "o", "n", "Enter")
    # Pressed before the list had come: it takes the first of what was asked for.
    expect(field).not_to_have_value(ASKED)
    assert len(field.input_value()) > before + 10


def keys_spam(worker: Worker, number: str) -> None:
    worker.at(number)
    worker.press("!")
    worker.told("Als Spam beendet")
    worker.left(number)


# ---- by touch ----


def touch_next_due(worker: Worker, number: str) -> None:
    worker.at(number)
    worker.hit(worker.page.get_by_role("link", name="Nächstes fälliges"), behind=".side-open")
    worker.page.wait_for_url(lambda url: "view=due" in url or number not in url, timeout=SLOW)
    expect(worker.page.locator("h1")).not_to_be_empty()


def touch_answer(worker: Worker, number: str) -> None:
    worker.at(number)
    worker.hit(worker.page.locator("#tab-answer"))
    worker.write("Wir kümmern uns darum und melden uns wieder.")
    worker.hit(worker.page.locator("#pane-answer .cbar [data-send]"))
    worker.told("gesendet.")
    worker.left(number)


def touch_module(worker: Worker, number: str) -> None:
    worker.at(number)
    field = worker.page.locator(ANSWER)
    before = len(field.input_value())
    opens = worker.page.locator("#pane-answer [data-insert-trigger='::']")
    worker.hit(opens, behind="#tab-answer")
    worker.hit(worker.page.locator("#picker-answer .option").first)
    assert len(field.input_value()) > before + 20


def touch_mention(worker: Worker, number: str) -> None:
    worker.at(number)
    worker.hit(worker.page.locator("#tab-note"))
    worker.hit(worker.page.locator("#pane-note [data-insert-trigger='@']"))
    worker.hit(worker.page.locator("#picker-note .option").first)
    worker.write(f"bitte ansehen, {number}")
    worker.hit(worker.page.get_by_role("button", name="Interne Notiz speichern"))
    expect(worker.page.locator(".art-internal").last).to_contain_text(f"ansehen, {number}")


def touch_assign(worker: Worker, number: str) -> None:
    worker.at(number)
    name = "niemand" if worker.someone_else() == "nie" else "Anna Berger"
    worker.hit(worker.page.locator(".acts").get_by_role("button", name="Zuweisen"))
    worker.hit(worker.page.locator(OPTION, has_text=name).first)
    worker.told("geändert")


def touch_later(worker: Worker, number: str) -> None:
    worker.at(number)
    worker.hit(worker.page.locator("summary[data-key=h]"))
    worker.hit(worker.page.get_by_role("button", name="Morgen, 8:00"))
    worker.told("später wieder")


def touch_call(worker: Worker, number: str) -> None:
    worker.at(number)
    name = worker.citizen()
    worker.hit(worker.page.locator(".call-open"))
    worker.write(name)
    worker.hit(worker.page.locator(".call-hits [role=option]").first)
    worker.write(f"Hat noch einmal angerufen, {number}")
    worker.hit(worker.page.locator("[data-call-save]"))
    worker.told("gespeichert.")


def touch_merge(worker: Worker, number: str) -> None:
    first, again = worker.duplicate(number)
    worker.at(again)
    worker.hit(worker.page.locator("summary[data-key='.']"))
    worker.hit(worker.page.locator("[data-key=m]"))
    sheet = worker.page.locator("#sheet")
    wanted = like(sheet, first)
    expect(wanted).to_be_visible()
    if not wanted.is_checked():
        worker.hit(wanted)
    worker.hit(sheet.get_by_role("button", name="Weiter"))
    worker.hit(sheet.get_by_role("button", name="Zusammenführen"))
    worker.is_merged(first, again)


def touch_five(worker: Worker, _number: str) -> None:
    worker.open(LIST)
    worker.start()
    for place in range(5):
        worker.hit(worker.page.locator("[data-row] [data-select]").nth(place))
    worker.hit(worker.page.get_by_role("button", name="Zuweisen", exact=True))
    worker.hit(worker.page.locator(CHOICES, has_text="Anna Berger"))
    worker.told("geändert")


def touch_number(worker: Worker, number: str) -> None:
    worker.open(LIST)
    worker.start()
    worker.hit(worker.page.locator(".cmd-open"))
    expect(worker.page.locator("#palette input")).to_be_focused()
    worker.write(number[-6:])
    worker.hit(worker.page.locator("#palette [data-palette-found] [role=option]").first)
    worker.arrived(number)


def touch_knowledge(worker: Worker, number: str) -> None:
    worker.at(number)
    field = worker.page.locator(ANSWER)
    before = len(field.input_value())
    worker.hit(worker.page.locator("#pane-answer [data-insert-trigger='??']"), behind="#tab-answer")
    worker.hit(worker.page.locator("#picker-answer .option").first)
    assert len(field.input_value()) > before + 10


def touch_spam(worker: Worker, number: str) -> None:
    worker.at(number)
    worker.hit(worker.page.locator("summary[data-key='.']"))
    worker.hit(worker.page.locator(".menu-body [data-key='!']"))
    worker.told("Als Spam beendet")
    worker.left(number)


Task = Callable[[Worker, str], None]
# The twelve of screens.md 6.3: its words, by keys, by touch.
TASKS: tuple[tuple[str, Task, Task], ...] = (
    ("next due request from anywhere", keys_next_due, touch_next_due),
    ("answer, take, resolve, next", keys_answer, touch_answer),
    ("insert a text module", keys_module, touch_module),
    ("internal note with a mention", keys_mention, touch_mention),
    ("assign to a colleague", keys_assign, touch_assign),
    ("later: tomorrow at eight", keys_later, touch_later),
    ("phone note, known caller, done", keys_call, touch_call),
    ("merge a duplicate", keys_merge, touch_merge),
    ("assign five requests", keys_five, touch_five),
    ("find by number and open", keys_number, touch_number),
    ("insert an answer of the knowledge base", keys_knowledge, touch_knowledge),
    ("spam, next", keys_spam, touch_spam),
)

# What is done with a request that has ended: nobody assigns it or puts it off any more.
AFTERWARDS = tuple(TASKS[place] for place in (1, 2, 3, 6, 9, 10))
