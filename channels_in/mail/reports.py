"""Receipts that are no bounces: read by (RFC 8098), delivered to, relayed (RFC 3464)."""

import re

from channels_in.mail.parsed import ParsedMail

REPORT_TYPES = frozenset(
    {
        "message/disposition-notification",
        "message/delivery-status",
        "message/global-delivery-status",
        "message/global-disposition-notification",
    }
)
_LONGEST_REPORT = 64 * 1024
_ORIGINAL = re.compile(
    rb"^Original-Message-ID\s*:\s*(<[^<>\s]{1,400}>)", re.IGNORECASE | re.MULTILINE
)
_MESSAGE_ID = re.compile(rb"^Message-ID\s*:\s*(<[^<>\s]{1,400}>)", re.IGNORECASE | re.MULTILINE)
# "Disposition: automatic-action/MDN-sent-automatically; displayed" and "Action: delivered".
_WORD = re.compile(
    rb"^(?:Disposition\s*:[^;\r\n]{0,100};|Action\s*:)\s*([A-Za-z-]{1,20})",
    re.IGNORECASE | re.MULTILINE,
)
KINDS = {
    "displayed": "displayed",
    "deleted": "deleted",
    "delivered": "delivered",
    "expanded": "delivered",
    "relayed": "relayed",
}
_RETURNED = frozenset({"message/rfc822", "text/rfc822-headers", "message/global-headers"})


def is_report(mail: ParsedMail) -> bool:
    """Tell whether a machine reports reading or delivery, and not a failure."""
    return not mail.is_bounce and any(
        file.content_type in REPORT_TYPES for file in mail.attachments
    )


def report_kind(mail: ParsedMail) -> str:
    """Return what a receipt says: displayed, deleted, delivered, relayed, or "other"."""
    for file in mail.attachments:
        if file.content_type in REPORT_TYPES:
            found = _WORD.search(file.content[:_LONGEST_REPORT])
            if found:
                return KINDS.get(found[1].decode("ascii", "replace").lower(), "other")
    return "other"


def reported_ids(mail: ParsedMail) -> tuple[str, ...]:
    """Return the Message-IDs a report may be about: named in it, returned with it, referred to."""
    found = [mail.in_reply_to or "", *reversed(mail.references)]
    for file in mail.attachments:
        head = file.content[:_LONGEST_REPORT]
        if file.content_type in REPORT_TYPES:
            found += [match.decode("ascii", "replace") for match in _ORIGINAL.findall(head)]
        elif file.content_type in _RETURNED:
            found += [match.decode("ascii", "replace") for match in _MESSAGE_ID.findall(head)[:1]]
    return tuple(dict.fromkeys(filter(None, found)))
