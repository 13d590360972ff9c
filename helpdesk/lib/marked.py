"""Typed text with a few marks, as HTML and as plain text from one source.

``**bold**``, ``*italic*``, ``***both***`` and ``[words](address)`` within a line; lines that begin
with ``- `` or with ``1. ``, ``2. `` are a list, those with ``> `` a quote, one with ``## `` a
heading. Everything else stays what was typed: all of it is escaped, and nothing a mark encloses
becomes a tag of its own. A sum, a file name or a star within a word is no mark, and neither is a
day or a number with its sign at the beginning of a line. Nor is anything in words that a program
has put in as `literals.literal`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import quote

from helpdesk.lib.html import sanitise_marked
from helpdesk.lib.html_text import link_addresses, names_itself, text_to_html
from helpdesk.lib.literals import put_back, taken_out

__all__ = ("MARKS", "Marked", "read_marks")
# What a text must hold to be looked at any closer.
MARKS = re.compile(r"\*|\]\(|^(?:>|[-•] |#{2,3} |\d{1,3}[.)] )", re.MULTILINE)
_MAX_DEPTH = 5
# A longer text is no letter any more, and is shown as it is.
MAX_MARKED = 200_000
# An address is passed over first, so that no sign in it is taken for a mark.
_INLINE = re.compile(
    r"\[(?P<words>[^\[\]]{1,300})\]\((?P<target>(?:https?://[^/\s\\]|mailto:|tel:)"
    r"(?:[^\s()<>\"]|\([^\s()<>\"]{0,200}\)){0,1900})\)"
    r"|(?P<address>https?://(?:[^\s<>\"*]|\*(?![\s*)]|\Z)){1,2000})"
    r"|(?<![\w*])\*\*\*(?=[^\s*])(?P<both>[^*]{1,1000}(?<=\S))\*\*\*(?![\w*])"
    r"|\*\*(?=[^\s*])(?P<bold>(?:[^*]|\*(?!\*)){1,1000}(?<=\S))\*\*(?!\*)"
    r"|(?<![\w*])\*(?=[^\s*])(?P<italic>[^*]{1,1000}(?<=\S))\*(?![\w*])",
    re.IGNORECASE,
)
_BULLET = re.compile(r"[-*•] +(?=\S)")
# A number before a month is a day, and no item of a list.
_MONTH = (
    r"(?:jan(?:uar|\.)|jänner|feb(?:ruar|\.)|märz|apr(?:il|\.)|mai|jun[i.]|jul[i.]|"
    r"aug(?:ust|\.)|sep(?:tember|t?\.)|okt(?:ober|\.)|nov(?:ember|\.)|dez(?:ember|\.))(?!\w)"
)
_NUMBER = re.compile(rf"(\d{{1,3}})[.)] +(?!{_MONTH})(?=\S)", re.IGNORECASE)
# Words follow, be they bold or a link: "## 12" is a number, and one sign alone is none of ours.
_HEADING = re.compile(r"^#{2,3} +(?=[*\[]{0,3}[^\W\d_])")
_QUOTE = re.compile(r"> ?")
_INDENT = re.compile(r" {2,4}|\t")
# A tag, or what stands between two of them.
_PIECE = re.compile(r"<[^>]*>|[^<]+")
# What stands between the stars → the tags around it.
_TAGS = {"both": ("strong", "em"), "bold": ("strong",), "italic": ("em",)}


@dataclass(frozen=True, slots=True)
class Marked:
    """What a marked text looks like, and what is left of it where nothing can look like much."""

    html: str
    text: str


def read_marks(typed: str) -> Marked | None:
    """Return both forms of a text; None if it holds no mark and is shown as it is.

    Bullets, numbers and quote marks stay in the plain form; a link is followed by its target. The
    words of a heading stand in a line of their own there.
    """
    if len(typed) > MAX_MARKED or not MARKS.search(typed):
        return None
    plain = typed.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").strip("\n")
    plain, values = taken_out(plain)
    html = sanitise_marked(_filled("".join(_blocks(plain.split("\n"), 0)), values))
    if html == sanitise_marked(text_to_html(put_back(plain, values))):
        return None
    text = "\n".join(_plain(_HEADING.sub("", line, count=1)) for line in plain.split("\n"))
    return Marked(html, put_back(text, values))


def _filled(html: str, values: Mapping[str, str]) -> str:
    """Put literal values into HTML of ours; within a tag, as part of where a link leads."""
    if not values:
        return html
    within = {sign: escape(quote(words)) for sign, words in values.items()}
    shown = {
        sign: "<br>".join(map(link_addresses, words.split("\n"))) for sign, words in values.items()
    }
    return _PIECE.sub(
        lambda piece: put_back(piece[0], within if piece[0].startswith("<") else shown), html
    )


def _blocks(lines: Sequence[str], depth: int) -> Iterator[str]:
    """Return the HTML of lines, block by block."""
    at = 0
    while at < len(lines):
        line = lines[at]
        if not line.strip():
            at += 1
        elif not depth and (heading := _HEADING.match(line)):
            yield f"<h2>{_html(line[heading.end() :].rstrip())}</h2>"
            at += 1
        elif depth < _MAX_DEPTH and line.startswith(">"):
            rows = _quoted(lines, at)
            inner = "".join(_blocks([_QUOTE.sub("", row, count=1) for row in rows], depth + 1))
            yield f"<blockquote>{inner}</blockquote>"
            at += len(rows)
        elif depth < _MAX_DEPTH and (items := _items(lines, at)):
            kind, start = _kind(line)
            yield f"<{kind}{start}>{''.join(_item(item, depth) for item in items)}</{kind}>"
            at += sum(map(len, items))
        else:
            rows = _paragraph(lines, at, depth)
            yield f"<p>{'<br>'.join(map(_html, rows))}</p>"
            at += len(rows)


def _quoted(lines: Sequence[str], at: int) -> Sequence[str]:
    end = at
    while end < len(lines) and lines[end].startswith(">"):
        end += 1
    return lines[at:end]


def _paragraph(lines: Sequence[str], at: int, depth: int) -> Sequence[str]:
    """Return the lines up to the next empty one, heading, list or quote; one at least."""
    end = at + 1
    while end < len(lines) and lines[end].strip():
        if not depth and _HEADING.match(lines[end]):
            break
        if depth < _MAX_DEPTH and (lines[end].startswith(">") or _items(lines, end)):
            break
        end += 1
    return lines[at:end]


def _items(lines: Sequence[str], at: int) -> list[list[str]]:
    """Return the items of the list that begins here, each with the indented lines below it.

    A number begins a list only where the next one follows: a single one is a day, or a house.
    """
    number = _NUMBER.match(lines[at])
    if not (number or _BULLET.match(lines[at])):
        return []
    items: list[list[str]] = []
    for place in range(at, len(lines)):
        line = lines[place]
        if _goes_on(line, number, len(items)):
            items.append([line])
        elif items and _INDENT.match(line) and line.strip():
            items[-1].append(line)
        else:
            break
    return [] if number and len(items) == 1 else items


def _goes_on(line: str, first: re.Match[str] | None, place: int) -> bool:
    """Tell whether a line is the item of this place, in the list that ``first`` began."""
    if first is None:
        return _BULLET.match(line) is not None
    found = _NUMBER.match(line)
    return found is not None and int(found[1]) == int(first[1]) + place


def _kind(line: str) -> tuple[str, str]:
    number = _NUMBER.match(line)
    if number is None:
        return "ul", ""
    return "ol", "" if number[1] == "1" else f' start="{int(number[1])}"'


def _item(rows: Sequence[str], depth: int) -> str:
    """Return one item; what is indented below it may be a list of its own."""
    first = (_NUMBER.match(rows[0]) or _BULLET.match(rows[0]) or _INDENT.match(rows[0])).end()  # type: ignore[union-attr] # it is an item
    below = [_INDENT.sub("", row, count=1) for row in rows[1:]]
    if below and not _items(below, 0):
        return f"<li>{'<br>'.join(map(_html, (rows[0][first:], *below)))}</li>"
    return f"<li>{_html(rows[0][first:])}{''.join(_blocks(below, depth + 1))}</li>"


def _html(text: str) -> str:
    """Return one line with its marks as HTML."""
    parts, end = [], 0
    for match in _INLINE.finditer(text):
        if match["address"]:
            continue
        parts.append(link_addresses(text[end : match.start()]))
        parts.append(_span(match))
        end = match.end()
    parts.append(link_addresses(text[end:]))
    return "".join(parts)


def _span(match: re.Match[str]) -> str:
    if match["target"]:
        words = _html_without_links(match["words"])
        return f'<a href="{escape(match["target"])}">{words}</a>'
    kind = _kind_of(match)
    return _stressed(kind, _html(match[kind]))


def _kind_of(match: re.Match[str]) -> str:
    """Return the name of what is stressed; "" for a link or an address."""
    return next((each for each in _TAGS if match[each]), "")


def _stressed(kind: str, html: str) -> str:
    for tag in reversed(_TAGS[kind]):
        html = f"<{tag}>{html}</{tag}>"
    return html


def _html_without_links(text: str) -> str:
    """Return the words of a link: bold or italic, but never a link within it."""
    parts, end = [], 0
    for match in _INLINE.finditer(text):
        if kind := _kind_of(match):
            parts.append(escape(text[end : match.start()]))
            parts.append(_stressed(kind, escape(match[kind])))
            end = match.end()
    return "".join(parts) + escape(text[end:])


def _plain(text: str) -> str:
    """Return one line without its marks; a link is followed by where it leads (RFC 3986 C)."""

    def put(match: re.Match[str]) -> str:
        if match["address"]:
            return match[0]
        if not match["target"]:
            return _plain(match[_kind_of(match)])
        words, target = _plain(match["words"]), match["target"]
        return words if names_itself(words, target) else f"{words} <{target}>"

    return _INLINE.sub(put, text)
