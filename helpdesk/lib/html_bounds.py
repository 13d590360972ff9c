"""Foreign HTML rewritten as a small, well-nested copy, so that the sanitiser meets no bombs."""

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cache
from html import escape, unescape

from helpdesk.lib.html_tokens import attributes, tokens, words

MAX_CHARS = 1_000_000
MAX_DEPTH = 200
MAX_LINKS = 5_000
_TEXT_NODE = 4_000
_MAX_VALUE = 8_000

_VOID = frozenset(("br", "hr", "img", "wbr", "col"))
_BLOCKS = words(
    "address article aside blockquote center dd details dir div dl dt figcaption figure footer "
    "h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section summary table ul"
)
_CELLS = ("td", "th", "caption")
_ROWS = ("tbody", "thead", "tfoot")
_PARAGRAPH = frozenset(("p",))
_NOTHING: frozenset[str] = frozenset()
_CELL_BOUNDARY = frozenset(("table", *_CELLS))
# Opening the key ends everything down to the nearest of the values; none of them: the tag goes.
_PARENTS: Mapping[str, frozenset[str]] = {
    "td": frozenset(("tr", *_ROWS, "table")),
    "th": frozenset(("tr", *_ROWS, "table")),
    "tr": frozenset((*_ROWS, "table")),
    "tbody": frozenset(("table",)),
    "thead": frozenset(("table",)),
    "tfoot": frozenset(("table",)),
    "caption": frozenset(("table",)),
}
# Opening the key ends the nearest open one of the same kind, unless a boundary lies between.
_SIBLINGS: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "li": (frozenset(("li",)), _CELL_BOUNDARY | {"ul", "ol"}),
    "dt": (frozenset(("dt", "dd")), _CELL_BOUNDARY | {"dl"}),
    "dd": (frozenset(("dt", "dd")), _CELL_BOUNDARY | {"dl"}),
    "a": (frozenset(("a",)), _CELL_BOUNDARY),
}
_TABLE_PARTS = frozenset(("table", "tr", *_CELLS, *_ROWS))
_BIDI_OVERRIDES = re.compile("[\0\u202d\u202e]")
_SCHEME = re.compile(r"\s*[a-zA-Z][a-zA-Z0-9+.\-]*(?::|&)")
_LOOSE_AMPERSAND = re.compile(
    r"&(?!(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});)"
)
_DIRECTION = re.compile(r"\bdir\b", re.IGNORECASE)


@cache
def _closed_by(name: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return what a closing tag closes the nearest of, and what it does not reach beyond."""
    boundary = frozenset(("table",)) if name in _TABLE_PARTS else _CELL_BOUNDARY
    return frozenset((name,)), boundary - {name}


@dataclass(slots=True)
class _Writer:
    """The copy as it grows, and the elements open in it."""

    allowed: Mapping[str, AbstractSet[str]]
    out: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    links: int = 0
    run: int = 0

    def start(self, name: str, raw: str) -> None:
        """Open an element, ending first what HTML would end; drop it beyond a limit."""
        if not self._make_room(name):
            return
        if name in ("a", "img"):
            self.links += 1
            if self.links > MAX_LINKS:
                return
        if name not in _VOID:
            if len(self.open) >= MAX_DEPTH:
                return
            self.open.append(name)
            self.counts[name] = self.counts.get(name, 0) + 1
        self.out.append(f"<{name}{self._attributes(name, raw)}>")

    def end(self, name: str) -> None:
        """Close the nearest open ``name``, and what is open inside it; else ignore the tag."""
        at = self._nearest(*_closed_by(name))
        if at >= 0:
            self.close_to(at)

    def text(self, text: str) -> None:
        """Write decoded text in short nodes, each ended by a comment that the sanitiser drops.

        HTML5 parsers are quadratic in the entities of one text node.
        """
        if len(text) + self.run < _TEXT_NODE:
            self.out.append(escape(text, quote=False))
            self.run += len(text)
            return
        for start in range(0, len(text), _TEXT_NODE):
            piece = text[start : start + _TEXT_NODE]
            self.out.append(escape(piece, quote=False))
            self.run += len(piece)
            if self.run >= _TEXT_NODE:
                self.out.append("<!---->")
                self.run = 0

    def close_to(self, size: int) -> None:
        """Close elements until only ``size`` are open."""
        while len(self.open) > size:
            name = self.open.pop()
            if self.counts[name] == 1:
                del self.counts[name]
            else:
                self.counts[name] -= 1
            self.out.append(f"</{name}>")

    def _make_room(self, name: str) -> bool:
        parents = _PARENTS.get(name)
        if parents is not None:
            at = self._nearest(parents, _NOTHING)
            if at >= 0:
                self.close_to(at + 1)
            return at >= 0
        if name in _BLOCKS:
            self._end_nearest(_PARAGRAPH, _CELL_BOUNDARY)
        if name in _SIBLINGS:
            self._end_nearest(*_SIBLINGS[name])
        return True

    def _end_nearest(self, names: frozenset[str], boundary: frozenset[str]) -> None:
        at = self._nearest(names, boundary)
        if at >= 0:
            self.close_to(at)

    def _nearest(self, names: frozenset[str], boundary: frozenset[str]) -> int:
        opened = self.open
        if not self.counts.keys() & names:
            return -1
        for at in range(len(opened) - 1, -1, -1):
            if opened[at] in names:
                return at
            if opened[at] in boundary:
                return -1
        return -1

    def _attributes(self, name: str, raw: str) -> str:
        wanted = self.allowed[name]
        if not wanted and not _DIRECTION.search(raw):
            return ""
        kept = []
        for key, value in attributes(raw).items():
            if (key in wanted or key == "dir") and len(value) <= _MAX_VALUE:
                kept.append(f' {key}="{_quoted(_source(name, key, value))}"')
        return "".join(kept)


def bounded_copy(html: str, allowed: Mapping[str, AbstractSet[str]]) -> str:
    """Return ``html`` reduced to ``allowed`` tags (name → attributes), well nested and bounded.

    At most MAX_CHARS of the input are read, MAX_DEPTH elements are open at once and MAX_LINKS
    links or images kept; text is never dropped for the sake of a limit below MAX_CHARS. Well
    nested means that no formatting element can be reopened again and again, which would let
    1 MB of input grow without bound in an HTML5 parser. Values stay undecoded: it is for the
    sanitiser behind this to decode them, once, and to judge them. Text is decoded here.
    """
    writer = _Writer(allowed)
    for kind, name, raw in tokens(_BIDI_OVERRIDES.sub("", html[:MAX_CHARS])):
        if kind == "text":
            writer.text(unescape(name))
        elif name not in allowed:
            continue
        elif kind == "open":
            writer.start(name, raw)
        elif name not in _VOID:
            writer.end(name)
    writer.close_to(0)
    return "".join(writer.out)


def _quoted(value: str) -> str:
    """Write a raw value in double quotes; only an entity that ends in ``;`` stays one."""
    value = _LOOSE_AMPERSAND.sub("&amp;", value)
    return value.replace('"', "&quot;").replace("<", "&lt;").replace(">", "&gt;")


def _source(name: str, key: str, value: str) -> str:
    """Give an image source without a scheme the one it means: cid, or https after ``//``."""
    if name != "img" or key != "src" or _SCHEME.match(value):
        return value
    stripped = value.strip()
    return f"https:{stripped}" if stripped.startswith("//") else f"cid:{stripped}"
