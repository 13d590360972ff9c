"""Take the pictures of docs/img anew: ``python -m tools.pictures [NAME …]``.

Serves the demonstration, opens each screen with Chromium and writes a PNG of at most 150 kB.
Look at each before it is committed; it shows the product as it is.
"""

import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.servers.anliegen import ROOT, Anliegen, anliegen, manage
from tests.servers.chromium import chromium

FOLDER = ROOT / "docs" / "img"
MOST_BYTES = 150_000
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
ANNA = ("anna.berger@musterstadt.example", "demo-musterstadt")
LIST = "/a/v/all/"
# A report with a picture, and a request that has been answered. The status page is asked of the
# program itself.
POTHOLE, ANSWERED = "Schlagloch", "Rutsche"
LINK = """
from helpdesk.tickets.links import status_token
from helpdesk.tickets.models import Ticket
shown = Ticket.objects.filter(articles__kind="answer", status__in=["open", "waiting_citizen"])
print("/s/" + status_token(shown.order_by("-id")[0]) + "/")
"""


@dataclass(frozen=True)
class Visit:
    """A served demonstration and a page in it."""

    program: Anliegen
    page: Page

    def open(self, path: str) -> None:
        """Go there and wait until everything has come."""
        self.page.goto(f"{self.program.url}{path}", wait_until="networkidle")

    def open_request(self, title: str = POTHOLE) -> None:
        """Open the first request of a list whose title begins so, as one opens it from there."""
        self.open(LIST)
        link = self.page.locator("[data-row] .row-link", has_text=title).first
        self.open(str(link.get_attribute("href")))


def _list(visit: Visit) -> None:
    visit.open(LIST)
    visit.page.keyboard.press("j")


def _phone_list(visit: Visit) -> None:
    visit.open(LIST)


def _request(visit: Visit) -> None:
    visit.open_request(ANSWERED)


def _report_read(visit: Visit) -> None:
    visit.open_request()


def _composer(visit: Visit) -> None:
    visit.open_request()
    visit.page.keyboard.press("r")
    visit.page.keyboard.type("/str")
    expect(visit.page.locator("#picker-answer .option").first).to_be_visible()


def _note(visit: Visit) -> None:
    visit.open_request()
    visit.page.keyboard.press("n")
    visit.page.keyboard.type("Der Bauhof kommt am Donnerstag vorbei.")


def _palette(visit: Visit) -> None:
    visit.open(LIST)
    visit.page.keyboard.press("/")
    visit.page.keyboard.type("lind")
    expect(visit.page.locator("#palette [data-palette-found] [role=option]").first).to_be_visible()


def _search(visit: Visit) -> None:
    visit.open("/a/suche/?q=Tonne")


def _health(visit: Visit) -> None:
    visit.open("/a/betrieb/health/")


def _settings(visit: Visit) -> None:
    visit.open("/a/verwaltung/")


def _editor(visit: Visit) -> None:
    visit.open("/a/wissen/")
    visit.page.locator("main table a, main .rows a").first.click()
    visit.page.wait_for_load_state("networkidle")


def _citizen(visit: Visit) -> None:
    visit.open_request()
    link = visit.page.locator("#sec-citizen .person-link")
    visit.open(str(link.get_attribute("href")))


def _portal(visit: Visit) -> None:
    visit.open("/")


def _report(visit: Visit) -> None:
    visit.open("/melden/")
    visit.page.locator("textarea").first.fill(
        "Vor dem Haus Lindenstraße 14 ist ein tiefes Schlagloch. Gestern ist ein Kind gestürzt."
    )


def _status(visit: Visit) -> None:
    done = manage(visit.program.data, "shell", "-c", LINK)
    visit.open(done.stdout.decode().split()[-1])


@dataclass(frozen=True)
class Picture:
    """One screen: how one gets there, and in what kind of browser."""

    take: Callable[[Visit], None]
    is_staff: bool = True
    browser: Mapping[str, Any] = field(default_factory=dict)


PHONE_LOOK = {"viewport": PHONE, "device_scale_factor": 2, "has_touch": True}
PICTURES: Mapping[str, Picture] = {
    "list": Picture(_list),
    "desk": Picture(_request),
    "dark": Picture(_request, browser={"color_scheme": "dark"}),
    "composer": Picture(_composer),
    "note": Picture(_note),
    "palette": Picture(_palette),
    "phone-list": Picture(_phone_list, browser=PHONE_LOOK),
    "phone-request": Picture(_report_read, browser=PHONE_LOOK),
    "search": Picture(_search),
    "health": Picture(_health),
    "settings": Picture(_settings),
    "editor": Picture(_editor),
    "citizen": Picture(_citizen),
    "portal": Picture(_portal, is_staff=False),
    "report": Picture(_report, is_staff=False),
    "status": Picture(_status, is_staff=False),
}


def take(name: str, program: Anliegen, browser: Browser) -> None:
    """Open the screen and write its picture."""
    picture = PICTURES[name]
    given = {"viewport": DESKTOP, "locale": "de-DE", "timezone_id": "Europe/Berlin"}
    context = browser.new_context(**(given | dict(picture.browser)))
    page = context.new_page()
    if picture.is_staff:
        page.goto(f"{program.url}/a/konto/anmelden/")
        page.fill("[name=login]", ANNA[0])
        page.fill("[name=password]", ANNA[1])
        page.press("[name=password]", "Enter")
        page.wait_for_url("**/a/v/**")
    picture.take(Visit(program, page))
    page.evaluate("() => document.fonts.ready")
    page.wait_for_timeout(400)
    size = write(FOLDER / f"{name}.png", page.screenshot(animations="disabled", caret="initial"))
    print(f"{name}: {size // 1000} kB")
    context.close()


def write(path: Path, drawn: bytes) -> int:
    """Write a picture with as many colours as its size allows, and return its size."""
    image = Image.open(BytesIO(drawn)).convert("RGB")
    for colours in (256, 128, 64, 32):
        image.quantize(colours, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(
            path, optimize=True
        )
        if path.stat().st_size <= MOST_BYTES:
            break
    return path.stat().st_size


def main(names: list[str]) -> int:
    """Take the named pictures, or all."""
    unknown = set(names) - set(PICTURES)
    if unknown:
        print(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(PICTURES)}")
        return 2
    with (
        tempfile.TemporaryDirectory() as folder,
        chromium() as browser,
        anliegen(Path(folder) / "data") as program,
    ):
        for name in names or PICTURES:
            take(name, program, browser)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
