"""Takes the files a citizen adds: which will do, and how each is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.utils.translation import gettext as _

from helpdesk.files import pictures
from helpdesk.files.store import put
from helpdesk.forms.domain.drafts import DraftFullError, add_file
from helpdesk.forms.models import Draft
from helpdesk.lib.filenames import clean_filename
from helpdesk.lib.filetypes import sniff
from helpdesk.portal.report.quota import spend_upload

MEGABYTE = 1_000_000
LARGEST = 10 * MEGABYTE
MOST_PHOTOS = 5
MOST_FILES = 3
DOCUMENTS = frozenset(
    {
        "application/pdf",
        "application/msword",
        "application/vnd.oasis.opendocument.text",
        "application/vnd.oasis.opendocument.spreadsheet",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    }
)
# What the picker of a telephone or computer offers first.
ACCEPT_PHOTOS = "image/jpeg,image/png,image/webp,image/gif"
ACCEPT_FILES = f"{ACCEPT_PHOTOS},.pdf,.doc,.docx,.odt,.ods,.xlsx"


class RefusedError(ValueError):
    """Says which file is not kept and why."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What may be added to one question, "" for the photos."""

    question: str
    most: int
    takes_documents: bool

    @property
    def accept(self) -> str:
        """Return what the browser's picker offers first."""
        return ACCEPT_FILES if self.takes_documents else ACCEPT_PHOTOS


PHOTOS = Rules("", MOST_PHOTOS, takes_documents=False)


def keep_all(
    request: HttpRequest, draft: Draft, uploads: Sequence[UploadedFile[Any]], rules: Rules
) -> list[str]:
    """Keep each file that will do and return what is wrong with the others."""
    refusals = []
    for upload in uploads:
        try:
            _keep(request, draft, upload, rules)
        except RefusedError as refusal:
            refusals.append(str(refusal))
    return refusals


def _keep(request: HttpRequest, draft: Draft, upload: UploadedFile[Any], rules: Rules) -> None:
    name = clean_filename(upload.name or "")
    size = upload.size or 0
    if not size:
        raise RefusedError(_("“%(name)s” is empty") % {"name": name})
    if size > LARGEST:
        raise RefusedError(
            _("“%(name)s” is too large. Each file may have %(limit)s MB")
            % {"name": name, "limit": LARGEST // MEGABYTE}
        )
    wait = spend_upload(request, size)
    if wait:
        raise RefusedError(
            _("“%(name)s” was not kept, too much came from your network. Wait %(minutes)s minutes")
            % {"name": name, "minutes": -(-wait // 60)}
        )
    content = upload.read()
    kind = sniff(content, name=name)
    public = _public(content, kind, name, rules)
    try:
        add_file(
            draft_id=draft.pk,
            question=rules.question,
            file=put(content, kind),
            public=put(public, pictures.CONTENT_TYPE) if public else None,
            name=name,
            content_type=kind,
            at_most=rules.most,
        )
    except DraftFullError as error:
        raise RefusedError(
            _("“%(name)s” was not added: %(limit)s files are the most")
            % {"name": name, "limit": rules.most}
        ) from error


def _public(content: bytes, kind: str, name: str, rules: Rules) -> bytes | None:
    """Return the copy that may be shown; raises RefusedError for what is not taken."""
    if kind in pictures.READABLE:
        try:
            return pictures.public_copy(content)
        except pictures.PictureTooLargeError as error:
            raise RefusedError(
                _("“%(name)s” has too many pixels. Choose a smaller photo") % {"name": name}
            ) from error
        except pictures.PictureError as error:
            raise RefusedError(
                _("“%(name)s” can't be read as a picture. Choose another file") % {"name": name}
            ) from error
    if rules.takes_documents and kind in DOCUMENTS:
        return None
    if rules.takes_documents:
        raise RefusedError(
            _("“%(name)s” is not taken. Choose a PDF, a text document, a table or a photo")
            % {"name": name}
        )
    raise RefusedError(
        _("“%(name)s” is no photo that we can read. Choose a JPEG or PNG") % {"name": name}
    )
