"""The one place where foreign HTML becomes safe, and where HTML and plain text become each other.

Nothing else in the product may mark text from outside as safe. Two walls stand behind each
other: `html_bounds` rewrites the input as a small well-nested copy of allowed tags, then nh3
parses that copy by the HTML5 algorithm and decides again on every tag, attribute and address.
"""

import re
from collections.abc import Mapping
from html import escape, unescape
from urllib.parse import unquote, urlsplit

import nh3

from helpdesk.lib.html_bounds import MAX_CHARS, MAX_DEPTH, MAX_LINKS, bounded_copy
from helpdesk.lib.html_text import html_to_text, text_to_html
from helpdesk.lib.html_tokens import words

__all__ = [
    "MAX_CHARS",
    "MAX_DEPTH",
    "MAX_LINKS",
    "html_to_text",
    "load_remote",
    "referenced_cids",
    "remote_pictures",
    "resolve_cid",
    "sanitise",
    "sanitise_answer",
    "sanitise_knowledge",
    "sanitise_marked",
    "show_pictures",
    "text_to_html",
]

_PLAIN_TAGS = words(
    "abbr address article aside b big blockquote br caption center cite code dd del dfn dir div "
    "dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i ins kbd li main mark "
    "nav ol p pre q s samp section small span strike strong sub sup table tbody td tfoot th "
    "thead tr tt u ul var wbr"
)
_IMAGE = frozenset(("src", "alt", "width", "height", "data-cid", "data-remote-src"))
_SPAN = frozenset(("colspan", "rowspan"))
_MAIL: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(_PLAIN_TAGS, frozenset[str]()),
    "a": frozenset(("href",)),
    "img": _IMAGE,
    "ol": frozenset(("start",)),
    "td": _SPAN,
    "th": _SPAN,
}
_ANSWER: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(
        words("b blockquote br code em h2 h3 h4 i li ol p pre s strong u ul"), frozenset[str]()
    ),
    "a": frozenset(("href",)),
}
# What the marks of a typed text stand for.
_MARKED: dict[str, set[str]] = {
    **{tag: set[str]() for tag in words("blockquote br em h2 li p strong ul")},
    "a": {"href"},
    "ol": {"start"},
}
# Pictures are named by the key of a file of ours; an address of their own they have none.
_KNOWLEDGE: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(words("blockquote br em h2 h3 li ol p strong ul"), frozenset[str]()),
    "a": frozenset(("href",)),
    "img": frozenset(("data-cid",)),
}
# Editors and word processors say the same in other words.
_SYNONYMS = {
    **dict.fromkeys(("h1", "h2"), "h2"),
    **dict.fromkeys(("h4", "h5", "h6"), "h3"),
    **dict.fromkeys(("div", "tr", "dt", "dd", "pre", "caption"), "p"),
    "b": "strong",
    "i": "em",
}
_SYNONYM_TAG = re.compile(rf"<(/?)({'|'.join(_SYNONYMS)})(?=[\s/>])", re.IGNORECASE)
_CELL_END = re.compile(r"</t[dh]\s*>", re.IGNORECASE)
_SCHEMES = {"http", "https", "mailto", "tel", "cid"}
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
_TARGET = re.compile(r"(?:https?://[^/\s\\]|mailto:|tel:)", re.IGNORECASE)
_WITHIN = re.compile(r"/w/[0-9]{1,12}\Z")
_KEY = re.compile(r"[0-9]{1,12}\Z")
_PICTURE = re.compile(r"(?:https?://[^/\s\\]|cid:)", re.IGNORECASE)
_REMOTE = re.compile(r"https?://[^/\s\\]", re.IGNORECASE)
_SMALL_NUMBER = re.compile(r"[0-9]{1,3}")
_PIXELS = re.compile(r"(?:[0-9]{1,3}|1[0-9]{3})")
_JUDGES: Mapping[str, re.Pattern[str]] = {
    "href": _TARGET,
    "src": _PICTURE,
    "data-remote-src": _REMOTE,
    "width": re.compile(rf"{_PIXELS.pattern}\Z"),
    "height": re.compile(rf"{_PIXELS.pattern}\Z"),
    "start": re.compile(r"[0-9]{1,6}\Z"),
    "colspan": re.compile(rf"{_SMALL_NUMBER.pattern}\Z"),
    "rowspan": re.compile(rf"{_SMALL_NUMBER.pattern}\Z"),
    "dir": re.compile(r"(?:ltr|rtl|auto)\Z", re.IGNORECASE),
}
# What nh3 writes is canonical: attributes in double quotes, "<" and ">" in them escaped.
_OUT_IMAGE = re.compile(r"<img((?: [a-z-]+=\"[^\"]*\")*)>")
_OUT_LINK = re.compile(r"<a [^>]*?href=\"([^\"]*)\"[^>]*>(.*?)</a>", re.DOTALL)
_OUT_DEAD_LINK = re.compile(r"<a(?: (?!href=)[a-z-]+=\"[^\"]*\")*>(.*?)</a>", re.DOTALL)
_OUT_TAG = re.compile(r"<[^>]*>")
_OUT_NAMELESS_IMAGE = re.compile(r"<img(?![^>]* data-cid=\"[0-9])[^>]*>")
_OUT_PICTURE = re.compile(r"<img data-cid=\"([0-9]+)\">")
_OUT_CID = re.compile(r"(<img[^>]*?) data-cid=\"([^\"]*)\"")
_HELD_BACK = re.compile(r" data-remote-src=\"([^\"]*)\"")
_ADDRESS_IN_TEXT = re.compile(
    r"(?:https?://|www\.)[^\s<>]{1,2000}|\A[\w-]{1,63}(?:\.[\w-]{1,63}){1,10}(?:[/:?#]\S*)?\Z"
    r"|\A[^\s@]{1,64}@[^\s@]{1,255}\Z",
    re.IGNORECASE,
)
_FILE_LIKE = re.compile(
    r"\.(?:pdf|docx?|xlsx?|pptx?|od[tsp]|zip|jpe?g|png|gif|txt|html?|php|csv|ics|eml|msg)\Z",
    re.IGNORECASE,
)
_SHOWN_TARGET = 300


def sanitise(html: str) -> str:
    """Return foreign HTML that is safe to show: an allow-list of tags and attributes is left.

    No style, class, id or name survives. Links go to http, https, mailto or tel, in a new
    tab and without referrer; one whose text names another address gets its real target in
    square brackets behind it. No image loads by itself: a remote one keeps its address in
    ``data-remote-src``, one of the mail in ``data-cid`` (see `resolve_cid`). Reads at most
    MAX_CHARS characters. Time is linear in the input; what it returns is stable under
    another pass.
    """
    return _show_targets(_quiet_images(_clean(html, _MAIL)))


def sanitise_answer(html: str) -> str:
    """Return an agent's rich text cut down to what answers may hold; no pictures, no tables."""
    return _clean(html, _ANSWER)


def sanitise_knowledge(html: str) -> str:
    """Return an answer of the knowledge base cut down to what its pages may hold.

    Headings are h2 and h3. A link goes to http, https, mailto, tel or, within this site, to
    ``/w/<number>``; it opens where the reader is. A picture is ``<img data-cid="…">`` and loads
    nothing until `show_pictures` gives it an address; any other is dropped.
    """
    plain = _CELL_END.sub(" ", _SYNONYM_TAG.sub(_by_synonym, html[:MAX_CHARS]))
    clean = nh3.clean(
        bounded_copy(plain, _KNOWLEDGE),
        tags=set(_KNOWLEDGE),
        clean_content_tags={"script", "style"},
        attributes={"a": {"href"}, "img": {"data-cid"}},
        attribute_filter=_judge_knowledge,
        link_rel=None,
        url_schemes=_SCHEMES,
        url_relative="pass_through",
    )
    return _OUT_NAMELESS_IMAGE.sub("", _OUT_DEAD_LINK.sub(r"\1", clean))


def sanitise_marked(html: str) -> str:
    """Return what marks were read as, cut down to the few tags that they stand for.

    A link opens where its reader is: it is read in mails and on pages outside as well.
    """
    return nh3.clean(
        html,
        tags=set(_MARKED),
        clean_content_tags={"script", "style"},
        attributes=_MARKED,
        attribute_filter=_judge,
        link_rel="noopener noreferrer nofollow",
        url_schemes=_SCHEMES,
        url_relative="deny",
    )


def show_pictures(
    html: str,
    pictures: Mapping[str, tuple[str, str]],
    sizes: Mapping[str, tuple[int, int]] | None = None,
) -> str:
    """Give the pictures in sanitised ``html`` address and description (key → both).

    One that is not among ``pictures`` is left out. Each is loaded when it comes near to be seen;
    where ``sizes`` knows its pixels, the page keeps room for it meanwhile.
    """

    def put(match: re.Match[str]) -> str:
        found = pictures.get(unescape(match[1]))
        if found is None:
            return ""
        address, alt = found
        width, height = (sizes or {}).get(match[1], (0, 0))
        room = f' width="{width}" height="{height}"' if width and height else ""
        named = f'src="{escape(address)}" alt="{escape(alt)}"'
        return f'<img data-cid="{match[1]}" {named}{room} loading="lazy">'

    return _OUT_PICTURE.sub(put, html)


def resolve_cid(html: str, urls: Mapping[str, str]) -> str:
    """Point the mail's own images in sanitised ``html`` to ``urls`` (content id → address)."""

    def put(match: re.Match[str]) -> str:
        url = urls.get(unescape(match[2]))
        return match[0] if url is None else f'{match[1]} src="{escape(url)}"'

    return _OUT_CID.sub(put, html)


def referenced_cids(html: str) -> frozenset[str]:
    """Return the content ids that sanitised ``html`` shows."""
    return frozenset(unescape(match[2]) for match in _OUT_CID.finditer(html))


def remote_pictures(html: str) -> int:
    """Return how many pictures of other servers sanitised ``html`` would show if it might."""
    return sum(_HELD_BACK.search(match[0]) is not None for match in _OUT_IMAGE.finditer(html))


def load_remote(html: str) -> str:
    """Let sanitised ``html`` load its pictures from other servers, without saying from where."""

    def put(match: re.Match[str]) -> str:
        shown = _HELD_BACK.sub(r' src="\1" referrerpolicy="no-referrer"', match[0], count=1)
        return shown if " src=" in shown else match[0]

    return _OUT_IMAGE.sub(put, html)


def _clean(html: str, allowed: Mapping[str, frozenset[str]]) -> str:
    attributes = {name: set(names) for name, names in allowed.items() if names}
    clean = nh3.clean(
        bounded_copy(html, allowed),
        tags=set(allowed),
        clean_content_tags={"script", "style"},
        attributes={**attributes, "*": {"dir"}},
        attribute_filter=_judge,
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
        url_schemes=_SCHEMES,
        url_relative="deny",
    )
    return _OUT_DEAD_LINK.sub(r"\1", clean)


def _judge(_tag: str, name: str, value: str) -> str | None:
    """Keep a decoded attribute value, clean it, or refuse it with None."""
    flat = _CONTROLS.sub("", value).strip()
    judge = _JUDGES.get(name)
    return flat if judge is None or judge.match(flat) else None


def _by_synonym(match: re.Match[str]) -> str:
    return f"<{match[1]}{_SYNONYMS[match[2].lower()]}"


def _judge_knowledge(_tag: str, name: str, value: str) -> str | None:
    flat = _CONTROLS.sub("", value).strip()
    if name == "data-cid":
        return flat if _KEY.match(flat) else None
    return flat if _TARGET.match(flat) or _WITHIN.match(flat) else None


def _quiet_images(html: str) -> str:
    """Take ``src`` from every image of canonical ``html``: data-cid or data-remote-src instead."""
    return _OUT_IMAGE.sub(_quiet_image, html)


def _quiet_image(match: re.Match[str]) -> str:
    kept = match[1]
    if ' src="' in kept:
        kept = re.sub(r' data-(?:cid|remote-src)="[^"]*"', "", kept)
        kept = re.sub(r' src="cid:([^"]*)"', _cid_attribute, kept, flags=re.IGNORECASE)
        kept = kept.replace(' src="', ' data-remote-src="')
    if ' alt="' not in kept:
        kept += ' alt=""'
    return f"<img{kept}>"


def _cid_attribute(match: re.Match[str]) -> str:
    cid = _CONTROLS.sub("", unquote(unescape(match[1]))).strip()
    # Written as nh3 writes attributes, so that another pass changes nothing.
    return f' data-cid="{escape(cid, quote=False).replace(chr(34), "&quot;")}"'


def _show_targets(html: str) -> str:
    """Write the real target behind each link whose text names another address."""
    parts, end = [], 0
    for match in _OUT_LINK.finditer(html):
        note = _target_note(unescape(match[1]), unescape(_OUT_TAG.sub("", match[2])).strip())
        parts.append(html[end : match.end()])
        end = match.end()
        if note and not html.startswith(note, end):
            parts.append(note)
    parts.append(html[end:])
    return "".join(parts)


def _target_note(href: str, text: str) -> str:
    claimed = _ADDRESS_IN_TEXT.search(text[:_SHOWN_TARGET])
    if claimed is None or _FILE_LIKE.search(claimed[0]):
        return ""
    if _place(claimed[0]) == _place(href):
        return ""
    return f" [{escape(href[:_SHOWN_TARGET], quote=False)}]"


def _place(address: str) -> str:
    """Reduce a link, a bare host or a mail address to what makes it the same place."""
    address = address.strip().lower()
    if "@" in address and not address.startswith(("http", "www.")):
        return address.removeprefix("mailto:").partition("?")[0]
    if not address.startswith(("http:", "https:", "tel:", "mailto:")):
        address = f"http://{address}"
    try:
        return (urlsplit(address).hostname or address).removeprefix("www.").rstrip(".,;:!?)")
    except ValueError:
        return address
