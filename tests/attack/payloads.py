"""The attacks by markup that every door and page is tried with: one a line in tests/corpus/xss."""

from html.parser import HTMLParser
from pathlib import Path

from helpdesk.lib.html_tokens import words

CORPUS = Path(__file__).parents[1] / "corpus" / "xss"
# What must not stand in any page of ours, whoever wrote its words.
FOREIGN_TAGS = words("applet base embed frame frameset iframe math object plaintext portal xmp")
ADDRESSES = frozenset({"href", "src", "action", "formaction", "srcset", "data", "poster"})


def payloads() -> list[str]:
    """Return all attacks, in a fixed order."""
    files = sorted(CORPUS.glob("*.txt"))
    return [line for path in files for line in path.read_text().splitlines() if line.strip()]


class Page(HTMLParser):
    """Collects what could run, or lead astray, in a page that we have made."""

    def __init__(self, html: str) -> None:
        """Read a page."""
        super().__init__()
        self.found: list[str] = []
        self._is_in_script = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at a tag and its attributes."""
        self._is_in_script = tag == "script" and dict(attrs).get("type") != "application/ld+json"
        if tag in FOREIGN_TAGS:
            self.found.append(tag)
        for name, value in attrs:
            address = "".join((value or "").split()).lower()
            if name.startswith("on") or name in {"style", "srcdoc"}:
                self.found.append(f"{tag} {name}={value}")
            if name in ADDRESSES and address.startswith(("javascript:", "vbscript:", "data:text")):
                self.found.append(f"{tag} {name}={value}")

    def handle_endtag(self, tag: str) -> None:
        """Leave a script."""
        if tag == "script":
            self._is_in_script = False

    def handle_data(self, data: str) -> None:
        """Find words inside a script: ours are all files."""
        if self._is_in_script and data.strip():
            self.found.append(f"script {data.strip()[:80]}")
