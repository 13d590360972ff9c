"""A walk through a page by the Tab key: is what has the focus marked, and lies nothing above it?"""

from playwright.sync_api import Page

# So many stops has no page; whoever takes more goes round in circles.
MOST_STOPS = 400
# What has the focus, where it lies, and what is wrong with it (WCAG 2.2, 2.4.7 and 2.4.11): a name
# that tells one stop from the other, and the fault or nothing. The mark may be drawn by what is
# around a field, in the colour of focus, or by the label of a box that is drawn anew.
STOP = """() => {
  const element = document.activeElement;
  if (!element || element.matches("body, html")) return null;
  const place = [...document.querySelectorAll("*")].indexOf(element);
  const words = (element.ariaLabel || element.innerText || element.name || "").trim();
  const kind = `${element.tagName.toLowerCase()}.${element.className}`;
  const stop = (fault) => [`${place} ${kind} ${words.slice(0, 40)}`, fault];
  // What lies within marks its own stops.
  if (element.matches("iframe")) return stop("");
  const label = element.labels?.[0];
  const hex = getComputedStyle(document.documentElement).getPropertyValue("--focus").trim();
  const ring = `rgb(${[1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)).join(", ")})`;
  const around = [element, ...(label ? [label] : [])];
  for (let box = element.parentElement; box && around.length < 6; box = box.parentElement)
    around.push(box);
  const isMarked = around.some((box) => {
    const style = getComputedStyle(box);
    const hasLine = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    return hasLine || style.boxShadow.includes(ring);
  });
  // Of a field that is drawn anew one sees the label.
  const own = element.getBoundingClientRect();
  const shown = label && (own.width < 2 || own.height < 2) ? label : element;
  const box = shown.getBoundingClientRect();
  const left = Math.max(box.left, 0), right = Math.min(box.right, innerWidth);
  const top = Math.max(box.top, 0), bottom = Math.min(box.bottom, innerHeight);
  if (right - left < 2 || bottom - top < 2) return stop("outside of the window");
  const shares = [0.5, 0.15, 0.85];
  const isFree = shares.some((across) => shares.some((down) => {
    const x = left + (right - left) * across, y = top + (bottom - top) * down;
    const at = document.elementFromPoint(x, y);
    return at && (shown.contains(at) || at.contains(shown) || label?.contains(at));
  }));
  return stop(isFree ? (isMarked ? "" : "not marked") : "covered");
}"""


# Each key finds where the one before has led, with all that has followed from it: what a page does
# on a focus is done by then. So one question to the page does for many stops.
WATCH = f"""() => {{
  window.stopsOfWalk = [];
  window.stopOfWalk = {STOP};
  addEventListener("keydown", () => stopsOfWalk.push(stopOfWalk()), true);
}}"""
SEEN = "() => [...stopsOfWalk.splice(0), stopOfWalk()]"
AT_ONCE = 20


def faults_of_focus(page: Page) -> list[str]:
    """Return each stop at which one does not see where one is, and whether the walk never ends."""
    found: list[str] = []
    seen: set[str] = set()
    last = ""
    page.evaluate(WATCH)
    for _some in range(MOST_STOPS // AT_ONCE):
        for _press in range(AT_ONCE):
            page.keyboard.press("Tab")
        # Before the first key one stands where the page has put one; later, where one has looked.
        for stop in page.evaluate(SEEN)[1:]:
            if stop and stop[0] == last:
                # What lies within a frame is one stop to the page around it.
                continue
            if stop is None or stop[0] in seen:
                return found
            seen.add(last := stop[0])
            if stop[1]:
                found.append(f"{stop[1]}: {stop[0]}")
    return [*found, f"more than {MOST_STOPS} stops"]
