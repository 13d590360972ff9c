"""The files of an answer: they belong to the working copy until it is published."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from helpdesk.agents.models import User
from helpdesk.files import pictures
from helpdesk.files.locks import is_denied
from helpdesk.files.models import StoredFile
from helpdesk.files.serve import INLINE_SIGNATURES
from helpdesk.files.store import put
from helpdesk.lib.filenames import clean_filename
from helpdesk.lib.filetypes import sniff
from knowledgebase.models import Answer, AnswerFile
from knowledgebase.review import STAGE_FIELDS, lose_approval

MAX_FILE = 20 * 1024 * 1024
MAX_FILES = 30
# Kinds that cameras write, with where and when.
_PHOTOS = frozenset({"image/jpeg", "image/webp"})
IMAGES = frozenset(kind for kind in INLINE_SIGNATURES if kind.startswith("image/"))


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file as it was handed in."""

    name: str
    content: bytes
    declared_type: str = ""
    alt: str = ""
    is_decorative: bool = False


def add_file(*, answer_id: int, file: NewFile, user: User | None) -> AnswerFile:
    """Keep a file and hang it on the working copy; raises ValidationError by field "file".

    The bytes are durable before the row is written (see `files.store`).
    """
    if not file.content:
        raise ValidationError({"file": _("Choose a file that is not empty.")})
    if len(file.content) > MAX_FILE:
        raise ValidationError({"file": _("This file is too large. 20 MB are allowed.")})
    kind = sniff(file.content, name=file.name, declared=file.declared_type)
    if is_denied(clean_filename(file.name), kind):
        raise ValidationError({"file": _("Files of this kind are not taken: they may be harmful.")})
    content, kind = _publishable(file.content, kind)
    width, height = pictures.size_of(content, kind)
    # Of nothing the other side may be any number, also one that no column holds.
    size = (width, height) if width and height else (0, 0)
    return _attach(answer_id, file, put(content, kind), kind, size, user)


def _publishable(content: bytes, kind: str) -> tuple[bytes, str]:
    """Return a picture without what it tells of its place and camera; anything else as it is."""
    try:
        if kind == "image/png":
            return pictures.without_notes(content), kind
        if kind in _PHOTOS:
            return pictures.public_copy(content), pictures.CONTENT_TYPE
        pictures.demand_showable(content, kind)
    except pictures.PictureTooLargeError as error:
        raise ValidationError({"file": _("This picture has too many pixels.")}) from error
    except pictures.PictureError as error:
        raise ValidationError({"file": _("This file can't be read as a picture.")}) from error
    return content, kind


@transaction.atomic
def _attach(
    answer_id: int,
    file: NewFile,
    stored: StoredFile,
    kind: str,
    size: tuple[int, int],
    user: User | None,
) -> AnswerFile:
    answer = Answer.objects.select_for_update().get(pk=answer_id)
    if answer.files.filter(is_removed=False).count() >= MAX_FILES:
        raise ValidationError({"file": _("An answer has thirty files at most.")})
    row = AnswerFile.objects.create(
        answer=answer,
        file=stored,
        name=clean_filename(file.name)[:200],
        content_type=kind,
        is_image=kind in IMAGES,
        width=size[0],
        height=size[1],
        alt=file.alt[:300],
        is_decorative=file.is_decorative,
    )
    _mark_changed(answer, user)
    return row


@transaction.atomic
def describe_file(*, file_id: int, alt: str, is_decorative: bool, user: User) -> None:
    """Say what a picture shows, or that it only decorates; it holds for readers at once."""
    row = AnswerFile.objects.select_for_update().get(pk=file_id)
    row.alt = "" if is_decorative else alt[:300]
    row.is_decorative = is_decorative
    row.save(update_fields=["alt", "is_decorative"])
    Answer.objects.filter(pk=row.answer_id).update(updated_at=timezone.now(), updated_by=user)


@transaction.atomic
def remove_file(*, file_id: int, user: User) -> None:
    """Take a file from the working copy; published versions keep it until the next one."""
    row = AnswerFile.objects.select_for_update().get(pk=file_id)
    row.is_removed = True
    row.save(update_fields=["is_removed"])
    _mark_changed(Answer.objects.select_for_update().get(pk=row.answer_id), user)


def _mark_changed(answer: Answer, user: User | None) -> None:
    answer.has_changes = True
    answer.updated_at = timezone.now()
    answer.updated_by = user
    lose_approval(answer)
    answer.save(update_fields=["has_changes", "updated_at", "updated_by", *STAGE_FIELDS])
