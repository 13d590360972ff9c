"""Files of programs: sent first, named later, gone after a day if nobody names them."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone

from helpdesk.agents.models import ApiToken
from helpdesk.api.models import Upload
from helpdesk.api.problems import Problem, invalid
from helpdesk.files.locks import is_denied
from helpdesk.files.models import StoredFile
from helpdesk.files.store import discard, free_bytes, put
from helpdesk.lib.filenames import clean_filename
from helpdesk.lib.filetypes import sniff
from helpdesk.lib.tokens import new_nonce
from helpdesk.tickets.inbound import InboundFile

LARGEST = 25 * 1024 * 1024
KEEP = timedelta(hours=24)
NAME_BYTES = 16


def store_file(given: UploadedFile[Any]) -> tuple[StoredFile, str]:
    """Keep the bytes durably and return their row with the cleaned name.

    Outside of any transaction; the same bytes again are the same row.
    """
    if (given.size or 0) > LARGEST:
        raise Problem("too_large", f"A file has {LARGEST} bytes at most.")
    if free_bytes() < 2 * LARGEST:
        raise Problem("unavailable", "There is no room for files now.")
    name = clean_filename(given.name or "")
    content = given.read()
    kind = sniff(content, name=name, declared=given.content_type or "")
    if is_denied(name, kind):
        raise invalid("/file", "Files of this kind are not taken, since they may be harmful.")
    return put(content, kind), name


def add_upload(*, token: ApiToken, stored: StoredFile, filename: str) -> Upload:
    """Give the stored file a name that only this token can use."""
    return Upload.objects.create(
        token=token,
        name=f"upl_{new_nonce(NAME_BYTES)}",
        file=stored,
        filename=filename[:255],
        content_type=stored.content_type,
        size=stored.size,
    )


def take_uploads(token: ApiToken, names: Iterable[str]) -> tuple[InboundFile, ...]:
    """Return the files of these uploads and use them up; a foreign one is not there."""
    wanted = list(names)
    since = timezone.now() - KEEP
    found = {
        upload.name: upload
        for upload in Upload.objects.filter(token=token, name__in=wanted, created_at__gt=since)
    }
    for index, name in enumerate(wanted):
        if name not in found:
            raise invalid(f"/uploads/{index}", "There is no such upload.")
    Upload.objects.filter(pk__in=[upload.pk for upload in found.values()]).delete()
    return tuple(
        InboundFile(upload.file_id, upload.filename, upload.content_type, upload.size)
        for upload in (found[name] for name in dict.fromkeys(wanted))
    )


def forget_old() -> int:
    """Delete uploads that nobody named in time, with their bytes; return how many.

    Not for use inside a transaction.
    """
    old = Upload.objects.filter(created_at__lt=timezone.now() - KEEP)
    rows = list(old.values_list("pk", "file_id"))
    Upload.objects.filter(pk__in=[pk for pk, _ in rows]).delete()
    for stored_id in {file_id for _, file_id in rows}:
        discard(stored_id=stored_id)
    return len(rows)
