"""The attacks by markup that every door and page is tried with: one a line in tests/corpus/xss."""

import base64
import hashlib
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

    def __init__(self, html: str, policy: str = "") -> None:
        """Read a page; a script within it must be allowed by its hash in the page's policy."""
        super().__init__()
        self.found: list[str] = []
        self._policy = policy
        self._is_in_script = False
        self._script = ""
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
        """Leave a script, and find it if it is neither a file nor a text of ours."""
        if tag != "script":
            return
        text, self._script, self._is_in_script = self._script, "", False
        if text.strip() and source_of(text) not in self._policy:
            self.found.append(f"script {text.strip()[:80]}")

    def handle_data(self, data: str) -> None:
        """Gather the words inside a script."""
        if self._is_in_script:
            self._script += data


def source_of(text: str) -> str:
    """Return by which source a policy allows a text within the page (CSP Level 3, 2.3.1)."""
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"
