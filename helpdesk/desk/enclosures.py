"""Files that an agent adds to a text: checked, stored, and kept while it is not sent.

They stand in the draft as soon as one is saved; until then the page carries signed notes,
good for this agent and request.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext

from helpdesk.agents.models import User
from helpdesk.files.kept import KeptFile, keep_upload, read_kept
from helpdesk.files.locks import is_denied
from helpdesk.lib.filenames import clean_filename
from helpdesk.lib.filetypes import sniff_upload
from helpdesk.tickets.models import ArticleDraft, Ticket

MAX_FILES = 10
MAX_BYTES = 25 * 1024 * 1024


def _salt(ticket: Ticket, user: User) -> str:
    return f"answer-file:{ticket.pk}:{user.pk}"


def read_enclosed(ticket: Ticket, user: User, notes: Iterable[str]) -> list[KeptFile]:
    """Return the files that earlier tries have stored; a note that is not ours is ignored."""
    return read_kept(notes, salt=_salt(ticket, user), at_most=2 * MAX_FILES)


def take_enclosed(
    ticket: Ticket,
    user: User,
    kept: Sequence[KeptFile],
    uploaded: Sequence[UploadedFile[Any]],
) -> tuple[list[KeptFile], list[str]]:
    """Store what fits and return all files so far, with a sentence for each that does not."""
    files, problems = list(kept), []
    for upload in uploaded:
        problem = _problem(upload, len(files))
        if problem:
            problems.append(problem)
        else:
            declared = upload.content_type or ""
            files.append(keep_upload(upload, salt=_salt(ticket, user), declared=declared))
    return files, problems


def files_of_draft(draft: ArticleDraft, user: User) -> list[KeptFile]:
    """Return the files of a draft, ready to go out with the next try."""
    return [
        KeptFile(each.file_id, each.name, each.content_type, each.size, each.public_file_id).noted(
            _salt(draft.ticket, user)
        )
        for each in draft.files.all()
    ]


def limits() -> dict[str, Any]:
    """Return what a browser must know to refuse a file before it is on its way."""
    return {
        "most": MAX_FILES,
        "bytes": MAX_BYTES,
        "megabytes": MAX_BYTES // 1024 // 1024,
        "denied": " ".join(sorted(kind for kind in settings.DENIED_KINDS if "/" not in kind)),
    }


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
