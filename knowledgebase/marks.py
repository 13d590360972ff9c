"""Bodies as plain text with a few marks, for writing without JavaScript.

``## Heading``, ``### Smaller``, ``- item``, ``1. item``, ``> quote``, ``**bold**``, ``*italic*``,
``[words](address)``, ``![](12)`` for a picture. A blank line ends a paragraph. What
:func:`to_marks` writes of a kept body, :func:`from_marks` reads as the same body again.
"""

import re
from html import escape
from html.parser import HTMLParser
from itertools import takewhile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_LINK = re.compile(r"\[([^\[\]]{1,500})\]\(([^()\s]{1,2000})\)")
_PICTURE = re.compile(r"!\[\]\((\d{1,12})\)")
_BOLD = re.compile(r"\*\*(?=\S)(.{1,2000}?\S?)\*\*", re.DOTALL)
_ITALIC = re.compile(r"(?<![*\w])\*(?=[^\s*])([^*]{1,2000}?)(?<=\S)\*(?![*\w])", re.DOTALL)
_ITEM = re.compile(r"(?:[-*]|\d{1,3}[.)])\s+")
_BULLET = re.compile(r"[-*]\s+")
_QUOTED = re.compile(r"(?:> ?)+")
_HEADING = re.compile(r"(#{1,3})\s+(.+)")
_ESCAPED = re.compile(r"\\([\\*\[\]#>!.)-])")
_TO_ESCAPE = re.compile(r"([\\*\[\]])")
# A number begins a list only with a blank behind its dot: "37.00 Euro" is none.
_LEADING = re.compile(r"(\d{1,3}(?=[.)]\s)|(?=[#>.)-]))")
_HELD = re.compile("\ue000(\\d+)\ue001")
_INLINE = {"strong": "**", "em": "*"}


def from_marks(text: str) -> str:
    """Return the HTML that marked text stands for; it still has to be cleaned."""
    blocks = re.split(r"\n\s*\n", text.replace("\r\n", "\n").replace("\ue000", "").strip("\n"))
    return "".join(_block(block.strip("\n")) for block in blocks if block.strip())


def to_marks(html: str) -> str:
    """Return a kept body as marked text."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.marked()


def _block(block: str) -> str:
    heading = _HEADING.fullmatch(block)
    if heading:
        level = max(2, len(heading[1]))
        return f"<h{level}>{_inline(heading[2])}</h{level}>"
    lines = block.split("\n")
    headings = list(takewhile(_HEADING.fullmatch, lines))
    if headings:
        rest = "\n".join(lines[len(headings) :])
        return "".join(map(_block, headings)) + (_block(rest) if rest else "")
    if _ITEM.match(lines[0]):
        return _list(lines)
    if all(line.startswith(">") for line in lines):
        # A quote within a quote is one quote: so it is written, and so deep nobody reads.
        inner = "\n".join(_QUOTED.sub("", line, count=1) for line in lines)
        return f"<blockquote>{from_marks(inner)}</blockquote>"
    start = next((at for at, line in enumerate(lines) if at and _ITEM.match(line)), None)
    if start is not None:
        return _block("\n".join(lines[:start])) + _list(lines[start:])
    return f"<p>{_inline(block)}</p>"


def _list(lines: list[str]) -> str:
    kind = "ul" if _BULLET.match(lines[0]) else "ol"
    items: list[str] = []
    for line in lines:
        if _ITEM.match(line):
            items.append(_ITEM.sub("", line, count=1))
        else:
            items[-1] += f"\n{line.strip()}"
    return f"<{kind}>{''.join(f'<li>{_inline(item)}</li>' for item in items)}</{kind}>"


def _inline(text: str) -> str:
    """Return words with their marks as HTML; what a backslash guards stays as it is."""
    held: list[str] = []

    def hold(html: str) -> str:
        held.append(html)
        return f"\ue000{len(held) - 1}\ue001"

    def link(match: re.Match[str]) -> str:
        return hold(f'<a href="{escape(match[2])}">') + match[1] + hold("</a>")

    text = _ESCAPED.sub(lambda match: hold(escape(match[1])), text)
    text = _PICTURE.sub(lambda match: hold(f'<img data-cid="{match[1]}">'), text)
    text = escape(_LINK.sub(link, text), quote=False)
    text = _BOLD.sub(r"<strong>\1</strong>", text)
    text = _ITALIC.sub(r"<em>\1</em>", text)
    return _HELD.sub(lambda match: held[int(match[1])], text.replace("\n", "<br>"))


def _guard(line: str) -> str:
    """Put a backslash before what would be read as a mark at the beginning of a line."""
    found = _LEADING.match(line)
    return f"{found[1]}\\{line[found.end(1) :]}" if found else line


class _Reader(HTMLParser):
    """Walks a kept body and writes its marks, block by block."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._blocks: list[str] = []
        self._line = ""
        self._prefix = ""
        self._lists: list[tuple[str, int]] = []
        self._quotes = 0
        self._href: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin what the tag stands for."""
        given = dict(attrs)
        starts: dict[str, Callable[[], None]] = {
            "h2": lambda: self._begin("## "),
            "h3": lambda: self._begin("### "),
            "p": lambda: self._begin("") if not self._lists else None,
            "ul": lambda: self._open_list("ul"),
            "ol": lambda: self._open_list("ol"),
            "li": self._item,
            "blockquote": lambda: self._quote(1),
            "br": lambda: self._write("\n"),
            "img": lambda: self._write(f"![]({given.get('data-cid') or ''})"),
            "a": lambda: self._link(given.get("href") or ""),
        }
        if tag in _INLINE:
            self._write(_INLINE[tag])
        elif tag in starts:
            starts[tag]()

    def handle_endtag(self, tag: str) -> None:
        """End what the tag stood for."""
        if tag in _INLINE:
            self._write(_INLINE[tag])
        elif tag == "a":
            self._write(f"]({self._href.pop()})" if self._href else "")
        elif tag in {"ul", "ol"}:
            self._flush()
            self._lists = self._lists[:-1]
            self._blocks.append("")
        elif tag == "blockquote":
            self._quote(-1)
        elif tag in {"h2", "h3", "li"} or (tag == "p" and not self._lists):
            self._flush()

    def handle_data(self, data: str) -> None:
        """Write words, with a backslash before what would be read as a mark."""
        plain = re.sub(r"\s+", " ", data)
        self._write(_TO_ESCAPE.sub(r"\\\1", plain))

    def marked(self) -> str:
        """Return all blocks, those of a list on lines of their own."""
        self._flush()
        text = "\n".join(self._blocks)
        return re.sub(r"\n{3,}", "\n\n", text).strip("\n")

    def _write(self, text: str) -> None:
        self._line += text

    def _begin(self, prefix: str) -> None:
        self._flush()
        self._prefix = prefix

    def _link(self, href: str) -> None:
        self._href.append(href)
        self._write("[")

    def _open_list(self, kind: str) -> None:
        self._flush()
        self._lists = [*self._lists, (kind, 0)]

    def _item(self) -> None:
        self._flush()
        kind, number = self._lists[-1] if self._lists else ("ul", 0)
        self._lists = [*self._lists[:-1], (kind, number + 1)]
        self._prefix = "- " if kind == "ul" else f"{number + 1}. "

    def _quote(self, step: int) -> None:
        self._flush()
        self._quotes = max(0, self._quotes + step)
        if self._blocks and self._blocks[-1] == "> ":
            self._blocks[-1] = ""

    def _flush(self) -> None:
        line, self._line = self._line.strip(" "), ""
        prefix, self._prefix = self._prefix, ""
        if not line:
            return
        first, *others = line.split("\n")
        guarded = [first if prefix else _guard(first), *map(_guard, others)]
        text = prefix + "\n".join(guarded)
        if self._quotes:
            text = "\n".join(f"> {part}" for part in text.split("\n"))
        self._blocks.append(text)
        if not self._lists:
            self._blocks.append("> " if self._quotes else "")
