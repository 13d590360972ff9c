"""A lenient, linear HTML tokeniser: text, opening and closing tags, nothing dangerous hidden."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Literal

Kind = Literal["text", "open", "close"]
# kind, text or lower-case tag name, raw attributes
Token = tuple[Kind, str, str]


def words(text: str) -> frozenset[str]:
    """Return the blank-separated words of ``text``: tables of names stay readable so."""
    return frozenset(text.split())


# Their content is code, styling or another language: it goes with the tag.
DROPPED = words("script style title template svg math iframe object applet audio video canvas xml")
_SELF_CLOSING = frozenset(("svg", "math", "xml"))
# An attribute value is quoted only after "=" (HTML 13.2.5.37); possessive, so no backtracking.
_TAG = re.compile(
    r"""<(/?)([a-zA-Z][^\s/>]*+)((?:[^>=]++|=\s*+(?:"[^"]*+"|'[^']*+')?+)*+)>""", re.ASCII
)
_PLAIN_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]*+)([^>]*+)>", re.ASCII)
_TAG_START = re.compile(r"</?[a-zA-Z]")
_MARKUP_START = re.compile(r"<(?:[!?]|/[^>a-zA-Z])")
_COMMENT_END = re.compile(r"--!?>")
_ATTRIBUTE = re.compile(
    r"""([^\s/>=]++)(?:\s*+=\s*+("[^"]*+"|'[^']*+'|\S*+))?+""",
    re.ASCII,
)
_CLOSERS = {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in DROPPED}


def tokens(html: str) -> Iterator[Token]:
    """Yield the tokens of ``html``; comments and the content of DROPPED elements are left out.

    Each character is looked at a bounded number of times, whatever the input.
    Text comes undecoded (entities stay) and may hold a stray ``<``.
    """
    return _Tokeniser(html).run()


def attributes(raw: str) -> dict[str, str]:
    """Parse the raw attributes of a tag: lower-case names, undecoded values, the first one wins."""
    found: dict[str, str] = {}
    for match in _ATTRIBUTE.finditer(raw):
        value = match[2] or ""
        if len(value) > 1 and value[0] in "\"'" and value[-1] == value[0]:
            value = value[1:-1]
        found.setdefault(match[1].lower(), value)
    return found


def decoded_attributes(raw: str) -> dict[str, str]:
    """Parse attributes as `attributes` does, with the entities in their values decoded."""
    return {name: unescape(value) for name, value in attributes(raw).items()}


class _Tokeniser:
    """State of one pass: where we are, and which searches are known to be in vain."""

    def __init__(self, html: str) -> None:
        self.html = html
        self.last_end = html.rfind(">")
        self.tag = _TAG
        self.comments_end = True
        self.unclosed: set[str] = set()

    def run(self) -> Iterator[Token]:
        html, position, text_from = self.html, 0, 0
        while True:
            start = html.find("<", position)
            if start < 0 or start > self.last_end:
                break
            end, token = self._markup(start)
            if end < 0:
                position = start + 1
                continue
            if start > text_from:
                yield "text", html[text_from:start], ""
            if token is not None:
                yield token
            position = text_from = end
        if text_from < len(html):
            yield "text", html[text_from:], ""

    def _markup(self, start: int) -> tuple[int, Token | None]:
        """Return where the markup at ``start`` ends and its token; -1 if it is plain text."""
        match = self.tag.match(self.html, start)
        if match is not None:
            return self._tag_of(match)
        if _TAG_START.match(self.html, start):
            return self._element(start)
        if _MARKUP_START.match(self.html, start):
            return self._comment(start), None
        return -1, None

    def _element(self, start: int) -> tuple[int, Token | None]:
        if self.tag is _PLAIN_TAG:
            return -1, None
        # A quote swallows the rest: from here on the next ">" ends a tag.
        self.tag = _PLAIN_TAG
        match = self.tag.match(self.html, start)
        return (-1, None) if match is None else self._tag_of(match)

    def _tag_of(self, match: re.Match[str]) -> tuple[int, Token | None]:
        slash, name, raw = match.groups()
        name = name.lower()
        if name in DROPPED:
            return (match.end() if slash else self._skip(name, raw, match.end())), None
        return match.end(), ("close" if slash else "open", name, raw)

    def _skip(self, name: str, raw: str, position: int) -> int:
        """Return the end of a dropped element; an unclosed one loses its tag only."""
        if name in self.unclosed or (name in _SELF_CLOSING and raw.endswith("/")):
            return position
        closer = _CLOSERS[name].search(self.html, position)
        if closer is None:
            self.unclosed.add(name)
            return position
        end = self.html.find(">", closer.end())
        return end + 1 if end >= 0 else len(self.html)

    def _comment(self, start: int) -> int:
        html = self.html
        if html.startswith("<!--", start) and self.comments_end:
            if html.startswith((">", "->"), start + 4):
                return html.index(">", start) + 1
            end = _COMMENT_END.search(html, start + 4)
            if end is not None:
                return end.end()
            self.comments_end = False
        return html.find(">", start) + 1
