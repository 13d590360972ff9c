"""What a list shows of mails that were not filed: who wrote, and about what."""

from collections.abc import Sequence

from channels_in.mail.parse import salvage
from channels_in.mail.parsed import ParsedMail
from channels_in.models import RawMessage
from helpdesk.files import store as files

# Of a head that is longer the names above are read: a page of fifty must not take long.
HEAD_BYTES = 16 * 1024


def glimpses(mails: Sequence[RawMessage]) -> list[tuple[RawMessage, ParsedMail]]:
    """Return each mail with what the first 16 KB of its head say; reads the bytes of no other."""
    small = [raw.pk for raw in mails if raw.file_id is None]
    bodies = dict(RawMessage.objects.filter(pk__in=small).values_list("pk", "body"))
    return [(raw, salvage(_head(raw, bodies.get(raw.pk)), "")) for raw in mails]


def _head(raw: RawMessage, body: bytes | memoryview | None) -> bytes:
    if raw.file is None:
        return bytes(body or b"")[:HEAD_BYTES]
    try:
        with files.open_file(raw.file) as file:
            return file.read(HEAD_BYTES)
    except files.FileMissingError:
        return b""
