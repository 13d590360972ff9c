"""Bounces without a proper report: what mailers wrote in prose, and which mail they mean."""

import email
import email.policy
import re
from collections.abc import Sequence
from dataclasses import dataclass

from channels_in.mail.automatic import has_null_return_path, is_daemon
from channels_in.mail.charset import decode_text
from channels_in.mail.fields import find_mailboxes, find_message_id
from channels_in.mail.headers import Headers, clean_line, decode_header, split_head
from channels_in.mail.mime import MimeTree
from channels_in.mail.parsed import Bounce, Mailbox
from helpdesk.lib.subjects import is_forwarded

_RETURNED_TYPES = frozenset(
    {"message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers"}
)
_MAX_RECIPIENTS = 1000
_LONGEST_TEXT = 64 * 1024
_LONGEST_DIAGNOSTIC = 500
_LONGEST_PROSE = 3000
_LONGEST_RAW = 256 * 1024
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"'@]{1,128}@[A-Za-z0-9.-]{3,253}[A-Za-z0-9]")
_REPLY_CODE = re.compile(r"(?<![\d.])(?:#?([45])\.\d{1,3}\.\d{1,3}|([45])\d\d[ -])(?!\d)")
_MESSAGE_ID_LINE = re.compile(
    r"^[ \t>]{0,8}Message-ID:[ \t]{0,8}(?:\n[ \t]{1,8})?(<[^<>\s]{3,300}>)",
    re.IGNORECASE | re.MULTILINE,
)
_TO_LINE = re.compile(r"^[ \t>]{0,8}To:([^\n]{3,400})", re.IGNORECASE | re.MULTILINE)
_SUBJECTS = re.compile(
    r"undeliver|unzustellbar|nicht zugestellt|nicht zustellbar|failure notice|returned mail"
    r"|delivery (?:status|failure|failed|has failed|problem|error)|mail delivery"
    r"|delivery notification|could not (?:be )?(?:deliver|send)|could not send message|delayed"
    r"|mail system error|non remis|message status|echec|nicht ausgeliefert|unable to deliver"
    r"|mail failure|error sending your mail|bounce notification|non recapitat|non consegnat"
    r"|no se ha podido entregar|niet (?:bezorgd|afgeleverd)|nie dostarczono|kan ikke leveres"
    r"|nebyl[ao]? doru\u010den"
    r"|\u914d\u4fe1\u3067\u304d\u307e\u305b\u3093|\u9000\u4fe1|\u7cfb\u7edf\u9000\u4fe1",
    re.IGNORECASE,
)
# No mail system answers a report, or passes one on.
_ANSWERED = re.compile(r"\s*(?:re|aw|sv|antw)\s?:", re.IGNORECASE)
_SYSTEM_NAMES = re.compile(
    r"mail ?(?:er)?[ -]?(?:delivery|daemon|administrator)|system administrator|postmaster"
    r"|delivery (?:sub)?system|mdaemon|microsoft ?exchange",
    re.IGNORECASE,
)
_DELAY_WORDS = re.compile(
    r"\bdelay(?:ed)?\b|will (?:continue to|be) retr|still (?:being )?tr(?:ied|ying)"
    r"|warning message only|not yet been delivered|verz\u00f6gert"
    # The word alone may be denied: "this is not a temporary error".
    r"|(?<!not a )temporar(?:y|ily) (?:error|failure|problem|condition|deferr|unavailable|lookup)",
    re.IGNORECASE,
)


_SAYS_SO = re.compile(
    r"could not be delivered to|did not reach the following recipient|is undeliverable"
    r"|konnte nicht zugestellt werden|wurde nicht zugestellt|n'a pas pu \u00eatre remis"
    r"|following addresses had (?:delivery errors|permanent)",
    re.IGNORECASE,
)
# Why a mailer says that an address failed, without a code.
_REASON = re.compile(
    r"user unknown|unknown user|no such (?:user|recipient|mailbox)|(?:does|do) not exist|not found"
    r"|mailbox .{0,10}full|\bdisabled\b|\brejected\b|not recogni[sz]ed|malformed address"
    r"|existiert nicht|unbekannt|postfach .{0,12}voll|could not be delivered",
    re.IGNORECASE,
)
# Where what was written ends and what came back begins.
_CAME_BACK = re.compile(
    r"^[ \t>]{0,8}(?:Return-Path|Received|Message-ID):", re.IGNORECASE | re.MULTILINE
)
_REASON_REACH = 160
_MOST_OURS = 20


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a bounce is judged by."""

    raw: bytes
    headers: Headers
    tree: MimeTree
    senders: Sequence[Mailbox]
    text: str
    subject: str


def may_be_bounce(mail: Evidence) -> bool:
    """Tell whether a mail without a proper report is worth a closer look."""
    if mail.headers.first("x-failed-recipients"):
        return True
    answered = (mail.headers.text("auto-submitted") or "").lower().startswith("auto-replied")
    if answered and not _SUBJECTS.search(mail.subject):
        return False
    if is_daemon(mail.senders) or mail.tree.top.value == "multipart/report":
        return True
    # People are postmasters too: the name of a system alone proves nothing.
    nobody = has_null_return_path(mail.headers)
    if nobody and not answered and _SAYS_SO.search(mail.text, 0, _LONGEST_PROSE):
        return True
    system = nobody or any(
        _SYSTEM_NAMES.search(f"{mailbox.name} {mailbox.email}") for mailbox in mail.senders
    )
    by_person = is_forwarded(mail.subject) or _ANSWERED.match(mail.subject)
    return system and not by_person and bool(_SUBJECTS.search(mail.subject))


def bounce_from_text(mail: Evidence) -> Bounce | None:
    """Read the report of a mailer that writes prose: qmail, Exim, Exchange and their like."""
    failed = _failed_header(mail.headers)
    temporary: list[str] = []
    if not failed:
        temporary, failed = _known_forms(mail.raw)
    if not failed and not temporary:
        temporary, failed = _addresses_with_codes(mail.text[:_LONGEST_TEXT])
    if not failed and not temporary:
        failed = _addresses_with_reasons(mail)
    if not failed and not temporary:
        failed = _addressees(mail)
    recipients = tuple(dict.fromkeys([*failed, *temporary]))[:_MAX_RECIPIENTS]
    if not recipients and not _SUBJECTS.search(mail.subject):
        return None
    code = _REPLY_CODE.search(mail.text, 0, _LONGEST_TEXT)
    delayed = bool(_DELAY_WORDS.search(mail.subject))
    if code is None or "5" not in code.groups():
        delayed = delayed or bool(_DELAY_WORDS.search(_prose(mail.text)))
    return Bounce(
        recipients=recipients,
        permanent=not delayed and (bool(failed) or not temporary),
        original_message_id=original_id(mail),
        diagnostic=_line_at(mail.text, code.start()) if code else "",
    )


def _prose(text: str) -> str:
    """Return what the mailer itself wrote: the words of the mail that came back are not its own."""
    found = _CAME_BACK.search(text, 0, _LONGEST_PROSE)
    return text[: found.start() if found else _LONGEST_PROSE]


def original_id(mail: Evidence) -> str | None:
    """The Message-ID of the mail that bounced, from what was returned of it (mail.md 85)."""
    for leaf in mail.tree.leaves:
        if leaf.content_type in _RETURNED_TYPES:
            returned, _ = split_head(leaf.payload)
            found = find_message_id(returned)
            if found:
                return found
    for name in ("x-original-message-id", "original-message-id"):
        value = mail.headers.first(name)
        if value:
            bare = decode_header(value).strip("<> ")
            return f"<{bare}>"
    quoted = _MESSAGE_ID_LINE.search(_readable(mail))
    return quoted[1] if quoted else None


def _failed_header(headers: Headers) -> list[str]:
    """Exim and Gmail name the recipients in a field of their own."""
    found = ", ".join(decode_header(value) for value in headers.every("x-failed-recipients"))
    return [clean_line(address) for address in _ADDRESS.findall(found[:_LONGEST_TEXT])]


def _known_forms(raw: bytes) -> tuple[list[str], list[str]]:
    """Ask flufl.bounce, which knows the prose of some twenty mailers."""
    from flufl.bounce import all_failures  # noqa: PLC0415 - lazy: 40 ms that few mails need

    try:
        lines = raw[:_LONGEST_RAW].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        message = email.message_from_bytes(lines, policy=email.policy.compat32)
        temporary, permanent = all_failures(message)
    except Exception:  # noqa: BLE001 - foreign code on hostile input; our own finders follow
        return [], []
    return _texts(temporary), _texts(permanent)


def _texts(addresses: Sequence[bytes] | frozenset[bytes]) -> list[str]:
    return sorted(clean_line(address.decode("utf-8", "replace")) for address in addresses)


def _addresses_with_codes(text: str) -> tuple[list[str], list[str]]:
    """Pair each address with an SMTP reply code that follows within a few lines."""
    temporary: list[str] = []
    failed: list[str] = []
    for match in _ADDRESS.finditer(text, 0, 8000):
        code = _REPLY_CODE.search(text, match.end(), match.end() + 400)
        if code:
            (failed if (code[1] or code[2]) == "5" else temporary).append(match[0])
    return temporary[:20], failed[:20]


def _addresses_with_reasons(mail: Evidence) -> list[str]:
    """Return the addresses beside a reason in words: on its line, else within a few lines.

    Never the one the report went to, which prose names as well.
    """
    text = mail.text[:8000]
    ours = {box.email.lower() for box in find_mailboxes(mail.headers, "to")[:_MOST_OURS]}
    found = [match for match in _ADDRESS.finditer(text) if match[0].lower() not in ours]
    for reach in (_rest_of_line, _few_lines):
        named = [
            match[0] for match in found if _REASON.search(text, match.end(), reach(text, match))
        ]
        if named:
            return named[:20]
    before = (
        match for match in found if _REASON.search(text, max(match.start() - 60, 0), match.end())
    )
    return [match[0] for match in before][:20]


def _rest_of_line(text: str, match: re.Match[str]) -> int:
    end = text.find("\n", match.end())
    return end if end >= 0 else len(text)


def _few_lines(_text: str, match: re.Match[str]) -> int:
    return match.end() + _REASON_REACH


def _addressees(mail: Evidence) -> list[str]:
    """Return to whom the returned mail was written: as good as a report if it was one person."""
    for leaf in mail.tree.leaves:
        if leaf.content_type in _RETURNED_TYPES:
            returned, _ = split_head(leaf.payload)
            found = [box.email for box in find_mailboxes(returned, "to") if box.email]
            return found if len(found) == 1 else []
    lines = {
        match for line in _TO_LINE.findall(_readable(mail)) for match in _ADDRESS.findall(line)
    }
    return sorted(lines) if len(lines) == 1 else []


def _line_at(text: str, at: int) -> str:
    start = text.rfind("\n", 0, at) + 1
    return clean_line(text[start : start + _LONGEST_DIAGNOSTIC].partition("\n")[0])


def _readable(mail: Evidence) -> str:
    """The text with, behind it, what text leaves hold beside it."""
    more = (
        decode_text(leaf.payload[:_LONGEST_TEXT], leaf.charset)
        for leaf in mail.tree.leaves[:10]
        if leaf.content_type in {"text/plain", "text/rfc822-headers"}
    )
    return "\n".join([mail.text[:_LONGEST_TEXT], *more])
