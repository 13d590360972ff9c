"""How a screen is looked at: brought into its state, seen in themes and widths, walked by keys."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from django.conf import settings
from playwright.sync_api import Error, Page, Route, ViewportSize

from helpdesk.agents.models import Authority, User
from helpdesk.lib.languages import WHOLE
from helpdesk.portal.report.state import PATH, cookie_name
from tests.attack.town import World
from tests.e2e.desk_data import WITHOUT_SOCKET
from tests.e2e.screens import LANGUAGES, PORTAL, Screen
from tests.e2e.screens_town import opened_by, session_of
from tests.e2e.support import (
    OF_COLOUR,
    Watch,
    accessibility_faults,
    faults_of_large_text,
    overflows,
)
from tests.e2e.walking import faults_of_focus

PHONE: ViewportSize = {"width": 390, "height": 844}
NARROW: tuple[ViewportSize, ...] = (
    PHONE,
    {"width": 320, "height": 640},
)
WIDE: ViewportSize = {"width": 1440, "height": 900}
THEMES = ("light", "dark")
REFUSED = 422
LOST = "can't be brought into its state"


@dataclass
class Gallery:
    """A town, the server that shows it, and one browser page for each persona."""

    world: World
    url: str
    open_page: Callable[..., Page]
    watch: Watch
    # Whether axe looks at the narrowest width as well.
    is_thorough: bool = False
    titles: dict[tuple[str, str], str] = field(default_factory=dict)
    _pages: dict[str, Page] = field(default_factory=dict)

    def look(self, screen: Screen, language: str, themes: tuple[str, ...] = THEMES) -> list[str]:
        """Look at a screen and return what is wrong with it, one line a fault.

        It is brought about once: themes and widths then change under it, as they may for a reader.
        """
        page = self._page(screen.persona)
        _dress(page, themes[0])
        found: list[str] = []
        # One that breaks must not keep the others from being looked at.
        try:
            found += self._show(page, screen, language, WIDE)
            found += self._faults_of(page, screen, language, themes)
        except Error as error:
            found.append(f"{LOST}: {error.message.splitlines()[0]}")
        self.watch.faults.clear()
        return found

    def walk(self, screen: Screen, size: ViewportSize) -> list[str]:
        """Go through a screen by Tab alone and return where the focus is not seen."""
        page = self._page(screen.persona)
        opens = not (screen.wide and size == PHONE)
        try:
            shown = screen if opens else replace(screen, press="")
            found = self._show(page, shown, LANGUAGES[0], size) or faults_of_focus(page)
        except Error as error:
            found = [f"{LOST}: {error.message.splitlines()[0]}"]
        if not opens and page.locator(screen.press).is_visible():
            found.append("there on a phone as well")
        self.watch.faults.clear()
        return found

    def _show(self, page: Page, screen: Screen, language: str, size: ViewportSize) -> list[str]:
        """Bring a page into its state; return why it is not, one line a fault."""
        page.set_viewport_size(size)
        self._speak(page, language)
        self.watch.faults.clear()
        address = f"{self.url}{screen.address(self.world.objects)}"
        response = page.goto(address)
        if response and "sandbox" in response.headers.get("content-security-policy", ""):
            _open_unlocked(page, address)
        status = self._act(page, screen, response.status if response else 0)
        return [f"status {status}"] if status != screen.status else []

    def _page(self, persona: str) -> Page:
        if persona not in self._pages:
            page = self.open_page()
            if persona == "HOLDER":
                page.context.add_cookies(opened_by(self.world, self.url))
            elif persona in {"ACCOUNT", "NEW_ACCOUNT"}:
                key = {"name": "citizen", "value": self.world.objects[persona]}
                page.context.add_cookies([key | {"url": self.url}])  # type: ignore[list-item]  # the same
            elif persona in {"REPORT", "NEARBY"}:
                value = self.world.objects["report" if persona == "REPORT" else persona]
                report = {"name": cookie_name(), "value": value}
                page.context.add_cookies([report | {"url": f"{self.url}{PATH}"}])  # type: ignore[list-item]  # the same
            elif persona != "X":
                session = {"name": "session", "value": session_of(self.world, persona)}
                page.context.add_cookies([session | {"url": self.url}])  # type: ignore[list-item]  # a cookie's dict
            self._pages[persona] = page
        return self._pages[persona]

    def _speak(self, page: Page, language: str) -> None:
        """Staff has a language of its own; for everybody else it is in a cookie."""
        if language in WHOLE:
            User.objects.exclude(language=language).update(language=language)
        else:
            Authority.objects.update(further_languages=[language])
        name = settings.LANGUAGE_COOKIE_NAME
        page.context.add_cookies([{"name": name, "value": language, "url": self.url}])

    def _act(self, page: Page, screen: Screen, status: int) -> int:
        """Do what brings the page into its state, and return the status it has then."""
        for selector, text in screen.fill.items():
            page.fill(selector, text)
        for key in screen.keys:
            page.keyboard.press(key)
        if screen.submit:
            send = _sent_in_place if screen.in_place else _sent
            return send(page, lambda: page.evaluate(SEND_EMPTY, screen.submit))
        if screen.press and page.locator(screen.press).get_attribute("type") == "submit":
            return _sent(page, page.locator(screen.press).click)
        if screen.press:
            page.click(screen.press)
        return status

    def _faults_of(
        self, page: Page, screen: Screen, language: str, themes: tuple[str, ...]
    ) -> Iterator[str]:
        if page.locator("h1").count() != 1:
            yield f"{page.locator('h1').count()} h1"
        if page.get_attribute("html", "lang") != (screen.speaks or language):
            yield f"lang is {page.get_attribute('html', 'lang')}"
        yield from self._same_title(page, screen, language)
        yield from _faults_by_theme(page, themes)
        for size in NARROW:
            page.set_viewport_size(size)
            if overflows(page):
                yield f"scrolls sideways at {size['width']} px"
        if self.is_thorough:
            # In the order in which they are least often changed.
            yield from _faults_by_theme(page, themes[::-1])
        if screen.route.startswith(PORTAL):
            yield from faults_of_large_text(page, NARROW[-1]["width"])
        yield from (line for line in self.watch.faults if not _is_expected(line, screen))

    def _same_title(self, page: Page, screen: Screen, language: str) -> Iterator[str]:
        """Two routes must not share a title; states of one may."""
        other = self.titles.setdefault((page.title(), language), screen.route)
        if other != screen.route or not page.title().strip():
            yield f"title {page.title()!r} is that of {other}"


def _dress(page: Page, theme: str) -> None:
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]  # one of THEMES


def _faults_by_theme(page: Page, themes: tuple[str, ...]) -> Iterator[str]:
    """Return what axe finds in a page: all of it in the theme it has, of the others the colours.

    A theme changes colours alone, see test_a_theme_changes_colours_and_nothing_else.
    """
    width = page.viewport_size["width"] if page.viewport_size else 0
    for at, theme in enumerate(themes):
        if at:
            _dress(page, theme)
        found = accessibility_faults(page, OF_COLOUR if at else ())
        yield from (f"{line} ({theme}, {width} px)" for line in found)


def _open_unlocked(page: Page, address: str) -> None:
    """Open a page that may run no script without that lock: axe is a script itself."""

    def unlock(route: Route) -> None:
        response = route.fetch()
        policy = response.headers["content-security-policy"].split(";")
        kept = ";".join(rule for rule in policy if not rule.strip().startswith("sandbox"))
        headers = {**response.headers, "content-security-policy": kept}
        route.fulfill(response=response, headers=headers)

    page.route(address, unlock)
    page.goto(address)
    page.unroute(address)


# Every text of a form is emptied, and the browser's own checks are left out.
SEND_EMPTY = """selector => {
    const form = document.querySelector(selector);
    for (const field of form.elements)
        if (field.matches("textarea, input:not([type=hidden], [type=checkbox], [type=radio])"))
            field.value = "";
    form.noValidate = true;
    form.requestSubmit();
}"""


def _sent(page: Page, send: Callable[[], object]) -> int:
    """Send a form and return the status of the page that follows; 422 is how a refusal looks."""
    with page.expect_navigation() as navigation:
        send()
    response = navigation.value
    return 200 if response and response.status == REFUSED else (response.status if response else 0)


def _sent_in_place(page: Page, send: Callable[[], object]) -> int:
    """Send a form that a script sends, and wait until the page shows what came of it."""
    with page.expect_response(lambda response: response.request.method == "POST") as answered:
        send()
    page.wait_for_load_state("networkidle")
    return 200 if answered.value.status == REFUSED else answered.value.status


def _is_expected(line: str, screen: Screen) -> bool:
    # A browser writes each answer from 400 on into its console; the server of tests has no socket.
    refused = screen.submit or screen.press or screen.status != 200
    return any(part in line for part in WITHOUT_SOCKET) or bool(
        refused and "Failed to load resource" in line
    )


def faults_of(shown: Gallery, rows: list[Screen], language: str) -> dict[str, list[str]]:
    """Look at screens in every theme and width; return those with faults by their names."""
    shown.is_thorough = True
    return {row.name: faults for row in rows if (faults := shown.look(row, language))}
