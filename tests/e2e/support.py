"""What every browser test watches for, and the accessibility check."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import ConsoleMessage, Error, Page, Request, Response, Route

OWN_HOSTS = frozenset({"localhost", "127.0.0.1", "testserver"})
# Schemes that never leave the browser.
# The browser's own viewer of papers is an extension of it.
LOCAL_SCHEMES = frozenset({"data", "blob", "about", "chrome", "chrome-extension"})
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


@dataclass
class Watch:
    """What went wrong on a page: script errors, breaches of the CSP, requests to strangers.

    ``expected`` holds parts of lines that a test provokes on purpose.
    """

    faults: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def attach(self, page: Page) -> None:
        """Listen to a page from now on."""
        page.on("console", self._console)
        page.on("pageerror", self._page_error)
        page.on("request", self._request)
        page.on("response", self._response)

    def unexpected(self) -> list[str]:
        """Return the faults that no test asked for."""
        return [line for line in self.faults if not any(part in line for part in self.expected)]

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.faults.append(f"console {message.type}: {message.text}")

    def _page_error(self, error: Error) -> None:
        self.faults.append(f"script error: {error.message}")

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in LOCAL_SCHEMES and parts.hostname not in OWN_HOSTS:
            self.faults.append(f"request to a stranger: {request.url}")

    def _response(self, response: Response) -> None:
        if response.status >= 500:
            self.faults.append(f"{response.status} from {response.url}")


class Held:
    """Requests of a page that wait until they are let go, and from then on none does."""

    def __init__(self, page: Page, pattern: str) -> None:
        self._waiting: list[Route] = []
        self._is_open = False
        page.route(pattern, lambda route: self._take(route))  # noqa: PLW0108 - Playwright marks it

    def _take(self, route: Route) -> None:
        if self._is_open:
            route.continue_()
        else:
            self._waiting.append(route)

    def let_go(self) -> None:
        self._is_open = True
        for route in self._waiting:
            route.continue_()


# The rules of axe that look at colours; what else it looks at is the same in every theme.
OF_COLOUR = ("color-contrast", "link-in-text-block")
# A page gets axe once, however often it is asked; of what is in order nobody wants to hear.
# Targets have 24 px or lie far enough apart (WCAG 2.5.8): a rule that axe has not on by itself.
# What an open menu covers in part is no target then: whoever clicks beside a menu closes it first.
# Nor is what has half gone under the head of a table that was scrolled, or lies over it there.
ASK = """rules => axe.run({
  elementRef: true,
  resultTypes: ["violations"],
  rules: {"target-size": {enabled: true}},
  ...(rules.length ? {runOnly: {type: "rule", values: rules}} : {}),
}).then(({violations}) => {
  const menu = document.querySelector("details.menu[open]");
  const isUnder = (element) => {
    const head = element.closest("table")?.querySelector("thead th");
    return head?.closest(".scroll")?.scrollTop > 0
      && element.getBoundingClientRect().top < head.getBoundingClientRect().bottom;
  };
  return violations.flatMap(({id, help, nodes}) => nodes
    .filter(({element}) => id !== "target-size" || !menu || menu.contains(element))
    .filter(({element}) => id !== "target-size" || !isUnder(element))
    .map(({target}) => `${id}: ${help} at ${JSON.stringify(target)}`));
})"""


def accessibility_faults(page: Page, rules: tuple[str, ...] = ()) -> list[str]:
    """Return what axe finds on the page as it is, one line a place; by all rules or by some."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found: list[str] = page.evaluate(ASK, list(rules))
    return found


def overflows(page: Page) -> bool:
    """Whether the page scrolls sideways."""
    return bool(
        page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    )


# Text twice as large as it was, by the size that everything else goes by (WCAG 1.4.4).
ENLARGE = "document.documentElement.style.fontSize = '200%'"
# Every line of text on the page: is it whole on the screen, and is nothing above it? In a window
# as high as the page, so that all of it is there to be pointed at.
TEXTS = """() => {
  const found = [], wide = document.documentElement.clientWidth;
  const unseen = ".vh, .skip, .trap, script, style, template, noscript, option, select, svg";
  const clips = (style) => style.overflowX !== "visible" || style.overflowY !== "visible";
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement, words = node.data.trim();
    if (!words || element.closest(unseen)) continue;
    if (!element.checkVisibility({opacityProperty: true, visibilityProperty: true})) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const line of range.getClientRects()) {
      if (line.width < 2 || line.height < 2) continue;
      let scrolls = false, cut = false;
      for (let box = element; box && box !== document.body; box = box.parentElement) {
        const style = getComputedStyle(box);
        if (!clips(style)) continue;
        if (/auto|scroll/.test(style.overflowX + style.overflowY)) { scrolls = true; break; }
        const edge = box.getBoundingClientRect();
        cut ||= line.left < edge.left - 1 || line.right > edge.right + 1
          || line.top < edge.top - 1 || line.bottom > edge.bottom + 1;
      }
      const outside = !scrolls && (line.left < -1 || line.right > wide + 1);
      const at = document.elementFromPoint(line.left + line.width / 2, line.top + line.height / 2);
      const covered = !scrolls && at && !at.contains(element) && !element.contains(at);
      if (cut) found.push(`cut off: ${words}`);
      else if (outside) found.push(`beyond the edge: ${words}`);
      else if (covered) found.push(`covered by ${at.tagName}.${at.className}: ${words}`);
      else continue;
      break;
    }
  }
  return found;
}"""


def faults_of_large_text(page: Page, width: int) -> list[str]:
    """Return what is cut, covered or beyond the edge when text is twice as large."""
    before = page.viewport_size
    page.set_viewport_size({"width": width, "height": 640})
    page.evaluate(ENLARGE)
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": width, "height": min(int(height) + 50, 16_000)})
    found = [f"{line[:100]} (text at 200 %, {width} px)" for line in page.evaluate(TEXTS)]
    if overflows(page):
        found.append(f"scrolls sideways (text at 200 %, {width} px)")
    page.evaluate("document.documentElement.style.fontSize = ''")
    if before:
        page.set_viewport_size(before)
    return found
