"""Measure the portal as a browser on a bad line sees it: ``python -m bench.web [--rounds N]``.

Serves the demonstration, opens each page with Chromium's throttles (Slow 3G and Fast 3G, a
processor four times slower) and prints bytes, the largest paint, shifts of the layout and the
server's own work. Figures, not a test: they depend on the machine.
"""

import argparse
import statistics
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, CDPSession, Page

from bench.proc import tree_seconds, wait_until_idle
from bench.report import Table
from tests.servers.anliegen import Anliegen, anliegen
from tests.servers.chromium import chromium

PAGES = {
    "home": "/",
    "report": "/melden/",
    "knowledge": "/wissen/",
    "status lookup": "/status/",
    "call me back": "/rueckruf/",
    "accessibility": "/barrierefreiheit/",
}
KILOBYTE = 1000
# Bytes a second, milliseconds until the first; the LCP that screens.md 6.2 allows.
LINES = {
    "Slow 3G": (400_000 / 8, 2000, 3000.0),
    "Fast 3G": (1_600_000 / 8, 562, 1200.0),
}
CPU_SLOWDOWN = 4
FIRST_VIEW, STYLES, SCRIPTS, FONTS, SHIFT, SERVER_MS = 100.0, 15.0, 15.0, 48.0, 0.02, 8.0
SERVER_PAGES = 50
PHONE = {"width": 390, "height": 844}
OBSERVE = """() => {
  window.seen = {lcp: 0, cls: 0};
  new PerformanceObserver((list) => { seen.lcp = list.getEntries().at(-1).startTime; })
    .observe({type: "largest-contentful-paint", buffered: true});
  new PerformanceObserver((list) => { for (const one of list.getEntries()) seen.cls += one.value; })
    .observe({type: "layout-shift", buffered: true});
}"""


@dataclass
class Weight:
    """What came over the line, by kind, in bytes as they were sent."""

    bytes: dict[str, int] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)

    def listen(self, session: CDPSession) -> None:
        """Count everything that the browser receives."""
        session.on("Network.responseReceived", self._named)
        session.on("Network.loadingFinished", self._counted)

    def _named(self, event: dict[str, str]) -> None:
        self.kinds[event["requestId"]] = event["type"]

    def _counted(self, event: dict[str, float]) -> None:
        kind = self.kinds.get(str(event["requestId"]), "Other")
        self.bytes[kind] = self.bytes.get(kind, 0) + int(event["encodedDataLength"])

    def kilobytes(self, *kinds: str) -> float:
        """Return what these kinds weigh; all but pictures without a kind."""
        wanted = kinds or tuple(kind for kind in self.bytes if kind != "Image")
        return sum(self.bytes.get(kind, 0) for kind in wanted) / KILOBYTE


def opened(browser: Browser, line: str) -> Iterator[tuple[Page, CDPSession]]:
    """Yield a page of a fresh browser on such a line, on a slow telephone."""
    context = browser.new_context(viewport=PHONE, locale="de-DE")  # type: ignore[arg-type]  # a size
    page = context.new_page()
    page.set_default_timeout(120_000)
    page.add_init_script(f"({OBSERVE})()")
    session = context.new_cdp_session(page)
    speed, latency, _most = LINES[line]
    session.send("Network.enable")
    conditions = {"downloadThroughput": speed, "uploadThroughput": speed}
    conditions |= {"latency": latency, "offline": False}
    session.send("Network.emulateNetworkConditions", conditions)
    session.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWDOWN})
    yield page, session
    context.close()


def measure(browser: Browser, url: str, rounds: int, table: Table) -> None:
    """Measure every page as the first one that somebody opens, on each line."""
    for name, path in PAGES.items():
        for line, (_speed, _latency, most) in LINES.items():
            paints, shifts, weight = [], [], Weight()
            for _round in range(rounds):
                for page, session in opened(browser, line):
                    weight = Weight()
                    weight.listen(session)
                    page.goto(f"{url}{path}", wait_until="networkidle")
                    seen = page.evaluate("() => window.seen")
                    paints.append(seen["lcp"])
                    shifts.append(seen["cls"])
            where = f"{name}, {line}"
            table.add(where, "LCP, entry", statistics.median(paints), "ms", goal=most)
            table.add(where, "CLS", max(shifts), "", goal=SHIFT)
        _weigh(name, weight, table)


def _weigh(name: str, weight: Weight, table: Table) -> None:
    table.add(name, "first view", weight.kilobytes(), "kB", goal=FIRST_VIEW, note="no pictures")
    table.add(name, "HTML", weight.kilobytes("Document"), "kB")
    table.add(name, "CSS", weight.kilobytes("Stylesheet"), "kB", goal=STYLES)
    table.add(name, "JavaScript", weight.kilobytes("Script"), "kB", goal=SCRIPTS)
    table.add(name, "fonts", weight.kilobytes("Font"), "kB", goal=FONTS)


def measure_server(program: Anliegen, browser: Browser, table: Table) -> None:
    """Ask the server for each page again and again, and read its processor time.

    Each page has a browser of its own, so that no cookie of another makes it a private one.
    """
    # What is built after the first start is no page's work.
    wait_until_idle(program.process.pid)
    for name, path in PAGES.items():
        context = browser.new_context(locale="de-DE")
        context.request.get(f"{program.url}{path}")
        before = tree_seconds(program.process.pid)
        for _page in range(SERVER_PAGES):
            context.request.get(f"{program.url}{path}")
        used = 1000 * (tree_seconds(program.process.pid) - before) / SERVER_PAGES
        table.add(name, "server CPU a page", used, "ms", goal=SERVER_MS)
        context.close()


def main(arguments: list[str]) -> int:
    """Measure, print the table and return 0; a missed goal is a figure, not a failure."""
    parser = argparse.ArgumentParser(prog="python -m bench.web", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args(arguments)
    table = Table()
    with (
        tempfile.TemporaryDirectory() as folder,
        chromium() as browser,
        anliegen(Path(folder) / "data") as program,
    ):
        measure_server(program, browser, table)
        measure(browser, program.url, given.rounds, table)
    print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
