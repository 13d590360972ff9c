"""Delivery reports: who did not get our mail, and which mail that was (RFC 3464, 6522, 6533)."""

import email
import email.policy
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from channels_in.mail.automatic import has_null_return_path, is_daemon
from channels_in.mail.charset import decode_text
from channels_in.mail.fields import find_message_id
from channels_in.mail.headers import Headers, clean_line, decode_header, split_head
from channels_in.mail.mime import MimeTree
from channels_in.mail.parsed import Bounce, FailedRecipient, Leaf, Mailbox

_STATUS_TYPES = frozenset({"message/delivery-status", "message/global-delivery-status"})
_RETURNED_TYPES = frozenset(
    {"message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers"}
)
_NOT_BOUNCES = frozenset({"disposition-notification", "feedback-report"})
_FAILED = frozenset({"failed", "failure"})
_DELAYED = frozenset({"delayed", "delay"})
_MAX_BLOCKS = 2000
_MAX_RECIPIENTS = 1000
_LONGEST_TEXT = 64 * 1024
_LONGEST_RAW = 256 * 1024
_LONGEST_DIAGNOSTIC = 500
_BLOCK_END = re.compile(rb"\n[ \t\r]{0,20}\n")
_STATUS = re.compile(r"\b([245])\.\d{1,3}\.\d{1,3}\b")
_UNICODE_ESCAPE = re.compile(r"\\x\{([0-9A-Fa-f]{2,6})\}")
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"'@]{1,128}@[A-Za-z0-9.-]{3,253}[A-Za-z0-9]")
_REPLY_CODE = re.compile(r"(?<![\d.])(?:#?([45])\.\d{1,3}\.\d{1,3}|([45])\d\d[ -])(?!\d)")
_MESSAGE_ID_LINE = re.compile(
    r"^[ \t>]{0,8}Message-ID:[ \t]{0,8}(?:\n[ \t]{1,8})?(<[^<>\s]{3,300}>)",
    re.IGNORECASE | re.MULTILINE,
)
_SUBJECTS = re.compile(
    r"undeliver|unzustellbar|nicht zugestellt|nicht zustellbar|failure notice|returned mail"
    r"|delivery (?:status|failure|failed|has failed|problem|error)|mail delivery"
    r"|delivery notification|could not (?:be )?(?:deliver|send)|could not send message|delayed"
    r"|mail system error|non remis|message status|echec|nicht ausgeliefert|unable to deliver",
    re.IGNORECASE,
)
_SYSTEM_NAMES = re.compile(
    r"mail ?(?:er)?[ -]?(?:delivery|daemon|administrator)|system administrator|postmaster"
    r"|delivery (?:sub)?system|mdaemon|microsoft ?exchange",
    re.IGNORECASE,
)
_DELAY_WORDS = re.compile(
    r"delayed|will (?:continue to|be) retr|still (?:being )?tr(?:ied|ying)|warning message only"
    r"|not yet been delivered|temporary|verz\u00f6gert",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a bounce is judged by."""

    raw: bytes
    headers: Headers
    tree: MimeTree
    senders: Sequence[Mailbox]
    text: str
    subject: str


def find_bounce(mail: Evidence) -> Bounce | None:
    """Return what a failed or delayed delivery report says, None if the mail is none.

    Reports of success, read receipts and abuse reports are no bounces (mail.md 87).
    """
    if mail.tree.top.params.get("report-type", "").lower() in _NOT_BOUNCES:
        return None
    statuses = [leaf for leaf in mail.tree.leaves if leaf.content_type in _STATUS_TYPES]
    if statuses:
        return _from_reports(mail, list(_read_reports(statuses)))
    return _from_text(mail) if _may_be_bounce(mail) else None


def _from_reports(mail: Evidence, reports: list[FailedRecipient]) -> Bounce | None:
    if not reports:
        return None
    return Bounce(
        recipients=tuple(dict.fromkeys(report.address for report in reports if report.address)),
        permanent=any(report.permanent for report in reports),
        original_message_id=_original_id(mail),
        diagnostic=next((report.diagnostic for report in reports if report.diagnostic), ""),
        reports=tuple(report for report in reports if report.address),
    )


def _read_reports(leaves: Sequence[Leaf]) -> Iterator[FailedRecipient]:
    """Yield one report for each recipient that did not get the mail (yet)."""
    for leaf in leaves:
        payload = leaf.payload.replace(b"\r\n", b"\n").strip(b"\n")
        for block in _BLOCK_END.split(payload, _MAX_BLOCKS):
            fields, _ = split_head(block.strip(b"\n") + b"\n\n")
            report = _read_recipient(fields)
            if report is not None:
                yield report


def _read_recipient(fields: Headers) -> FailedRecipient | None:
    """Read one per-recipient block (RFC 3464 2.3); None if it arrived or is no such block."""
    address = _recipient(fields)
    words = (fields.text("action") or "").lower().split()
    action = words[0].strip(";,.") if words else ""
    found = _STATUS.search(fields.text("status") or "")
    status = found[0] if found else ""
    if not address and not action:
        return None
    if not action:
        action = {"5": "failed", "4": "delayed"}.get(status[:1], "")
    if action not in _FAILED | _DELAYED:
        return None
    return FailedRecipient(
        address=address,
        # "failed" with 4.x.x gave up for now: soft by its status (mail.md 87).
        permanent=action in _FAILED and status[:1] != "4",
        status=status,
        diagnostic=(fields.text("diagnostic-code") or "")[:_LONGEST_DIAGNOSTIC],
    )


def _recipient(fields: Headers) -> str:
    """The address we wrote to, which aliases on the way may have changed."""
    for name in ("original-recipient", "final-recipient", "x-actual-recipient"):
        kind, semicolon, address = (fields.text(name) or "").rpartition(";")
        address = address.strip().strip("<>").strip()
        if kind.strip().lower() == "utf-8":
            address = _UNICODE_ESCAPE.sub(_unescape, address)
        if "@" in address and (semicolon or " " not in address):
            return clean_line(address)
    return ""


def _unescape(match: re.Match[str]) -> str:
    number = int(match[1], 16)
    return chr(number) if number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF else "\ufffd"


def _original_id(mail: Evidence) -> str | None:
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


def _readable(mail: Evidence) -> str:
    """The text with, behind it, what text leaves hold beside it."""
    more = (
        decode_text(leaf.payload[:_LONGEST_TEXT], leaf.charset)
        for leaf in mail.tree.leaves[:10]
        if leaf.content_type in {"text/plain", "text/rfc822-headers"}
    )
    return "\n".join([mail.text[:_LONGEST_TEXT], *more])


def _may_be_bounce(mail: Evidence) -> bool:
    """Tell whether a mail without a proper report is worth a closer look."""
    if mail.headers.first("x-failed-recipients"):
        return True
    answered = (mail.headers.text("auto-submitted") or "").lower().startswith("auto-replied")
    if answered and not _SUBJECTS.search(mail.subject):
        return False
    if is_daemon(mail.senders) or mail.tree.top.value == "multipart/report":
        return True
    # People are postmasters too: the name of a system alone proves nothing.
    system = has_null_return_path(mail.headers) or any(
        _SYSTEM_NAMES.search(f"{mailbox.name} {mailbox.email}") for mailbox in mail.senders
    )
    return system and bool(_SUBJECTS.search(mail.subject))


def _from_text(mail: Evidence) -> Bounce | None:
    """Read the report of a mailer that writes prose: qmail, Exim, Exchange and their like."""
    failed = _failed_header(mail.headers)
    temporary: list[str] = []
    if not failed:
        temporary, failed = _known_forms(mail.raw)
    if not failed and not temporary:
        temporary, failed = _addresses_with_codes(mail.text[:_LONGEST_TEXT])
    recipients = tuple(dict.fromkeys([*failed, *temporary]))[:_MAX_RECIPIENTS]
    if not recipients and not _SUBJECTS.search(mail.subject):
        return None
    delayed = bool(_DELAY_WORDS.search(mail.subject))
    code = _REPLY_CODE.search(mail.text, 0, _LONGEST_TEXT)
    return Bounce(
        recipients=recipients,
        permanent=bool(failed) and not delayed,
        original_message_id=_original_id(mail),
        diagnostic=_line_at(mail.text, code.start()) if code else "",
    )


def _failed_header(headers: Headers) -> list[str]:
    """Exim and Gmail name the recipients in a field of their own."""
    found = ", ".join(decode_header(value) for value in headers.every("x-failed-recipients"))
    return [clean_line(address) for address in _ADDRESS.findall(found[:_LONGEST_TEXT])]


def _known_forms(raw: bytes) -> tuple[list[str], list[str]]:
    """Ask flufl.bounce, which knows the prose of some twenty mailers."""
    from flufl.bounce import all_failures  # noqa: PLC0415 - lazy: 40 ms that few mails need

    try:
        message = email.message_from_bytes(raw[:_LONGEST_RAW], policy=email.policy.compat32)
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


def _line_at(text: str, at: int) -> str:
    start = text.rfind("\n", 0, at) + 1
    return clean_line(text[start : start + _LONGEST_DIAGNOSTIC].partition("\n")[0])
