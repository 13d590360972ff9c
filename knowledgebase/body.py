"""The body of an answer: cleaned when it is written, given anchors and pictures when it is shown.

Everything that comes out of here has passed the one sanitiser of `helpdesk.lib.html`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape

from helpdesk.lib.html import html_to_text, sanitise_knowledge, show_pictures

MAX_BODY = 200_000
ANCHOR = "abschnitt"

_EMPTY_BLOCK = re.compile(r"<(p|h2|h3|li|blockquote)>(?:\s|&nbsp;|\u00a0|<br>)*</\1>")
_BULLET = re.compile(r"<p>(?:\s|&nbsp;)*[·•▪●o§–-](?:&nbsp;|\u00a0|\s)+(.*?)</p>", re.DOTALL)
_BULLETS = re.compile(rf"(?:{_BULLET.pattern}\s*)+", re.DOTALL)
_HEADING = re.compile(r"<h([23])>(.*?)</h\1>", re.DOTALL)
_WITHIN = re.compile(r"<a href=\"/w/([0-9]{1,12})\">")
_PICTURE = re.compile(r"<img data-cid=\"([0-9]{1,12})\">")
_TAG = re.compile(r"<[^>]*>")
# Only these stand within a word.
_INLINE = re.compile(r"</?(?:a|b|strong|em|i|u|s|code|sub|sup|span)(?: [^>]*)?>")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of a body with the anchor it is reached by."""

    level: int
    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A body as a page shows it, and its headings."""

    html: str
    headings: tuple[Heading, ...]


def clean_body(html: str) -> str:
    """Return what is kept of an editor's HTML; what a word processor wrote becomes plain again."""
    clean = _EMPTY_BLOCK.sub("", sanitise_knowledge(html))
    # Word writes lists as paragraphs that begin with a dot and blanks.
    return sanitise_knowledge(_BULLETS.sub(_list_of, clean)).strip()


def show_body(
    html: str,
    pictures: Mapping[str, tuple[str, str]],
    *,
    sizes: Mapping[str, tuple[int, int]] | None = None,
    anchors: str = "",
) -> Shown:
    """Return a kept body with anchors at its headings and its pictures (key → address, alt).

    ``sizes`` are their pixels, as far as they are known; ``anchors`` keeps those of several
    bodies on one page apart.
    """
    headings: list[Heading] = []

    def with_anchor(match: re.Match[str]) -> str:
        level, inner = int(match[1]), match[2]
        anchor = f"{ANCHOR}{anchors}-{len(headings) + 1}"
        headings.append(Heading(level, text_of(inner), anchor))
        return f'<h{level} id="{anchor}">{inner}</h{level}>'

    shown = _HEADING.sub(with_anchor, sanitise_knowledge(html))
    return Shown(show_pictures(shown, pictures, sizes), tuple(headings))


def plain_body(html: str) -> str:
    """Return the words of a kept body as text, for mails and for the search."""
    return html_to_text(_PICTURE.sub("", html)).strip()


def words_of(html: str) -> str:
    """Return the words of a kept body in one line, quick and without any form."""
    return " ".join(unescape(_TAG.sub(" ", _INLINE.sub("", html))).split())


def levels_of(html: str) -> list[int]:
    """Return the levels of the headings in order."""
    return [int(match[1]) for match in _HEADING.finditer(html)]


def linked_answers(html: str) -> frozenset[int]:
    """Return the keys of the answers that a kept body links to."""
    return frozenset(int(match[1]) for match in _WITHIN.finditer(html))


def pictures_in(html: str) -> frozenset[int]:
    """Return the keys of the files that a kept body shows."""
    return frozenset(int(match[1]) for match in _PICTURE.finditer(html))


def text_of(html: str) -> str:
    """Return the text inside a short piece of kept HTML."""
    return " ".join(unescape(_TAG.sub("", html)).split())


def _list_of(match: re.Match[str]) -> str:
    items = _BULLET.sub(r"<li>\1</li>", match[0])
    return f"<ul>{items}</ul>"
