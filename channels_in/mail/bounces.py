"""Delivery reports: who did not get our mail, and which mail that was (RFC 3464, 6522, 6533)."""

import re
from collections.abc import Iterator, Sequence

from channels_in.mail.automatic import is_of_machine
from channels_in.mail.bounce_texts import Evidence, bounce_from_text, may_be_bounce, original_id
from channels_in.mail.headers import Headers, clean_line, split_head
from channels_in.mail.parsed import Bounce, FailedRecipient, Leaf

_STATUS_TYPES = frozenset({"message/delivery-status", "message/global-delivery-status"})
_NOT_BOUNCES = frozenset({"disposition-notification", "feedback-report"})
_FAILED = frozenset({"failed", "failure", "expired"})
_DELAYED = frozenset({"delayed", "delay"})
_RECIPIENT_FIELDS = ("final-recipient", "original-recipient", "action")
_MAX_BLOCKS = 2000
_LONGEST_DIAGNOSTIC = 500
_BLOCK_END = re.compile(rb"\n[ \t\r]{0,20}\n")
_STATUS = re.compile(r"\b([245])\.\d{1,3}\.\d{1,3}\b")
_UNICODE_ESCAPE = re.compile(r"\\x\{([0-9A-Fa-f]{2,6})\}")


def find_bounce(mail: Evidence) -> Bounce | None:
    """Return what a failed or delayed delivery report says, None if the mail is none.

    Reports of success, read receipts and abuse reports are no bounces (mail.md 87), nor is
    the mail of a person who passes one on: their words ask for an answer.
    """
    if mail.tree.top.params.get("report-type", "").lower() in _NOT_BOUNCES:
        return None
    statuses = [leaf for leaf in mail.tree.leaves if leaf.content_type in _STATUS_TYPES]
    is_sure = is_of_machine(mail.headers, mail.tree, mail.senders)
    if not (statuses and is_sure) and not may_be_bounce(mail):
        return None
    blocks = list(_read_blocks(statuses))
    if blocks:
        return _from_reports(mail, [report for report in blocks if report is not None])
    return bounce_from_text(mail) if may_be_bounce(mail) else None


def _from_reports(mail: Evidence, reports: list[FailedRecipient]) -> Bounce | None:
    if not reports:
        return None
    return Bounce(
        recipients=tuple(dict.fromkeys(report.address for report in reports if report.address)),
        permanent=any(report.permanent for report in reports),
        original_message_id=original_id(mail),
        diagnostic=next((report.diagnostic for report in reports if report.diagnostic), ""),
        reports=tuple(report for report in reports if report.address),
    )


def _read_blocks(leaves: Sequence[Leaf]) -> Iterator[FailedRecipient | None]:
    """Yield one value for each recipient: a report, or None if the mail arrived there."""
    for leaf in leaves:
        payload = leaf.payload.replace(b"\r\n", b"\n").strip(b"\n")
        for block in _BLOCK_END.split(payload, _MAX_BLOCKS):
            fields, _ = split_head(block.strip(b"\n") + b"\n\n")
            if any(fields.first(name) for name in _RECIPIENT_FIELDS):
                yield _read_recipient(fields)


def _read_recipient(fields: Headers) -> FailedRecipient | None:
    """Read one per-recipient block (RFC 3464 2.3); None if the mail arrived."""
    address = _recipient(fields)
    words = (fields.text("action") or "").lower().split()
    action = words[0].strip(";,.") if words else ""
    found = _STATUS.search(fields.text("status") or "")
    status = found[0] if found else ""
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
        is_delayed=action in _DELAYED,
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
