"""Mails inside mails, and mails as their senders laid them out; both opened only on demand."""

from collections.abc import Sequence
from dataclasses import dataclass

from channels_in.mail.parsed import ParsedFile, ParsedMail
from channels_in.mail.parser_process import parse_bounded
from helpdesk.desk.mail_files import MESSAGES
from helpdesk.files.models import ScanState, StoredFile
from helpdesk.files.store import FileMissingError, open_file

LONGEST_MESSAGE = 25_000_000
MOST_LEVELS = 10


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a mail that is itself a file: its place in there, and whether it is a mail."""

    place: str
    file: ParsedFile

    @property
    def is_message(self) -> bool:
        """Whether it can be read as a mail in its turn."""
        return self.file.content_type in MESSAGES


def open_message(stored: StoredFile, places: Sequence[int]) -> ParsedMail | ParsedFile | None:
    """Return the mail in a stored file, or what stands at ``places`` in it; None if nothing does.

    ``places`` are positions of attachments, one for each level. A mail at the place is
    returned as a mail. What is held back, missing or too large is as if it were not there.
    """
    if stored.scan_state == ScanState.HELD or stored.size > LONGEST_MESSAGE:
        return None
    try:
        with open_file(stored) as stream:
            content = stream.read()
    except FileMissingError:
        return None
    mail = parse_bounded(content)
    for level, place in enumerate(places):
        if level >= MOST_LEVELS or place >= len(mail.attachments):
            return None
        file = mail.attachments[place]
        if file.content_type not in MESSAGES:
            return file if level == len(places) - 1 else None
        mail = parse_bounded(file.content)
    return mail


def file_at(stored: StoredFile, places: Sequence[int]) -> ParsedFile | None:
    """Return the file at ``places`` in a stored mail, also when it is a mail itself."""
    outer = open_message(stored, places[:-1])
    if not isinstance(outer, ParsedMail) or places[-1] >= len(outer.attachments):
        return None
    return outer.attachments[places[-1]]


def parts_of(mail: ParsedMail, places: Sequence[int]) -> list[Part]:
    """Return the files of a mail with the places by which they are reached."""
    return [
        Part("-".join(map(str, (*places, number))), file)
        for number, file in enumerate(mail.attachments)
    ]
