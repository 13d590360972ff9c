"""Answers a request with a stored file in a way that no browser executes it."""

import logging
from collections.abc import Callable
from typing import BinaryIO

from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.utils.http import content_disposition_header
from django.utils.translation import gettext

from helpdesk.files.locks import Lock, is_denied, lock_of
from helpdesk.files.models import StoredFile
from helpdesk.files.store import FileMissingError, open_file
from helpdesk.lib.filenames import clean_filename

logger = logging.getLogger(__name__)

# What a browser may show in place, with the bytes by which each is recognised.
INLINE_SIGNATURES: dict[str, tuple[bytes, ...]] = {
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/gif": (b"GIF87a", b"GIF89a"),
    "image/webp": (b"RIFF",),
    "application/pdf": (b"%PDF-",),
}
# Types named to the browser on download; everything else is just bytes.
DOWNLOAD_TYPES = frozenset(
    {
        *INLINE_SIGNATURES,
        "text/plain",
        "text/calendar",
        "text/csv",
        "message/rfc822",
        "application/zip",
        "application/msword",
        "application/vnd.ms-excel",
        "application/vnd.oasis.opendocument.text",
        "application/vnd.oasis.opendocument.spreadsheet",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    }
)
SANDBOX = "sandbox; default-src 'none'; frame-ancestors 'none'; form-action 'none'; base-uri 'none'"
# A document that only a browser's own viewer opens, within a page of ours. Viewers refuse to work
# in a sandbox, and Chrome styles its frame inline; nothing of a PDF runs in our pages, and no other
# type is ever sent by this policy.
FRAMED = (
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; form-action 'none'; "
    "base-uri 'none'"
)
PDF = "application/pdf"
_LONGEST_SIGNATURE = 16
NO_PDF = 415
_SHUT: dict[Lock, Callable[[], str]] = {
    Lock.HELD: lambda: gettext("This file is held back because it may be harmful."),
    Lock.DENIED: lambda: gettext("Files of this kind are not opened here."),
}


def respond(
    stored: StoredFile, name: str, *, inline: bool = False, content_type: str = ""
) -> HttpResponseBase:
    """Return the file as a download, or in place if asked and it is a raster image or PDF.

    ``content_type`` is what it is sent as; else it is the one under which it first came.
    HTML, SVG, XML and whatever else a browser might run is always a download of
    neutral type. The caller has checked that the viewer may see it. A file that
    is held back or missing answers with a plain sentence, never a server error.
    """
    kind = content_type or stored.content_type
    file = open_unlocked(stored, name)
    if isinstance(file, HttpResponseBase):
        return file
    shown = inline and can_show(kind, file.read(_LONGEST_SIGNATURE))
    file.seek(0)
    response = FileResponse(file, content_type=_wire_type(kind, shown=shown))
    response["Content-Length"] = str(stored.size)
    disposition = content_disposition_header(as_attachment=not shown, filename=clean_filename(name))
    return guarded(response, disposition or "attachment")


def open_unlocked(stored: StoredFile, name: str) -> BinaryIO | HttpResponseBase:
    """Return an open file, or the answer that says why it is not to be had."""
    lock = lock_of(name, stored.content_type, stored.scan_state)
    if lock.is_shut:
        return refused(_SHUT[lock](), 403)
    try:
        return open_file(stored)
    except FileMissingError as error:
        logger.error("%s", error)  # noqa: TRY400 - the trace says no more than the sentence
        return refused(gettext("This file is missing on the server."), 410)


def respond_framed(stored: StoredFile, name: str, *, refusal: str) -> HttpResponseBase:
    """Return a PDF for a frame of our own pages; ``refusal`` for what is none to its first bytes.

    By these alone: the same bytes may first have come under another type, with another mail. The
    caller has checked that the viewer may see it. A refusal stands in the frame as well.
    """
    if _begins_as(stored, PDF):
        response = respond(stored, name, inline=True, content_type=PDF)
    else:
        response = refused(refusal, NO_PDF)
    response["Content-Security-Policy"] = FRAMED
    response["X-Frame-Options"] = "SAMEORIGIN"
    return response


def _begins_as(stored: StoredFile, content_type: str) -> bool:
    """Tell whether the first bytes agree with a type; of a file that is gone nobody can tell."""
    try:
        with open_file(stored) as file:
            return can_show(content_type, file.read(_LONGEST_SIGNATURE))
    except FileMissingError:
        return True


def respond_bytes(content: bytes, content_type: str, name: str) -> HttpResponseBase:
    """Return a file that lies inside another one as a download, never in place."""
    if is_denied(name, content_type):
        return refused(_SHUT[Lock.DENIED](), 403)
    response = HttpResponse(content, content_type=_wire_type(content_type, shown=False))
    disposition = content_disposition_header(as_attachment=True, filename=clean_filename(name))
    return guarded(response, disposition or "attachment")


def can_show(content_type: str, start: bytes) -> bool:
    """Tell whether a browser may show it in place: the type is listed and the bytes agree."""
    return start.startswith(INLINE_SIGNATURES.get(content_type, ()))


def _wire_type(content_type: str, *, shown: bool) -> str:
    if shown:
        return content_type
    if content_type not in DOWNLOAD_TYPES:
        return "application/octet-stream"
    return f"{content_type}; charset=utf-8" if content_type == "text/plain" else content_type


def shut_words(stored: StoredFile, name: str) -> str:
    """Return why nobody gets the file under this name, "" of one that can be opened."""
    lock = lock_of(name, stored.content_type, stored.scan_state)
    return _SHUT[lock]() if lock.is_shut else ""


def held_back() -> HttpResponseBase:
    """Return the answer in the place of what may be harmful."""
    return refused(_SHUT[Lock.HELD](), 403)


def refused(sentence: str, status: int) -> HttpResponseBase:
    """Return a plain sentence in the place of a file."""
    response = HttpResponse(sentence, content_type="text/plain; charset=utf-8", status=status)
    return guarded(response, "inline")


def guarded(response: HttpResponseBase, disposition: str) -> HttpResponseBase:
    """Return a response with the headers that keep a file from being run or kept."""
    response["Content-Disposition"] = disposition
    response["Content-Security-Policy"] = SANDBOX
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, no-store"
    return response
