"""The twelve commonest tasks of an agent, and what they cost: each key and each click is counted.

A key or chord is one, a click is one, free text is not counted; what is typed to find something
is. The most each may cost is what the design allows, 51 for all; by mouse alone six clicks.
"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from knowledgebase.domain.write import TextDraft
from tests.e2e.conftest import NewPage
from tests.e2e.desk_data import WITHOUT_SOCKET, Desk, make_desk, sign_in
from tests.e2e.support import PHONE, Watch, overflows
from tests.e2e.working_day import (
    COUNTER,
    EDITOR,
    Day,
    at,
    comes_tomorrow,
    duplicates,
    five,
    has_module,
    has_note,
    in_unassigned,
    is_answered,
    is_carlas,
    is_merged,
    is_noted,
    is_spam,
    next_due,
    offered,
)
from tests.factories.house import make_agent
from tests.factories.knowledge import make_answer, make_section
from tests.helpdesk.desk.calls import DONE, note_call
from tests.helpdesk.desk.pages import page_of
from tests.helpdesk.search.making import begin_anew, index_everything

pytestmark = pytest.mark.django_db(transaction=True)
CHOICES = "dialog[open] [data-choose-option]:visible"
Tell = Callable[[str, object], None]
MOST_CLICKS = 6
ALL_TOGETHER = 51


# ---- by keys ----


def keys_next_due(day: Day) -> None:
    day.open("/a/v/all/")
    day.start()
    title = next_due(day)
    day.press("g", "n")
    expect(day.page.locator("h1")).to_have_text(title)


def keys_answer(day: Day) -> None:
    ticket = day.ticket()
    following = in_unassigned(day, ticket)
    day.press("r")
    day.write("Wir kommen morgen.")
    day.press("Control+Enter")
    is_answered(day, ticket, following)


def keys_module(day: Day) -> None:
    # The cursor stands in the answer already: the design counts from there.
    day.open(page_of(day.ticket()))
    day.press("r")
    day.start()
    day.press("/", "h", "a", "f")
    expect(day.page.locator(".picker .option")).to_contain_text("Haftung Straße")
    day.press("Enter")
    has_module(day)


def keys_mention(day: Day) -> None:
    ticket = day.ticket()
    at(day, ticket)
    day.press("n", "@", "c", "a", "r")
    expect(day.page.locator("#picker-note")).to_contain_text("Carla Cohn")
    day.press("Enter")
    day.write("bitte ansehen")
    day.press("Control+Enter")
    has_note(day, ticket)


def keys_assign(day: Day) -> None:
    ticket = day.ticket()
    at(day, ticket)
    day.press("a", "c", "a", "r", "Enter")
    is_carlas(day, ticket)


def keys_later(day: Day) -> None:
    ticket = day.ticket()
    at(day, ticket)
    day.press("h", "Enter")
    comes_tomorrow(day, ticket)


def keys_call(day: Day) -> None:
    day.open("/a/v/all/")
    day.start()
    day.press("t", "0", "1", "3", "2", "Enter")
    day.write("Tonne nicht geleert")
    expect(day.page.locator("[data-call-chosen]")).to_contain_text("Petra Lindner")
    day.press("Control+Enter")
    is_noted(day, "Tonne nicht geleert")


def keys_merge(day: Day) -> None:
    source = duplicates(day)
    at(day, source)
    day.press("m")
    expect(day.page.get_by_role("radio").first).to_be_focused()
    day.press("Enter")
    expect(day.page.locator("#sheet .btn-primary")).to_be_focused()
    expect(day.page.locator("#sheet .btn-primary")).to_contain_text("Zusammenführen")
    day.press("Enter")
    is_merged(day, source)


def keys_five(day: Day) -> None:
    tickets = five(day)
    day.press("x", "Shift+J", "Shift+J", "Shift+J", "Shift+J", "a", "c", "a", "r", "Enter")
    is_carlas(day, *tickets)


def keys_number(day: Day) -> None:
    day.open("/a/v/all/")
    day.start()
    day.press("/", *day.desk.undelivered.number[-4:], "Enter")
    expect(day.page.locator("h1")).to_have_text(day.desk.undelivered.title)


def keys_knowledge(day: Day) -> None:
    at(day, day.ticket())
    link = offered(day)
    day.press("Alt+1")
    expect(day.page.locator(EDITOR)).to_have_value(link)


def keys_spam(day: Day) -> None:
    ticket = day.ticket("Gewinnen Sie jetzt")
    following = in_unassigned(day, ticket)
    day.press("!")
    is_spam(day, ticket, following)


# ---- by mouse, and by touch ----


def mouse_next_due(day: Day) -> None:
    day.open("/a/v/all/")
    day.start()
    title = next_due(day)
    day.hit(day.page.get_by_role("link", name="Nächstes fälliges"), behind=".side-open")
    expect(day.page.locator("h1")).to_have_text(title)


def mouse_answer(day: Day) -> None:
    ticket = day.ticket()
    following = in_unassigned(day, ticket)
    day.hit(day.page.locator("#tab-answer"))
    day.write("Wir kommen morgen.")
    day.hit(day.page.get_by_role("button", name="Senden und erledigen"))
    is_answered(day, ticket, following)


def mouse_module(day: Day) -> None:
    at(day, day.ticket())
    day.hit(day.page.locator("#pane-answer [data-insert-trigger='::']"), behind="#tab-answer")
    day.hit(day.page.locator("#picker-answer .option").first)
    has_module(day)


def mouse_mention(day: Day) -> None:
    ticket = day.ticket()
    at(day, ticket)
    day.hit(day.page.locator("#tab-note"))
    day.hit(day.page.locator("#pane-note [data-insert-trigger='@']"))
    day.hit(day.page.locator("#picker-note .option", has_text="Carla Cohn"))
    day.write("bitte ansehen")
    day.hit(day.page.get_by_role("button", name="Interne Notiz speichern"))
    has_note(day, ticket)


def mouse_assign(day: Day) -> None:
    ticket = day.ticket()
    at(day, ticket)
    day.hit(day.page.locator(".acts").get_by_role("button", name="Zuweisen"))
    day.hit(day.page.locator(".pick").get_by_role("option", name="Carla Cohn"))
    is_carlas(day, ticket)


def mouse_later(day: Day) -> None:
    ticket = day.ticket()
    at(day, ticket)
    day.hit(day.page.locator("summary[data-key=h]"))
    day.hit(day.page.get_by_role("button", name="Morgen, 8:00"))
    comes_tomorrow(day, ticket)


def mouse_call(day: Day) -> None:
    day.open("/a/v/all/")
    day.start()
    day.hit(day.page.locator(".call-open"))
    day.write("0132")
    day.hit(day.page.locator(".call-hits [role=option]", has_text="Petra Lindner").first)
    day.write("Tonne nicht geleert")
    day.hit(day.page.locator("[data-call-save]"))
    is_noted(day, "Tonne nicht geleert")


def mouse_merge(day: Day) -> None:
    source = duplicates(day)
    at(day, source)
    day.hit(day.page.locator("summary[data-key='.']"))
    day.hit(day.page.locator("[data-key=m]"))
    day.hit(day.page.get_by_role("button", name="Weiter"))
    day.hit(day.page.locator("#sheet").get_by_role("button", name="Zusammenführen"))
    is_merged(day, source)


def mouse_five(day: Day) -> None:
    tickets = five(day)
    boxes = day.page.locator("[data-row] [data-select]")
    # A finger holds no Shift: on the phone each is tapped.
    for number in range(5) if day.is_phone else (0, 4):
        day.hit(boxes.nth(number), shift=number > 0)
    day.hit(day.page.get_by_role("button", name="Zuweisen", exact=True))
    day.hit(day.page.locator(CHOICES, has_text="Carla Cohn"))
    is_carlas(day, *tickets)


def mouse_number(day: Day) -> None:
    day.open("/a/v/all/")
    day.start()
    day.hit(day.page.locator(".cmd-open" if day.is_phone else ".cmd"))
    expect(day.page.locator("#palette input")).to_be_focused()
    day.write(day.desk.undelivered.number[-4:])
    day.hit(day.page.locator("#palette [data-palette-found] [role=option]").first)
    expect(day.page.locator("h1")).to_have_text(day.desk.undelivered.title)


def mouse_knowledge(day: Day) -> None:
    at(day, day.ticket())
    link = offered(day)
    day.hit(day.page.locator("[data-insert-body]").first, behind=".panel-open")
    expect(day.page.locator(EDITOR)).to_have_value(link)


def mouse_spam(day: Day) -> None:
    ticket = day.ticket("Gewinnen Sie jetzt")
    following = in_unassigned(day, ticket)
    day.hit(day.page.locator("summary[data-key='.']"))
    day.hit(day.page.locator(".menu-body [data-key='!']"))
    is_spam(day, ticket, following)


@dataclass(frozen=True, slots=True)
class Task:
    """One of the twelve: its words, the most keys, and both ways to do it."""

    words: str
    most: int
    by_keys: Callable[[Day], None]
    by_mouse: Callable[[Day], None]


TASKS = (
    Task("next due request from anywhere", 2, keys_next_due, mouse_next_due),
    Task("answer, take, resolve, next", 2, keys_answer, mouse_answer),
    Task("insert a text module", 5, keys_module, mouse_module),
    Task("internal note with a mention", 7, keys_mention, mouse_mention),
    Task("assign to a colleague", 5, keys_assign, mouse_assign),
    Task("later: tomorrow at eight", 2, keys_later, mouse_later),
    Task("phone note, known caller, done", 7, keys_call, mouse_call),
    Task("merge a duplicate", 3, keys_merge, mouse_merge),
    Task("assign five requests", 10, keys_five, mouse_five),
    Task("find by number and open", 6, keys_number, mouse_number),
    Task("insert an answer of the knowledge base", 1, keys_knowledge, mouse_knowledge),
    Task("spam, next", 1, keys_spam, mouse_spam),
)


@pytest.fixture
def desk(transactional_db: None, watch: Watch) -> Iterator[Desk]:
    del transactional_db
    watch.expected.extend(WITHOUT_SOCKET)
    made = make_desk()
    note_call(made.house, DONE)
    text = TextDraft("Schlagloch melden", "So geht es.", "<p>Rufen Sie uns an.</p>")
    make_answer(make_section(made.house.authority), text)
    index_everything()
    yield made
    begin_anew()


def begun(page: Page, desk: Desk, url: str) -> Day:
    """Sign Anna in, in a browser that counts."""
    page.add_init_script(COUNTER)
    sign_in(page, desk.house.anna, url)
    return Day(page, url, desk, make_agent(desk.house.authority, "Carla Cohn", desk.house.roads))


def tell(record_property: Tell, spent: dict[str, int]) -> None:
    """Leave the table with the run: -rP shows it, the report of CI keeps it."""
    for words, count in (spent | {"all together": sum(spent.values())}).items():
        record_property(words, count)
        sys.stdout.write(f"{words:40} {count:3}\n")


def test_by_keys_the_twelve_tasks_cost_at_most_fifty_one(
    page: Page, desk: Desk, live_server: LiveServer, record_property: Tell
) -> None:
    day = begun(page, desk, live_server.url)
    spent = {}

    for task in TASKS:
        task.by_keys(day)
        spent[task.words] = day.counted()

    tell(record_property, {words: keys for words, (keys, _) in spent.items()})
    assert {words: clicks for words, (_, clicks) in spent.items() if clicks} == {}
    assert all(0 < spent[task.words][0] <= task.most for task in TASKS)
    assert sum(keys for keys, _ in spent.values()) <= ALL_TOGETHER


@pytest.mark.parametrize("has_touch", [False, True], ids=["mouse", "touch at 390"])
def test_without_a_key_each_of_the_twelve_tasks_takes_at_most_six_clicks(
    new_page: NewPage,
    desk: Desk,
    live_server: LiveServer,
    record_property: Tell,
    *,
    has_touch: bool,
) -> None:
    sized = {"viewport": PHONE, "has_touch": True} if has_touch else {}
    day = begun(new_page(**sized), desk, live_server.url)
    spent, wide = {}, []

    for task in TASKS:
        task.by_mouse(day)
        spent[task.words] = day.counted()
        if overflows(day.page):
            wide.append(task.words)

    tell(record_property, {words: clicks for words, (_, clicks) in spent.items()})
    assert (wide, {words for words, (keys, _) in spent.items() if keys}) == ([], set())
    # A finger holds no Shift: five rows are five taps.
    over = {words for words, (_, clicks) in spent.items() if clicks > MOST_CLICKS}
    assert over == ({"assign five requests"} if has_touch else set())
