"""Answers a request with a video that a page plays, or with its captions, whole or in part.

A player asks for the pieces it needs (RFC 9110, section 14). What is played is named here and
told by its bytes; everything else goes the way of `serve`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import BinaryIO, Final

from django.http import FileResponse, HttpRequest, HttpResponseBase
from django.utils.http import content_disposition_header

from helpdesk.files.models import StoredFile
from helpdesk.files.serve import guarded, open_unlocked, refused, respond
from helpdesk.lib.filenames import clean_filename
from helpdesk.lib.filetypes import is_captions, is_mp4, is_webm

CAPTIONS: Final = "text/vtt"
_TOLD_BY: Final[Mapping[str, Callable[[bytes], bool]]] = {
    "video/mp4": is_mp4,
    "video/webm": is_webm,
    CAPTIONS: is_captions,
}
VIDEOS: Final = frozenset(_TOLD_BY) - {CAPTIONS}
_HEAD: Final = 64
_RANGE: Final = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")
PARTIAL, UNSATISFIABLE = 206, 416


@dataclass
class _Piece:
    """A file that ends early, for a response that reads it to its end.

    Without slots, for servers put a ``close`` of their own in the place of this one.
    """

    file: BinaryIO
    left: int

    def read(self, size: int) -> bytes:
        """Return the next bytes of the piece."""
        got = self.file.read(min(size, self.left))
        self.left -= len(got)
        return got

    def close(self) -> None:
        """Close the file."""
        self.file.close()


def is_played(content_type: str) -> bool:
    """Tell whether a page of ours may play files of this type."""
    return content_type in VIDEOS


def respond_in_place(
    request: HttpRequest, stored: StoredFile, name: str, *, content_type: str, inline: bool
) -> HttpResponseBase:
    """Return a file as `serve` does, or as what a page plays.

    ``content_type`` is what it is where it hangs: the same bytes may have come as something else
    before, whose type the stored file keeps.
    """
    if content_type not in _TOLD_BY:
        return respond(stored, name, inline=inline)
    # Only of GET is a piece defined (RFC 9110, section 14.2).
    headers = request.headers if request.method == "GET" else {}
    return respond_media(stored, name, content_type, headers)


def respond_media(
    stored: StoredFile, name: str, content_type: str, headers: Mapping[str, str]
) -> HttpResponseBase:
    """Return a video or captions in place: all of it, or the piece that ``headers`` ask for.

    What is neither to its first bytes is a download. The caller has checked that the viewer may
    see it.
    """
    opened = open_unlocked(stored, name)
    if isinstance(opened, HttpResponseBase):
        return opened
    if not _TOLD_BY[content_type](opened.read(_HEAD)):
        opened.close()
        return respond(stored, name)
    asked = _asked_for(headers, stored)
    if asked is not None and not asked:
        opened.close()
        response = refused("", UNSATISFIABLE)
        response["Content-Range"] = f"bytes */{stored.size}"
        return response
    part = asked or range(stored.size)
    opened.seek(part.start)
    response = FileResponse(_Piece(opened, len(part)), content_type=content_type)
    if asked is not None:
        response.status_code = PARTIAL
        response["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{stored.size}"
    response["Content-Length"] = str(len(part))
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = _tag(stored)
    shown = content_disposition_header(as_attachment=False, filename=clean_filename(name))
    return guarded(response, shown or "inline")


def _asked_for(headers: Mapping[str, str], stored: StoredFile) -> range | None:
    """Return the bytes asked for, none of them if there are no such; None asks for the whole.

    Several pieces at once, or a piece of other bytes than these, are answered with the whole, as
    the standard permits.
    """
    found = _RANGE.fullmatch(headers.get("Range", "").strip())
    if found is None or found[0] == "bytes=-" or not _is_same(headers, stored):
        return None
    size = stored.size
    if not found[1]:
        return range(max(size - int(found[2]), 0), size)
    first = int(found[1])
    last = min(int(found[2]), size - 1) if found[2] else size - 1
    if found[2] and int(found[2]) < first:
        return None
    return range(first, last + 1)


def _is_same(headers: Mapping[str, str], stored: StoredFile) -> bool:
    return headers.get("If-Range", _tag(stored)) == _tag(stored)


def _tag(stored: StoredFile) -> str:
    return f'"{stored.sha256}"'
