"""Files that were uploaded for a text that is not sent yet: stored at once, named by signed notes.

A browser forgets chosen files when a page comes back with an error. So what was uploaded is
stored, and the page carries a signed note of it. The salt says for whom and for which text a
note is good; a note of anything else is no note.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any

from django.core import signing
from django.core.files.uploadedfile import UploadedFile

from helpdesk.files import pictures
from helpdesk.files.models import StoredFile
from helpdesk.files.store import keep_for, put
from helpdesk.lib.filenames import clean_filename
from helpdesk.lib.filetypes import sniff

DAY = 24 * 3600
# A note is good for a day; a little later a file that no text took may go.
FORGOTTEN_AFTER = timedelta(seconds=DAY) + timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A stored file that waits for its text; ``note`` is what the page carries."""

    file_id: int
    name: str
    content_type: str
    size: int
    public_id: int | None = None
    note: str = ""

    def noted(self, salt: str) -> "KeptFile":
        """Return it with a note that :func:`read_kept` takes under the same salt."""
        values = {key: value for key, value in asdict(self).items() if key != "note"}
        return replace(self, note=signing.dumps(values, salt=salt))


def read_kept(notes: Iterable[str], *, salt: str, at_most: int) -> list[KeptFile]:
    """Return the files of the first notes, once each; a note that is not ours is ignored."""
    found: dict[int, KeptFile] = {}
    for note in list(notes)[:at_most]:
        try:
            values = signing.loads(note, salt=salt, max_age=DAY)
        except signing.BadSignature:
            continue
        kept = KeptFile(**values, note=note)
        found.setdefault(kept.file_id, kept)
    return list(found.values())


def keep_upload(upload: UploadedFile[Any], *, salt: str, declared: str = "") -> KeptFile:
    """Store an upload, and of a picture the copy without hidden data that pages outside show.

    Both go after a while if no text takes them. ``declared`` is the type its sender names,
    where that one is to be believed as far as the bytes say nothing else.
    """
    name, content = clean_filename(upload.name or ""), upload.read()
    kind = sniff(content, name=name, declared=declared) if declared else sniff(content, name=name)
    stored, public = put(content, kind), _public(content, kind)
    for file in filter(None, (stored, public)):
        keep_for(file, FORGOTTEN_AFTER)
    public_id = public.pk if public else None
    return KeptFile(stored.pk, name, kind, len(content), public_id).noted(salt)


def _public(content: bytes, kind: str) -> StoredFile | None:
    if kind not in pictures.READABLE:
        return None
    try:
        return put(pictures.public_copy(content), pictures.CONTENT_TYPE)
    except pictures.PictureError:
        # Broken or of another kind than it says: it is taken as it is.
        return None
