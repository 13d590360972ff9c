"""Measure the desk as an agent feels it: ``python -m bench.desk [--tickets N] [--rounds N]``.

Serves a filled folder, signs two agents in with Chromium and prints how long a key, an opened
request and a colleague's answer take until they are painted, and what pages and scripts weigh
(screens.md 6.2). Figures, not a test: they depend on the machine.
"""

import argparse
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import brotli  # type: ignore[import-untyped]  # it ships no types
from playwright.sync_api import Browser, Page, expect

from bench.proc import reference_loop
from bench.report import Table
from bench.web import Weight
from tests.servers.anliegen import Anliegen, anliegen, manage
from tests.servers.chromium import chromium

TICKETS, ROUNDS = 1000, 20
KEY_MS, OPEN_MS, AGAIN_MS, LIVE_MS = 50.0, 300.0, 100.0, 500.0
LIST_KB, TICKET_KB, SCRIPTS_KB = 12.0, 15.0, 80.0
KILOBYTE = 1000
# As servers before a program compress what is made for each request; 11 is the best there is.
BROTLI_QUALITY = 5
DESKTOP = {"width": 1440, "height": 900}
LIST = "/a/v/all/"
PASSWORD = "bench-of-the-desk"  # noqa: S105 - of a folder that is deleted
AGENTS = ("agent1@stadt.example", "agent2@stadt.example")
# Agents of a filled folder have no password; the list is as dense as a list of 50 gets.
OPEN_UP = f"""
from helpdesk.agents.models import User
for email in {AGENTS!r}:
    agent = User.objects.get(email=email)
    agent.set_password({PASSWORD!r})
    agent.save()
"""
# When a key was pressed on whichever page, and when something was painted after it: the first
# frame's own callbacks come before it is painted, a message sent from there comes after.
WATCH = """
window.told = [];
addEventListener("keydown", (event) => {
  if (!event.isTrusted) return;
  sessionStorage.setItem("pressed", performance.timeOrigin + event.timeStamp);
  requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => told.push(performance.now() - event.timeStamp);
    channel.port2.postMessage("");
  });
}, true);
window.watchThread = () => {
  window.arrived = null;
  const known = document.querySelectorAll("[data-article]").length;
  const thread = document.getElementById("thread");
  new MutationObserver((_changes, observer) => {
    if (thread.querySelectorAll("[data-article]").length <= known) return;
    observer.disconnect();
    requestAnimationFrame(() => { window.arrived = performance.timeOrigin + performance.now(); });
  }).observe(thread, { childList: true, subtree: true });
};
"""
PAINTED = """() => {
  const paints = performance.getEntriesByType("paint");
  const first = paints.find((one) => one.name === "first-contentful-paint");
  return first ? performance.timeOrigin + first.startTime : 0;
}"""
CAME, AHEAD = (
    "() => performance.getEntriesByType('navigation')[0].deliveryType",
    "navigational-prefetch",
)
PRESSED = "() => Number(sessionStorage.getItem('pressed'))"


@dataclass(frozen=True)
class Desk:
    """A served folder and a browser before it."""

    program: Anliegen
    browser: Browser
    table: Table
    rounds: int

    @contextmanager
    def agent(self, email: str) -> Iterator[Page]:
        """Sign an agent in, in a browser of their own."""
        context = self.browser.new_context(viewport=DESKTOP, locale="de-DE")  # type: ignore[arg-type]  # a size
        context.add_init_script(WATCH)
        page = context.new_page()
        page.goto(f"{self.program.url}/a/konto/anmelden/")
        page.fill("[name=login]", email)
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_url("**/a/v/**")
        yield page
        context.close()

    def show(self, name: str, values: list[float], goal: float) -> None:
        """Add the 95th percentile, by which screens.md sets its goals, and the median."""
        self.table.add("desk", name, percentile(values), "ms", goal=goal, note="p95")
        self.table.add("desk", f"{name}, median", statistics.median(values), "ms")


def percentile(values: list[float]) -> float:
    """Return the value below which nineteen of twenty lie."""
    return sorted(values)[max(0, round(0.95 * len(values)) - 1)]


def measure_keys(desk: Desk, page: Page) -> None:
    """Walk down and up the list: from the key until the row is painted."""
    page.goto(f"{desk.program.url}{LIST}", wait_until="networkidle")
    page.keyboard.press("j")
    page.evaluate("() => { window.told = []; }")
    for key in ("j", "k"):
        for _round in range(desk.rounds):
            before = page.evaluate("() => told.length")
            page.keyboard.press(key)
            page.wait_for_function("(before) => told.length > before", arg=before)
    desk.show("j and k until painted", page.evaluate("() => told"), KEY_MS)


def measure_opening(desk: Desk, page: Page, name: str, rest_ms: int, goal: float) -> None:
    """Open one request after the other: from Enter in the list until the request is painted.

    ``rest_ms`` is how long the agent stays on the row before: long enough, and the browser has
    fetched it ahead (adr/0109). How many came so is shown beside.
    """
    times, ahead = [], 0
    for number in range(desk.rounds):
        page.goto(f"{desk.program.url}{LIST}", wait_until="networkidle")
        for _step in range(number % 40 + 1):
            page.keyboard.press("j")
        page.wait_for_timeout(rest_ms)
        page.keyboard.press("Enter")
        page.wait_for_url("**/a/t/**")
        page.wait_for_function(f"() => ({PAINTED})() > 0")
        times.append(page.evaluate(PAINTED) - page.evaluate(PRESSED))
        ahead += page.evaluate(CAME) == AHEAD
    desk.show(name, times, goal)
    desk.table.add("desk", f"{name}, fetched ahead", 100 * ahead / desk.rounds, "%")


def measure_live(desk: Desk, writer: Page, reader: Page) -> None:
    """Let one agent write what another, who has the request open, is to see."""
    writer.goto(f"{desk.program.url}{LIST}")
    address = writer.locator("[data-row] .row-link").first.get_attribute("href") or ""
    # Without the list behind it one stays on the request after sending.
    address = address.partition("?")[0]
    reader.goto(f"{desk.program.url}{address}", wait_until="networkidle")
    times = []
    for number in range(max(5, desk.rounds // 2)):
        writer.goto(f"{desk.program.url}{address}", wait_until="networkidle")
        reader.evaluate("() => watchThread()")
        writer.keyboard.press("n")
        writer.keyboard.type(f"Was zu tun ist, Teil {number}.")
        writer.keyboard.press("Control+Enter")
        reader.wait_for_function("() => window.arrived")
        expect(writer.locator("#thread")).to_contain_text(f"Teil {number}.")
        times.append(reader.evaluate("() => arrived") - writer.evaluate(PRESSED))
    desk.show("a colleague's text until painted", times, LIVE_MS)


def measure_weight(desk: Desk, page: Page) -> None:
    """Weigh what a list and a request send, and all scripts of both."""
    page.goto(f"{desk.program.url}{LIST}")
    address = page.locator("[data-row] .row-link").first.get_attribute("href") or ""
    for name, path, goal in (("list", LIST, LIST_KB), ("request", address, TICKET_KB)):
        plain = page.context.request.get(f"{desk.program.url}{path}").body()
        kilobytes = len(brotli.compress(plain, quality=BROTLI_QUALITY)) / KILOBYTE
        desk.table.add("desk", f"HTML of a {name}, brotli 5", kilobytes, "kB", goal=goal)
        best = len(brotli.compress(plain)) / KILOBYTE
        desk.table.add("desk", f"HTML of a {name}, brotli 11", best, "kB")
    weight = Weight()
    with desk.agent(AGENTS[0]) as fresh:
        session = fresh.context.new_cdp_session(fresh)
        session.send("Network.enable")
        session.send("Network.clearBrowserCache")
        weight.listen(session)
        for path in (LIST, address):
            fresh.goto(f"{desk.program.url}{path}", wait_until="networkidle")
    scripts = weight.kilobytes("Script")
    desk.table.add("desk", "scripts of both, gzip", scripts, "kB", goal=SCRIPTS_KB)


def measure(desk: Desk) -> None:
    """Measure everything, each with a page of its own."""
    with desk.agent(AGENTS[0]) as page:
        measure_weight(desk, page)
        measure_keys(desk, page)
        measure_opening(desk, page, "open at once", 0, OPEN_MS)
        measure_opening(desk, page, "open after a moment on the row", 600, AGAIN_MS)
    with desk.agent(AGENTS[0]) as writer, desk.agent(AGENTS[1]) as reader:
        measure_live(desk, writer, reader)


def _fill(data: Path, tickets: int) -> None:
    fill = ("bench_fill", "--tickets", str(tickets))
    for command in (("migrate",), fill, ("shell", "-c", OPEN_UP)):
        done = manage(data, *command)
        if done.returncode:
            raise RuntimeError(done.stderr.decode(errors="replace"))


def main(arguments: list[str]) -> int:
    """Measure, print the table and return 0; a missed goal is a figure, not a failure."""
    parser = argparse.ArgumentParser(prog="python -m bench.desk", description=__doc__)
    parser.add_argument("--tickets", type=int, default=TICKETS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    given = parser.parse_args(arguments)
    table = Table()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        _fill(data, given.tickets)
        with chromium() as browser, anliegen(data, demo=False) as program:
            table.add("machine", "reference loop", reference_loop(), "ms")
            measure(Desk(program, browser, table, given.rounds))
            table.add("machine", "reference loop", reference_loop(), "ms")
    print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
