"""Plain text from HTML with its line structure, and HTML from plain text; both in linear time."""

import re
from collections.abc import Callable, Iterable
from html import escape, unescape
from typing import Literal

from helpdesk.lib.html_tokens import Token, decoded_attributes, tokens, words

# What an element is to the history of a mail: a quote, the start of one up to the end, or neither.
Quote = Literal["inside", "rest"] | None
FindQuote = Callable[[str, str], Quote]

MAX_TEXT_LINKS = 5_000
_MAX_PREFIX = 20
_MAX_INDENT = 10
_SPACES = re.compile(r"[ \t\r\n\f]+")
_BLANK_LINES = re.compile(r"\n{3,}")
_PARAGRAPHS = words("p ul ol dl table blockquote h1 h2 h3 h4 h5 h6 pre figure address")
_LINES = words(
    "div li tr dt dd section article header footer aside main nav center figcaption caption "
    "form fieldset legend body html option details summary"
)
_NESTING = frozenset(("div", "blockquote", "section"))
_OFFICE_LINE = re.compile(r"\bmso(?:normal|plaintext|listparagraph|nospacing)", re.IGNORECASE)
_MAYBE_HIDDEN = re.compile(r"none|hide", re.IGNORECASE)
_HIDDEN = re.compile(r"(?:display\s*:\s*none|mso-hide\s*:\s*all)", re.IGNORECASE)
_VOID = frozenset(("br", "hr", "img", "wbr", "input", "meta", "link", "col", "area", "base"))
_LINK = re.compile(r"(?:https?://|mailto:|tel:)", re.IGNORECASE)


def html_to_text(html: str) -> str:
    """Return the text of ``html``: lines as br, p, div, li and tr make them, quotes as ``> ``.

    Link targets follow in square brackets where the text does not name them. Head, title,
    style, comments and elements hidden by style are left out.
    """
    return _render(html, None)


def html_to_quoted_text(html: str, find_quote: FindQuote) -> str:
    """Return the text of ``html`` with ``> `` before what ``find_quote`` (tag, attributes) finds.

    Other block quotes get no mark here, so a mark always means history.
    """
    return _render(html, find_quote)


def _render(html: str, find_quote: FindQuote | None) -> str:
    stream = list(tokens(html))
    renderer = _Renderer(find_quote)
    renderer.feed(stream)
    if renderer.hidden is not None or not renderer.has_text():
        # Hidden to its very end, or nothing but hidden text: then it was not meant as hidden.
        renderer = _Renderer(find_quote, hide=False)
        renderer.feed(stream)
    return renderer.text()


class _Renderer:
    """Lines of text as they grow from tokens."""

    def __init__(self, find_quote: FindQuote | None, *, hide: bool = True) -> None:
        self.find_quote = find_quote
        self.hide = hide
        self.lines: list[str] = []
        self.line: list[str] = []
        self.depth = 0
        self.pre = 0
        self.nested: dict[str, list[bool]] = {name: [] for name in _NESTING}
        self.lists: list[int] = []
        self.link: tuple[str, int] | None = None
        self.links = 0
        self.hidden: tuple[str, int] | None = None
        self.office_line = False

    def feed(self, stream: Iterable[Token]) -> None:
        for kind, name, raw in stream:
            if self.hidden is not None:
                self._pass_hidden(kind, name)
            elif kind == "text":
                self._text(unescape(name))
            elif kind == "open":
                self._open(name, raw)
            else:
                self._close(name)

    def has_text(self) -> bool:
        return any(line.strip("> ") for line in self.lines) or bool(self.line)

    def text(self) -> str:
        self._flush()
        # A no-break space made its line count as a line; from here on it is a blank.
        whole = "\n".join(line.replace("\xa0", " ").rstrip() for line in self.lines)
        return _BLANK_LINES.sub("\n\n", whole).strip("\n")

    def _pass_hidden(self, kind: str, name: str) -> None:
        if self.hidden is None or name != self.hidden[0] or kind == "text":
            return
        depth = self.hidden[1] + (1 if kind == "open" else -1)
        self.hidden = (name, depth) if depth else None

    def _text(self, text: str) -> None:
        if self.pre:
            first, *others = text.split("\n")
            self._add(first)
            for other in others:
                self._flush(keep_blank=True)
                self._add(other)
            return
        text = _SPACES.sub(" ", text)
        if text.startswith(" ") and (not self.line or self.line[-1].endswith(" ")):
            text = text[1:]
        self._add(text)

    def _add(self, text: str) -> None:
        if text:
            self.line.append(text)

    def _open(self, name: str, raw: str) -> None:
        if self.hide and name not in _VOID and _is_hidden(raw):
            self.hidden = (name, 1)
            return
        if name in _PARAGRAPHS or name in _LINES:
            self._block(name, raw)
        opener = _OPENERS.get(name)
        if opener is not None:
            opener(self, raw)
        if name in _NESTING:
            self._nest(name, raw)

    def _close(self, name: str) -> None:
        closer = _CLOSERS.get(name)
        if closer is not None:
            closer(self)
        if name in _PARAGRAPHS or name in _LINES:
            self._flush()
        if name in _NESTING and self.nested[name] and self.nested[name].pop():
            self.depth -= 1
        if name in _PARAGRAPHS and not (name == "p" and self.office_line):
            self._blank()

    def _block(self, name: str, raw: str) -> None:
        self._flush()
        if name == "p":
            self.office_line = bool(_OFFICE_LINE.search(raw))
        if name in _PARAGRAPHS and not (name == "p" and self.office_line) and not self.lists:
            self._blank()

    def _nest(self, name: str, raw: str) -> None:
        quote: Quote = None
        if self.find_quote is not None:
            quote = self.find_quote(name, raw)
        elif name == "blockquote":
            quote = "inside"
        if quote is not None:
            self._flush()
            self.depth += 1
        self.nested[name].append(quote == "inside")

    def _flush(self, *, keep_blank: bool = False) -> None:
        line = "".join(self.line)
        if self.line or keep_blank:
            prefix = "> " * min(self.depth, _MAX_PREFIX)
            self.lines.append(prefix + line)
        self.line = []
        if self.link is not None:
            self.link = (self.link[0], 0)

    def _blank(self) -> None:
        if self.lines and self.lines[-1].strip("> "):
            self.lines.append("> " * min(self.depth, _MAX_PREFIX))

    def open_break(self, _raw: str) -> None:
        self._flush(keep_blank=True)

    def open_rule(self, _raw: str) -> None:
        self._flush()
        self._add("---")
        self._flush()

    def open_image(self, raw: str) -> None:
        alt = _SPACES.sub(" ", decoded_attributes(raw).get("alt", "")).strip()
        if any(char.isalnum() for char in alt):
            self._add(f"[{alt}]")

    def open_cell(self, _raw: str) -> None:
        if self.line and not self.line[-1].endswith(" "):
            self._add(" ")

    def open_pre(self, _raw: str) -> None:
        self.pre += 1

    def close_pre(self) -> None:
        self.pre = max(0, self.pre - 1)

    def open_bullets(self, _raw: str) -> None:
        self.lists.append(-1)

    def open_numbers(self, _raw: str) -> None:
        self.lists.append(0)

    def close_list(self) -> None:
        if self.lists:
            self.lists.pop()

    def open_item(self, _raw: str) -> None:
        indent = "  " * min(max(len(self.lists) - 1, 0), _MAX_INDENT)
        mark = "-"
        if self.lists and self.lists[-1] >= 0:
            self.lists[-1] += 1
            mark = f"{self.lists[-1]}."
        self._add(f"{indent}{mark} ")

    def open_link(self, raw: str) -> None:
        target = decoded_attributes(raw).get("href", "").strip()
        self.link = (target, len(self.line)) if _LINK.match(target) else None

    def close_link(self) -> None:
        if self.link is None:
            return
        target, start = self.link
        self.link = None
        text = "".join(self.line[start:]).strip()
        self.links += 1
        if text and self.links <= MAX_TEXT_LINKS and not names_itself(text, target):
            tail = " " if self.line[-1].endswith(" ") else ""
            self.line[-1] = self.line[-1].rstrip()
            self._add(f" [{target.removeprefix('mailto:')}]{tail}")


_OPENERS: dict[str, Callable[[_Renderer, str], None]] = {
    "br": _Renderer.open_break,
    "hr": _Renderer.open_rule,
    "img": _Renderer.open_image,
    "td": _Renderer.open_cell,
    "th": _Renderer.open_cell,
    "pre": _Renderer.open_pre,
    "ul": _Renderer.open_bullets,
    "ol": _Renderer.open_numbers,
    "li": _Renderer.open_item,
    "a": _Renderer.open_link,
}
_CLOSERS: dict[str, Callable[[_Renderer], None]] = {
    "pre": _Renderer.close_pre,
    "ul": _Renderer.close_list,
    "ol": _Renderer.close_list,
    "a": _Renderer.close_link,
}


def _is_hidden(raw: str) -> bool:
    if not _MAYBE_HIDDEN.search(raw):
        return False
    return bool(_HIDDEN.search(decoded_attributes(raw).get("style", "")))


def names_itself(text: str, target: str) -> bool:
    """Whether the text of a link already says where it goes."""
    return _bare(text) == _bare(target)


def _bare(address: str) -> str:
    address = address.strip().lower()
    for prefix in ("mailto:", "tel:", "https://", "http://", "www."):
        address = address.removeprefix(prefix)
    return address.rstrip("/")


_MAX_TRIES = 20_000
_URL_OR_AT = re.compile(r"https?://[^\s<>\"\x00-\x1f]{1,2000}+|@", re.IGNORECASE)
_LOCAL_TAIL = re.compile(r"[A-Za-z0-9._%+\-]+\Z")
_DOMAIN = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9\-]{0,62})\.){1,8}[A-Za-z]{2,24}(?![A-Za-z0-9])")
_MAX_LOCAL = 64


def text_to_html(text: str) -> str:
    """Return ``text`` as escaped paragraphs and line breaks with http(s) and mail links.

    At most MAX_TEXT_LINKS addresses become links. Nothing in ``text`` is taken as markup.
    """
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").strip("\n")
    paragraphs = re.split(r"\n[ \t]*+\n\s*", link_addresses(plain)) if plain.strip() else []
    return "".join(f"<p>{part.replace(chr(10), '<br>')}</p>" for part in paragraphs)


def link_addresses(text: str) -> str:
    """Return ``text`` escaped, its http(s) and mail addresses as links."""
    parts, end, tries, links = [], 0, 0, 0
    for match in _URL_OR_AT.finditer(text):
        tries += 1
        if tries > _MAX_TRIES or links >= MAX_TEXT_LINKS:
            break
        found = _mail_at(text, match.start(), end) if match[0] == "@" else _url(match)
        if found is None or found[0] < end:
            continue
        start, stop, href = found
        links += 1
        parts.append(escape(text[end:start]))
        parts.append(f'<a href="{escape(href)}" rel="noopener noreferrer nofollow">')
        parts.append(f"{escape(text[start:stop])}</a>")
        end = stop
    parts.append(escape(text[end:]))
    return "".join(parts)


def _url(match: re.Match[str]) -> tuple[int, int, str] | None:
    """Return the span and target of an address, without the punctuation that ends a sentence."""
    url = match[0].rstrip(".,;:!?'*_~|")
    while url.endswith((")", "]")) and url.count("(") + url.count("[") < url.count(")") + url.count(
        "]"
    ):
        url = url[:-1].rstrip(".,;:!?'")
    if url.endswith("://"):
        return None
    return match.start(), match.start() + len(url), url


def _mail_at(text: str, at: int, floor: int) -> tuple[int, int, str] | None:
    local = _LOCAL_TAIL.search(text[max(floor, at - _MAX_LOCAL) : at])
    domain = _DOMAIN.match(text, at + 1) if local else None
    if local is None or domain is None:
        return None
    start = at - len(local[0])
    return start, domain.end(), f"mailto:{text[start : domain.end()]}"
