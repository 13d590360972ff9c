"""What of a request's files goes outside: pictures only as a copy without hidden data."""

from helpdesk.files import pictures
from helpdesk.files.locks import lock_of
from helpdesk.files.models import StoredFile
from helpdesk.files.store import put, read_file
from helpdesk.tickets.models import Attachment

# Twice what the thread shows, for fine screens.
THUMBNAIL_EDGE = 128


class NotForOutsideError(Exception):
    """The picture can't be freed of what it may tell of its place and its camera."""


def public_version(attachment: Attachment) -> StoredFile:
    """Return the file that pages outside hand out for an attachment.

    Of a picture that came by mail, by a program or with a note, the copy is made when it
    is first asked for, in a process of its own: filing a mail does not pay for pictures
    that nobody looks at. Raises NotForOutsideError, and FileMissingError.
    """
    stored = attachment.file
    if lock_of(attachment.name, stored.content_type, stored.scan_state).is_shut:
        return stored
    if attachment.public_file is not None:
        return attachment.public_file
    kinds = {stored.content_type, attachment.content_type}
    # A drawing in SVG has no camera, and is never shown in place.
    if not any(kind.startswith("image/") and kind != "image/svg+xml" for kind in kinds):
        return stored
    try:
        copy = put(pictures.public_copy(read_file(stored)), pictures.CONTENT_TYPE)
    except pictures.PictureError as error:
        raise NotForOutsideError from error
    Attachment.objects.filter(pk=attachment.pk, public_file=None).update(public_file=copy)
    return copy


def thumbnail_of(attachment: Attachment) -> StoredFile:
    """Return the small copy of a picture, made when it is first asked for and kept.

    Raises NotForOutsideError for what is no picture that we can read, and FileMissingError.
    """
    if attachment.thumbnail is not None:
        return attachment.thumbnail
    copy = public_version(attachment)
    if copy.content_type != pictures.CONTENT_TYPE:
        raise NotForOutsideError
    try:
        small = put(pictures.public_copy(read_file(copy), THUMBNAIL_EDGE), pictures.CONTENT_TYPE)
    except pictures.PictureError as error:
        raise NotForOutsideError from error
    Attachment.objects.filter(pk=attachment.pk, thumbnail=None).update(thumbnail=small)
    return small
