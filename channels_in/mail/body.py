"""The body of a mail: which leaves are it, their whole text, the part to see first, their HTML."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from channels_in.mail import calendar, uuencode
from channels_in.mail.attachments import is_tnef
from channels_in.mail.charset import decode_html, decode_text
from channels_in.mail.flowed import unflow
from channels_in.mail.inline_images import extract_data_images
from channels_in.mail.parsed import Body, Leaf
from channels_in.mail.quoted_html import html_history_as_quotes
from channels_in.mail.quotes import visible_text
from channels_in.mail.tnef import TnefError, read_tnef
from helpdesk.lib.html import MAX_CHARS, html_to_text, sanitise, text_to_html

MAX_TEXT = 5_000_000
_ALTERNATIVE = "multipart/alternative"
_READABLE = frozenset(("text/plain", "text/html", "text/markdown", "text/enriched"))
_STUB_LENGTH = 500
_STUB = re.compile(
    r"\bhtml\b.{0,200}\b(?:client|program\w*|programm\w*|reader|viewer|browser|application|app|"
    r"software|support\w*|display\w*|anzeig\w*|angezeigt|darst\w*|dargestellt|unterstütz\w*|view|"
    r"affich\w*|visuali\w*|logiciel|messagerie|formato?|format|version)\b"
    r"|\b(?:client|program\w*|browser|viewer|version|support\w*|display\w*|view|anzeig\w*|"
    r"logiciel|messagerie|affich\w*|visuali\w*)\b"
    r".{0,200}\bhtml\b",
    re.IGNORECASE | re.DOTALL,
)
_MARKUP = re.compile(r"\s*<(?:!doctype html|html[\s>])", re.IGNORECASE)
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff\ufffc\ufffe\uffff]")
_PGP_SIGNED = "-----BEGIN PGP SIGNED MESSAGE-----\n"
_PGP_SIGNATURE = "-----BEGIN PGP SIGNATURE-----"
_DASHED = re.compile(r"^- (?=-|From )", re.MULTILINE)
_WORDS = re.compile(r"\w+")
# So large a part of the words of a winmail.dat may be missing in the other texts: those of links.
UNSAID = 0.25


@dataclass(frozen=True, slots=True)
class _Segment:
    """One stretch of the body: its text, the text with history marked, its raw HTML if any."""

    text: str
    marked: str
    html: str | None
    leaves: tuple[int, ...]
    whole: bool = True


def build_body(leaves: Sequence[Leaf], *, is_reply: bool) -> tuple[Body, frozenset[int]]:
    """Return the body of a mail and the indices of the leaves that are wholly shown in it.

    Of an alternative the plain text counts, unless it is blank or says that HTML can't be
    shown; its HTML is kept to be shown. Further unnamed text leaves follow in order. A mail
    that is only a winmail.dat or an invitation gets the text in there; words that a winmail.dat
    says alone follow the others. ``visible_text`` is
    without history (see `quotes.visible_text`), and everything if nothing else were left.
    A leaf cut at MAX_TEXT or MAX_CHARS of HTML is not among the indices, so it is attached.
    """
    segments = _drop_twins(_segments(leaves))
    if any(segment.text.strip() for segment in segments):
        segments += _unsaid_segments(leaves, segments)
    else:
        segments += _hidden_segments(leaves)
    text = "\n\n".join(_trimmed(segment.text for segment in segments))
    visible = [_visible(segment, is_reply=is_reply) for segment in segments]
    shown = "\n\n".join(_trimmed(visible))
    body = Body(
        text=text[:MAX_TEXT],
        visible_text=(shown or text)[:MAX_TEXT],
        html=_joined_html(segments),
    )
    return body, frozenset(_shown(leaves, segments))


def _visible(segment: _Segment, *, is_reply: bool) -> str:
    """Return the segment without history; the marks of history vanish if all of it stays."""
    if segment.marked.startswith(_PGP_SIGNED):
        return visible_text(_without_armour(segment.marked), is_reply=is_reply)
    visible = visible_text(segment.marked, is_reply=is_reply)
    if visible != segment.marked.strip():
        return visible
    unmarked = is_reply and segment.html and segment.marked is segment.text
    return _visible_by_html(segment) if unmarked else segment.text


def _without_armour(text: str) -> str:
    """Return a text signed in place without what PGP put around it (RFC 4880 7)."""
    signed = text.partition("\n\n")[2].partition(_PGP_SIGNATURE)
    rest = signed[2].partition("-----END PGP SIGNATURE-----")[2]
    return _DASHED.sub("", signed[0]).rstrip() + rest


def _visible_by_html(segment: _Segment) -> str:
    """Return the text up to where its HTML says that history begins: not all texts mark it."""
    html = (segment.html or "")[:MAX_CHARS]
    typed = visible_text(html_history_as_quotes(html), is_reply=True)
    wanted = _WORDS.findall(typed)
    words = list(_WORDS.finditer(segment.text))
    if not wanted or [word[0] for word in words[: len(wanted)]] != wanted:
        return segment.text
    end = words[len(wanted) - 1].end()
    return (segment.text[:end] + segment.text[end:].partition("\n")[0]).strip()


def _trimmed(parts: Iterable[str]) -> Iterator[str]:
    """Yield the parts that are not blank without the blank lines around them."""
    return (part.strip("\n").rstrip() for part in parts if part.strip())


def _shown(leaves: Sequence[Leaf], segments: Iterable[_Segment]) -> Iterator[int]:
    """Yield the leaves that are wholly in the body; a blank one hides nothing."""
    for segment in segments:
        if segment.whole:
            yield from segment.leaves
    for index, leaf in enumerate(leaves):
        if _is_readable(leaf) and not leaf.payload.strip():
            yield index


def _segments(leaves: Sequence[Leaf]) -> list[_Segment]:
    """Group the readable leaves: one segment for each alternative and each leaf outside of any."""
    groups: dict[tuple[int, ...] | int, list[int]] = {}
    for index, leaf in enumerate(leaves):
        if _is_readable(leaf):
            key = _alternative(leaf)
            groups.setdefault(index if key is None else key, []).append(index)
    return [_segment(leaves, indices) for indices in groups.values()]


def _is_readable(leaf: Leaf) -> bool:
    # A mail that is nothing but one text is that text, whatever name it bears.
    unnamed = not leaf.filename or not leaf.parents
    return leaf.content_type in _READABLE and unnamed and leaf.disposition != "attachment"


def _alternative(leaf: Leaf) -> tuple[int, ...] | None:
    """Return the place of the outermost alternative a leaf stands in, or None."""
    if _ALTERNATIVE not in leaf.parents:
        return None
    depth = leaf.parents.index(_ALTERNATIVE)
    return (depth, *leaf.position[:depth])


def _segment(leaves: Sequence[Leaf], indices: list[int]) -> _Segment:
    plain = [index for index in indices if leaves[index].content_type != "text/html"]
    rich = [index for index in indices if leaves[index].content_type == "text/html"]
    plain = _one_branch(leaves, plain, first=True)
    rich = _one_branch(leaves, rich, first=False)
    texts = [_plain_text(leaves[index]) for index in plain]
    text = "\n".join(texts)
    if not rich and _MARKUP.match(text):
        return _rich_segment([text], tuple(plain))
    if not rich:
        return _Segment(text, text, None, tuple(plain), whole=len(text) <= MAX_TEXT)
    pages = [_page(leaves[index]) for index in rich]
    if not text.strip() or _is_stub(text):
        return _rich_segment(pages, (*plain, *rich))
    html = "\n".join(pages)
    return _Segment(text, text, html, (*plain, *rich), whole=_fits(text, html))


def _one_branch(leaves: Sequence[Leaf], indices: list[int], *, first: bool) -> list[int]:
    """Keep the leaves of one branch of the alternative: the first or last that is not blank."""
    if len(indices) < 2:
        return indices
    branches: dict[int, list[int]] = {}
    for index in indices:
        leaf = leaves[index]
        depth = leaf.parents.index(_ALTERNATIVE)
        branches.setdefault(leaf.position[depth], []).append(index)
    filled = [
        branch
        for branch in branches.values()
        if any(leaves[index].payload.strip() for index in branch)
    ] or list(branches.values())
    return filled[0] if first else filled[-1]


def _rich_segment(pages: list[str], indices: tuple[int, ...]) -> _Segment:
    html = "\n".join(pages)
    text = html_to_text(html[:MAX_TEXT])
    marked = html_history_as_quotes(html[:MAX_TEXT])
    return _Segment(text, marked, html, indices, whole=_fits(text, html))


def _fits(text: str, html: str) -> bool:
    return len(text) <= MAX_TEXT and len(html) <= MAX_CHARS


def _plain_text(leaf: Leaf) -> str:
    text = storable(decode_text(leaf.payload, leaf.charset))
    text, _ = uuencode.extract(text)
    params = {name.lower(): value.lower() for name, value in leaf.params}
    if params.get("format") == "flowed":
        text = unflow(text, delsp=params.get("delsp") == "yes")
    if leaf.content_type == "text/enriched":
        text = re.sub(r"<[^<>\n]{1,60}>", "", text)
    return text.rstrip()


def _page(leaf: Leaf) -> str:
    html, _ = extract_data_images(storable(decode_html(leaf.payload, leaf.charset)))
    return html


def storable(text: str) -> str:
    """Return ``text`` with plain line feeds and without what a database or JSON refuses."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _CONTROLS.sub("", text)
    return text.encode("utf-8", "replace").decode("utf-8")


def _is_stub(text: str) -> bool:
    return len(text) <= _STUB_LENGTH and bool(_STUB.search(text))


def _drop_twins(segments: list[_Segment]) -> list[_Segment]:
    """Join a plain and an HTML segment of the same words: an alternative that was sent as mixed."""
    if len(segments) < 2:
        return segments
    kept: list[_Segment] = []
    for segment in segments:
        twin = kept[-1] if kept else None
        if twin is not None and segment.html and twin.html is None and _same(twin, segment):
            leaves = (*twin.leaves, *segment.leaves)
            whole = twin.whole and segment.whole
            kept[-1] = _Segment(twin.text, twin.marked, segment.html, leaves, whole=whole)
        else:
            kept.append(segment)
    return kept


def _same(one: _Segment, two: _Segment) -> bool:
    words = _WORDS.findall(one.text[:100_000])
    return bool(words) and words == _WORDS.findall(two.text[:100_000])


def _joined_html(segments: Iterable[_Segment]) -> str | None:
    segments = list(segments)
    if not any(segment.html for segment in segments):
        return None
    room, parts = MAX_CHARS, []
    for segment in segments:
        raw = segment.html if segment.html is not None else text_to_html(segment.text[:room])
        parts.append(sanitise(raw[:room]).strip())
        room = max(0, room - len(raw))
    return "\n".join(part for part in parts if part) or None


def _hidden_segments(leaves: Sequence[Leaf]) -> list[_Segment]:
    """Return the text of a mail without any: from a winmail.dat, else from an invitation."""
    for leaf in leaves:
        segment = _tnef_segment(leaf) if is_tnef(leaf) else None
        if segment is not None:
            return [segment]
    for leaf in leaves:
        if leaf.content_type == "text/calendar":
            card = calendar.read_card(decode_text(leaf.payload, leaf.charset))
            text = storable(card.as_text()) if card else ""
            return [_Segment(text, text, None, ())]
    return []


def _unsaid_segments(leaves: Sequence[Leaf], segments: Sequence[_Segment]) -> list[_Segment]:
    """Return the text of a winmail.dat whose words the mail's own texts do not say.

    Outlook says the same in both; but a gateway's footer may be all that stands beside it.
    """
    containers = [leaf for leaf in leaves if is_tnef(leaf)]
    if not containers:
        return []
    said = {word for segment in segments for word in _words(segment.text)}
    found = filter(None, map(_tnef_segment, containers))
    return [one for one in found if len((own := _words(one.text)) - said) > len(own) * UNSAID]


def _words(text: str) -> set[str]:
    return set(_WORDS.findall(text.casefold()))


def _tnef_segment(leaf: Leaf) -> _Segment | None:
    try:
        tnef = read_tnef(leaf.payload)
    except TnefError:
        return None
    if tnef.html:
        return _rich_segment([storable(tnef.html)], ())
    text = storable(tnef.text)
    return _Segment(text, text, None, ()) if text.strip() else None
