"""Files that an agent adds to an answer: checked, stored, and kept while it is not sent.

A browser forgets chosen files when a page comes back with an error. So what was uploaded
is stored at once, and the page carries a signed note of it, good for this agent and request.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext

from helpdesk.agents.models import User
from helpdesk.files import pictures
from helpdesk.files.locks import is_denied
from helpdesk.files.models import StoredFile
from helpdesk.files.store import keep_for, put
from helpdesk.lib.filenames import clean_filename
from helpdesk.lib.filetypes import sniff, sniff_upload
from helpdesk.tickets.inbound import InboundFile
from helpdesk.tickets.models import Article, Ticket

MAX_FILES = 10
MAX_BYTES = 25 * 1024 * 1024
DAY = 24 * 3600
# A note is good for a day; a little later a file that no answer took may go.
FORGOTTEN_AFTER = timedelta(seconds=DAY) + timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A stored file that waits for its answer; ``note`` is what the page carries."""

    file_id: int
    name: str
    content_type: str
    size: int
    public_id: int | None = None
    note: str = ""

    def as_inbound(self) -> InboundFile:
        """Return it as the door takes it."""
        return InboundFile(
            self.file_id, self.name, self.content_type, self.size, public_file_id=self.public_id
        )


def _salt(ticket: Ticket, user: User) -> str:
    return f"answer-file:{ticket.pk}:{user.pk}"


def read_enclosed(ticket: Ticket, user: User, notes: Iterable[str]) -> list[Enclosed]:
    """Return the files that earlier tries have stored; a note that is not ours is ignored."""
    found: dict[int, Enclosed] = {}
    for note in list(notes)[: 2 * MAX_FILES]:
        try:
            values = signing.loads(note, salt=_salt(ticket, user), max_age=DAY)
        except signing.BadSignature:
            continue
        enclosed = Enclosed(**values, note=note)
        found.setdefault(enclosed.file_id, enclosed)
    return list(found.values())


def take_enclosed(
    ticket: Ticket,
    user: User,
    kept: Sequence[Enclosed],
    uploaded: Sequence[UploadedFile[Any]],
) -> tuple[list[Enclosed], list[str]]:
    """Store what fits and return all files so far, with a sentence for each that does not."""
    files, problems = list(kept), []
    for upload in uploaded:
        problem = _problem(upload, len(files))
        if problem:
            problems.append(problem)
        else:
            files.append(_store(ticket, user, upload))
    return files, problems


def files_taken_back(article: Article, user: User) -> list[Enclosed]:
    """Return the files of an answer that was taken back, ready to go out with the next try."""
    return [
        _noted(
            article.ticket,
            user,
            Enclosed(each.file_id, each.name, each.content_type, each.size, each.public_file_id),
        )
        for each in article.attachments.all()
    ]


def _problem(upload: UploadedFile[Any], already: int) -> str:
    """Say what is too much, too large or empty, before anything of it is stored."""
    values = {"name": clean_filename(upload.name or ""), "count": MAX_FILES, "size": 25}
    if already >= MAX_FILES:
        sentence = gettext("“%(name)s” is one too many. You can add up to %(count)s files.")
    elif (upload.size or 0) > MAX_BYTES:
        sentence = gettext("“%(name)s” is too large. Each file may have up to %(size)s MB.")
    elif not upload.size:
        sentence = gettext("“%(name)s” is empty. Choose another file.")
    elif is_denied(str(values["name"]), sniff_upload(upload, str(values["name"]))):
        sentence = gettext("“%(name)s” is not taken: files of this kind may be harmful.")
    else:
        return ""
    return sentence % values


def _store(ticket: Ticket, user: User, upload: UploadedFile[Any]) -> Enclosed:
    """Store a file, and of a picture the copy without hidden data that pages outside show."""
    name, content = clean_filename(upload.name or ""), upload.read()
    kind = sniff(content, name=name, declared=upload.content_type or "")
    stored, public = put(content, kind), _public(content, kind)
    for file in filter(None, (stored, public)):
        keep_for(file, FORGOTTEN_AFTER)
    public_id = public.pk if public else None
    return _noted(ticket, user, Enclosed(stored.pk, name, kind, len(content), public_id))


def _noted(ticket: Ticket, user: User, enclosed: Enclosed) -> Enclosed:
    values = {key: value for key, value in asdict(enclosed).items() if key != "note"}
    return Enclosed(**values, note=signing.dumps(values, salt=_salt(ticket, user)))


def _public(content: bytes, kind: str) -> StoredFile | None:
    if kind not in pictures.READABLE:
        return None
    try:
        return put(pictures.public_copy(content), pictures.CONTENT_TYPE)
    except pictures.PictureError:
        # Broken or of another kind than it says: it goes out as it is.
        return None
