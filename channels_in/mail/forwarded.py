"""Who wrote a mail that somebody passed on, as far as it says so itself (mail.md 60)."""

import re

from channels_in.mail.fields import find_mailboxes
from channels_in.mail.headers import split_head
from channels_in.mail.parsed import Mailbox, ParsedMail
from helpdesk.lib.addresses import is_valid
from helpdesk.lib.subjects import is_forwarded

_LONGEST_TEXT = 20_000
# "From" as mail programs write it above what they pass on; bold asterisks and "> " around it.
_FROM = re.compile(
    r"^[ \t>*_]{0,10}(?:von|from|de|da|van|fra|från|od|expéditeur|mittente|remitente|от|від)"
    r"[ \t*_]{0,4}[:\uff1a][ \t*_]{0,4}([^\n]{3,300})$",
    re.IGNORECASE | re.MULTILINE,
)
_ADDRESS = re.compile(r"[<\[(]?(?:mailto:)?([^\s<>\[\]()\"',;:]{1,64}@[^\s<>\[\]()\"',;:*]{3,253})")


def find_original_sender(mail: ParsedMail) -> Mailbox | None:
    """Return the author of the mail passed on: of the attached one, else of the first in the text.

    A guess that a person has to confirm: text can be written by hand. None for a mail
    whose subject and attachments do not say that it passes something on.
    """
    attached = [file for file in mail.attachments if file.content_type == "message/rfc822"]
    for file in attached:
        head, _ = split_head(file.content)
        boxes = find_mailboxes(head, "from")
        if boxes and boxes[0].email:
            return boxes[0]
    if not is_forwarded(mail.subject or ""):
        return None
    found = _FROM.search(mail.text, 0, _LONGEST_TEXT)
    return _read(found[1]) if found else None


def _read(line: str) -> Mailbox | None:
    address = _ADDRESS.search(line)
    if address is None or not is_valid(address[1]):
        return None
    name = line[: address.start()].strip(" \t\"'*<[(")
    return Mailbox(name=name, email=address[1])
