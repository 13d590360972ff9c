"""The desk for weak eyes: at 400 % nothing is cut off, in forced colours nothing looks alike."""

import pytest
from playwright.sync_api import Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.e2e.conftest import NewPage
from tests.e2e.desk_data import WITHOUT_SOCKET, Desk, make_desk, pages_of, sign_in
from tests.e2e.support import Watch, accessibility_faults, overflows
from tests.helpdesk.desk.pages import page_of

pytestmark = pytest.mark.django_db(transaction=True)
# 1280 × 1024 at 400 % (WCAG 2.2, 1.4.10).
ZOOMED = {"width": 320, "height": 256}
MORE_PAGES = {"search": "/a/suche/?q=Loch", "settings": "/a/verwaltung/", "phone": "/a/telefon/"}
# How much of what has the focus must be seen.
LEAST = 24
SEEN = """(element) => {
  element.scrollIntoView({ block: "center" });
  const box = element.getBoundingClientRect();
  const left = Math.max(box.left, 0), right = Math.min(box.right, innerWidth);
  const top = Math.max(box.top, 0), bottom = Math.min(box.bottom, innerHeight);
  const at = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
  const isFree = at && (element.contains(at) || at.contains(element) || at.closest("label"));
  return isFree ? Math.min(right - left, bottom - top) : 0;
}"""
EDGES = """(element) => {
  const style = getComputedStyle(element);
  return `${style.borderTopStyle} ${style.borderTopWidth}`;
}"""


@pytest.fixture
def desk(transactional_db: None, watch: Watch) -> Desk:
    del transactional_db
    watch.expected.extend(WITHOUT_SOCKET)
    return make_desk()


def seen(place: Locator) -> int:
    """Return how many pixels of the narrower side lie open to the eye."""
    return int(place.evaluate(SEEN))


def test_at_four_hundred_percent_every_page_of_the_desk_can_be_read_and_written_on(
    new_page: NewPage, desk: Desk, live_server: LiveServer
) -> None:
    page = new_page(viewport=ZOOMED)
    sign_in(page, desk.operator, live_server.url)
    wide, hidden = [], []
    faults: dict[str, list[str]] = {}
    for name, path in (pages_of(desk) | MORE_PAGES).items():
        page.goto(f"{live_server.url}{path}")
        if overflows(page):
            wide.append(name)
        if seen(page.locator("h1").first) < 12:
            hidden.append(f"title of {name}")
        faults |= {name: found} if (found := accessibility_faults(page)) else {}
    assert (wide, hidden, faults) == ([], [], {})

    page.goto(f"{live_server.url}{page_of(desk.busy)}")
    for article in page.locator(".art").all():
        assert seen(article) >= LEAST
    page.locator("#tab-answer").click()
    page.locator("#pane-answer textarea").press_sequentially("Wir kommen morgen.")
    assert seen(page.locator("#pane-answer textarea")) >= LEAST
    send = page.locator("#pane-answer [data-send]")
    assert seen(send) >= LEAST
    send.click()
    expect(page.locator("#toasts")).to_contain_text("gesendet.")


def test_in_forced_colours_notes_messages_answers_and_events_look_different(
    new_page: NewPage, desk: Desk, live_server: LiveServer
) -> None:
    page = new_page(forced_colors="active")
    sign_in(page, desk.house.anna, live_server.url)
    page.goto(f"{live_server.url}{page_of(desk.busy)}")

    looks = {
        name: page.locator(f".{name} .art-box").first.evaluate(EDGES)
        for name in ("art-citizen", "art-answer", "art-internal")
    }
    looks["event"] = page.locator("p.event").first.evaluate(EDGES)
    assert len(set(looks.values())) == len(looks), looks
    assert looks["art-internal"].startswith("dashed")
    expect(page.locator(".art-internal .art-kind").first).to_contain_text("INTERN")
    assert _composer_edge(page, "answer") != _composer_edge(page, "note")
    assert _composer_edge(page, "note").startswith("dashed")


def _composer_edge(page: Page, mode: str) -> str:
    page.locator(f"#tab-{mode}").click()
    return str(page.locator("#composer").evaluate(EDGES))
