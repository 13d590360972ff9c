"""Mail addresses: lists of them taken apart tolerantly, checked and compared; pure and linear."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_RECIPIENTS = 20_000
_LONGEST = 320
_LONGEST_ANGLE = 1000
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\x80-\U0010ffff-]+"
_LOCAL = re.compile(rf'(?:{_ATOM}(?:\.+{_ATOM})*\.?|"[^"\x00-\x1f]{{0,100}}")\Z')
_LABEL = (
    r"[A-Za-z0-9\x80-\U0010ffff_](?:[A-Za-z0-9\x80-\U0010ffff_-]{0,61}[A-Za-z0-9\x80-\U0010ffff_])?"
)
_DOMAIN = re.compile(rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[0-9A-Za-z:.]{{2,60}}\])\Z")
_PLAIN = re.compile(r'[^\s"()<>,;:\\=\[]+')
_WORD_START = re.compile(r"=\?[^?\s]{0,80}\?[bBqQ]\?")
_UNESCAPE = re.compile(r"\\(.)", re.DOTALL)
_COMMENT = re.compile(r"\([^()]*\)")
_UNDISCLOSED = re.compile(
    r"(?:undisclosed|unlisted|unspecified)[- _]?recipients?:?@", re.IGNORECASE
)
_INSIDE = re.compile(r"[\s\x00-\x1f\x7f]+")


@dataclass(slots=True)
class _Entry:
    """One mailbox being read: words of its name, a bare address, an address in angles."""

    words: list[tuple[str, bool]]
    comment: str = ""
    angle: str | None = None

    def is_blank(self) -> bool:
        return not self.words and self.angle is None and not self.comment


def normalise(address: str) -> str:
    """Return the form in which two addresses are compared: lower case, domain in ASCII.

    Local parts are folded too: no provider tells people apart by case. An
    international domain becomes its IDNA 2008 form, so both spellings are one.
    """
    local, at, domain = address.strip().rpartition("@")
    return f"{local.casefold()}{at}{_ascii_domain(domain.rstrip('.'))}"


def domain_of(address: str) -> str:
    """Return the comparable domain of an address, empty if it has none."""
    return normalise(address).rpartition("@")[2] if "@" in address else ""


def is_valid(address: str) -> bool:
    """Tell whether an address could be sent to: one @, sound parts, no control or blank."""
    local, at, domain = address.rpartition("@")
    if not at or len(address) > _LONGEST or not _LOCAL.match(local):
        return False
    return len(domain) <= 253 and bool(_DOMAIN.match(domain))


def looks_like_address(name: str) -> bool:
    """Tell whether a display name pretends to be a mail address (mail.md 54)."""
    for word in name[:2000].replace("<", " ").replace(">", " ").split():
        local, at, domain = word.strip("()[],;:\"'").rpartition("@")
        if at and local and "." in domain and is_valid(f"{local}@{domain}"):
            return True
    return False


def parse_list(text: str, *, limit: int = MAX_RECIPIENTS) -> list[tuple[str, str]]:
    """Take an address list apart into (name, address), in order, at most ``limit``.

    Groups, comments, routes, semicolons, missing brackets and quotes, unquoted
    commas in names are understood. Encoded words (RFC 2047) are opaque: in
    names they are returned as they are, in addresses never decoded. An entry
    without an @ comes back as a name with an empty address.
    """
    boxes: list[tuple[str, str]] = []
    carried = ""
    for entry, ended_by in _entries(text):
        name, address = _finish(entry)
        if not address and ended_by == "," and name and entry.angle is None:
            carried = f"{carried}, {name}"[:_LONGEST] if carried else name
            continue
        if carried:
            joined = bool(address) and entry.angle is not None and bool(name)
            if not joined:
                boxes.append((carried, ""))
            name, carried = (f"{carried}, {name}" if joined else name), ""
        if (name or address) and not _UNDISCLOSED.match(address):
            boxes.append((name, address))
        if len(boxes) >= limit:
            return boxes[:limit]
    return [*boxes, (carried, "")] if carried else boxes


def _entries(text: str) -> Iterator[tuple[_Entry, str]]:
    """Yield each mailbox with the separator that ended it; one pass over the text."""
    reader = _Reader(text)
    entry = _Entry(words=[])
    while reader.at < len(text):
        char = text[reader.at]
        if char in ",;":
            reader.at += 1
            yield entry, char
            entry = _Entry(words=[])
        elif char == ":" and entry.angle is None and not _has_at(entry):
            # What stood before is the name of a group, or "[mailto".
            reader.at += 1
            is_link = bool(entry.words) and entry.words[-1][0].lower() in {"mailto", "[mailto"}
            entry = _Entry(words=entry.words[:-1] if is_link else [])
        else:
            reader.read_into(entry)
    yield entry, ""


class _Reader:
    """Reads tokens at a position; knows once and for all which brackets never close."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self._closing = _matching_parentheses(text) if "(" in text else {}
        self._no_more: set[str] = set()

    def read_into(self, entry: _Entry) -> None:
        """Read one token and add it to the entry; always moves on."""
        char = self.text[self.at]
        if char.isspace():
            self.at += 1
        elif char == '"':
            self._quoted(entry)
        elif char == "(":
            self._comment(entry)
        elif char == "<":
            self._angle(entry)
        else:
            self._word(entry)

    def _quoted(self, entry: _Entry) -> None:
        end = self._end_of_quote(self.at + 1)
        if end < 0:
            self.at += 1
            return
        content = _UNESCAPE.sub(r"\1", self.text[self.at + 1 : end])
        if self.text[end + 1 : end + 2] == "@":
            content = self.text[self.at : end + 1]
        self._add(entry, content, end + 1)

    def _end_of_quote(self, at: int) -> int:
        if '"' in self._no_more:
            return -1
        while (end := self.text.find('"', at)) >= 0:
            slashes = len(self.text[at:end]) - len(self.text[at:end].rstrip("\\"))
            if slashes % 2 == 0:
                return end
            at = end + 1
        self._no_more.add('"')
        return -1

    def _comment(self, entry: _Entry) -> None:
        end = self._closing.get(self.at)
        if end is None:
            self.at += 1
            return
        entry.comment = entry.comment or self.text[self.at + 1 : end].strip()
        self.at = end + 1

    def _angle(self, entry: _Entry) -> None:
        start = self.at + 1
        end = -1 if ">" in self._no_more else self.text.find(">", start)
        if end < 0:
            self._no_more.add(">")
            # The bracket never closes: the address ends with the entry.
            found = re.compile(r"[,;]|\Z").search(self.text, start)
            end = found.start() if found else len(self.text)
        inside = self.text[start:end].lstrip("<")
        self.at = end + (self.text[end : end + 1] == ">")
        while self.text[self.at : self.at + 1] == ">":
            self.at += 1
        if entry.angle is None or "@" not in entry.angle:
            entry.angle = inside

    def _word(self, entry: _Entry) -> None:
        start = self.at
        while True:
            end = self._piece(self.at)
            if end == self.at:
                break
            self.at = end
        if self.at == start:
            self.at += 1
        self._add(entry, self.text[start : self.at], self.at)

    def _piece(self, at: int) -> int:
        """Return the end of the encoded word, atom or odd character at a position."""
        word = None if "?=" in self._no_more else _WORD_START.match(self.text, at)
        if word:
            end = self.text.find("?=", word.end())
            if end >= 0:
                return end + 2
            self._no_more.add("?=")
        plain = _PLAIN.match(self.text, at)
        if plain:
            return plain.end()
        if self.text[at : at + 1] in {"=", "[", "\\"}:
            return at + 1
        return at

    def _add(self, entry: _Entry, word: str, end: int) -> None:
        """Add a word, glued to the last one if no blank stood between (``"a b"@x``)."""
        start_blank = self._blank_before(end, word)
        entry.words.append((word, start_blank))
        self.at = end

    def _blank_before(self, end: int, word: str) -> bool:
        before = self.text[max(end - len(word) - 1, 0)] if end - len(word) > 0 else " "
        return before.isspace() or before in '")>:'


def _matching_parentheses(text: str) -> dict[int, int]:
    """Return where each opening parenthesis closes, those left out that never do."""
    closing: dict[int, int] = {}
    open_at: list[int] = []
    for match in re.finditer(r"\\.|[()]", text, re.DOTALL):
        if match[0] == "(":
            open_at.append(match.start())
        elif match[0] == ")" and open_at:
            closing[open_at.pop()] = match.start()
    return closing


def _has_at(entry: _Entry) -> bool:
    return any("@" in word for word, _ in entry.words)


def _finish(entry: _Entry) -> tuple[str, str]:
    if entry.is_blank():
        return "", ""
    if entry.angle is not None:
        address = _address(entry.angle[:_LONGEST_ANGLE])
        if "@" in address:
            return _name(entry.words) or entry.comment, address
        return (_name(entry.words) or entry.comment or address), ""
    return _bare(entry)


def _bare(entry: _Entry) -> tuple[str, str]:
    """An entry without angle brackets: the word with the @ is the address."""
    words = _glue(entry.words)
    for index, word in enumerate(words):
        address = _address(word[:_LONGEST_ANGLE].strip("[]'"))
        if "@" in address.strip("@"):
            name = " ".join([*words[:index], *words[index + 1 :]]).strip("[]' -")
            return name or entry.comment, address
    return " ".join(words) or entry.comment, ""


def _glue(words: list[tuple[str, bool]]) -> list[str]:
    glued: list[str] = []
    for word, after_blank in words:
        if glued and not after_blank:
            glued[-1] += word
        elif glued and (word.startswith("@") or glued[-1].endswith("@")):
            # "hans @ example.org": the obsolete syntax allows blanks there.
            glued[-1] += word
        else:
            glued.append(word)
    return glued


def _name(words: list[tuple[str, bool]]) -> str:
    return " ".join(_glue([(word, blank or "@" not in word) for word, blank in words])).strip()


def _address(inside: str) -> str:
    """Clean what stood in angle brackets: no blanks, mailto:, source route or stray brackets."""
    text = inside.strip() if '"' in inside else _INSIDE.sub("", _COMMENT.sub("", inside))
    if text[:7].lower() == "mailto:":
        text = text[7:].partition("?")[0]
    if text.startswith("@") and ":" in text:
        text = text.rpartition(":")[2]
    return text.strip("<>,;").rstrip(".")


def _ascii_domain(domain: str) -> str:
    lowered = domain.lower()
    if lowered.isascii() and "xn--" not in lowered:
        return lowered
    import idna  # noqa: PLC0415 - lazy: tables of 10 ms that few mails need

    try:
        return idna.encode(lowered, uts46=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError):
        return lowered
