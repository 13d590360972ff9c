"""What mail programs mark as history in HTML, so that `quotes` can tell it from typed text."""

import re
from html import unescape

from helpdesk.lib.html_text import Quote, html_to_quoted_text
from helpdesk.lib.html_tokens import attributes

_CONTAINER_CLASS = re.compile(
    r"(?:\A|\s|_)(?:gmail_quote(?:_container)?|\w{0,40}yahoo_quoted|protonmail_quote|moz-cite-prefix|"
    r"zmail_extra|tutanota_quote|mailbox_quote|quoted-mail|gmx_quote|webde_quote|"
    r"ms-outlook-mobile-reference-message|mail-editor-reference-message-container|"
    r"hcfmailquote|samsung_quote|fairemail_quote|x_gmail_quote|iosymail|mi_quote)(?:\s|\Z)|\Aquote\Z",
    re.IGNORECASE,
)
# Frames around a "wrote" line and quotes; only what stands in the quotes is history.
_FRAMES = re.compile(r"(?:\A|\s|_)(?:gmail_quote(?:_container)?|protonmail_quote)(?:\s|\Z)")
_CUT_BY_PIECES = re.compile(
    r"<blockquote\b[^>]{0,400}\bclass=[\"']?[^\"'>]{0,40}(?:gmail|protonmail)_quote", re.IGNORECASE
)
_PASSED_ON = re.compile(r"\bclass=[\"']?gmail_attr[^>]{0,40}>\s{0,9}-{5}", re.IGNORECASE)
_REST_IDS = re.compile(
    r"(?:\A|_)(?:divrplyfwdmsg|appendonsend|stopspelling|zwchr)\Z", re.IGNORECASE
)
_CONTAINER_IDS = re.compile(
    r"(?:\A|_)(?:yahoo_quoted|mail-editor-reference-message-container|isforwardcontent|"
    r"isreplycontent|reply-?intro|ms-outlook-mobile-reference-message)",
    re.IGNORECASE,
)
_OUTLOOK_LINE = re.compile(
    r"border:none;border-top:solid#(?:e1e1e1|b5c4df)1\.0pt;padding:3\.0pt0", re.IGNORECASE
)
_INTERESTING = re.compile(
    r"quote|cite|rply|append|reference|border-top|isre|zwchr|extra|stopspelling|reply|iosymail",
    re.IGNORECASE,
)


def html_history_as_quotes(html: str) -> str:
    """Return the text of ``html`` in which ``>`` marks what mail programs mark as history.

    Block quotes that a person typed get no mark, so `quotes.visible_text` keeps them.
    """
    by_pieces = _CUT_BY_PIECES.search(html) or _PASSED_ON.search(html)
    return html_to_quoted_text(html, _find_in_pieces if by_pieces else _find_quote)


def _find_in_pieces(name: str, raw: str) -> Quote:
    """Find quotes where their frame holds more: answers typed between them, a mail passed on."""
    found = _find_quote(name, raw)
    if found != "inside" or name == "blockquote":
        return found
    framed = attributes(raw)
    return None if _FRAMES.search(framed.get("class", "")) else found


def _find_quote(name: str, raw: str) -> Quote:
    if not raw or not _INTERESTING.search(raw):
        return None
    found = attributes(raw)
    if name == "blockquote":
        if found.get("type", "").lower() == "cite" or "cite" in found:
            return "inside"
    elif found.get("name", "").lower() == "quote":
        return "inside"
    return _by_names(found)


def _by_names(found: dict[str, str]) -> Quote:
    identity = found.get("id", "")
    if _REST_IDS.search(identity):
        return "rest"
    style = re.sub(r"\s+", "", unescape(found.get("style", "")))
    if style and _OUTLOOK_LINE.search(style):
        return "rest"
    if _CONTAINER_CLASS.search(found.get("class", "")) or _CONTAINER_IDS.search(identity):
        return "inside"
    return None
