"""The files of a mail: every leaf that is not the shown body, and what hides inside leaves."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from channels_in.mail import uuencode
from channels_in.mail.charset import decode_html, decode_text
from channels_in.mail.headers import split_head
from channels_in.mail.inline_images import extract_data_images
from channels_in.mail.parsed import Leaf, ParsedFile
from channels_in.mail.tnef import TnefError, read_tnef
from helpdesk.lib.filenames import clean_filename, unique_name
from helpdesk.lib.filetypes import extension_for, sniff
from helpdesk.lib.html import referenced_cids

# Bounds on what may come out of containers (TNEF, uuencode): beyond them the container stays shut.
MAX_FILES = 1_000
MAX_UNPACKED = 100_000_000
_TNEF_TYPES = frozenset(("application/ms-tnef", "application/vnd.ms-tnef"))
_STEMS = {
    "message/delivery-status": "delivery-status.txt",
    "message/disposition-notification": "disposition-notification.txt",
    "message/feedback-report": "feedback-report.txt",
    "text/rfc822-headers": "headers.txt",
    "text/calendar": "invite.ics",
    "text/html": "message.html",
    "text/plain": "message.txt",
    "text/x-amp-html": "message.amp.html",
    "application/pkcs7-signature": "smime.p7s",
    "application/x-pkcs7-signature": "smime.p7s",
    "application/pkcs7-mime": "smime.p7m",
    "application/x-pkcs7-mime": "smime.p7m",
    "application/pgp-signature": "signature.asc",
    "application/pgp-encrypted": "version.txt",
    "application/pgp-keys": "key.asc",
    "application/ms-tnef": "winmail.dat",
}
_HEADER_BYTES = 64_000


@dataclass(frozen=True, slots=True)
class _Found:
    """A file before its name is made unique and its type sniffed."""

    name: str
    content_type: str
    content: bytes
    cid: str | None = None
    location: str | None = None


def find_attachments(
    leaves: Sequence[Leaf], *, shown: frozenset[int], html: str | None
) -> tuple[ParsedFile, ...]:
    """Return the files of a mail in its order, named as they will be stored.

    ``shown`` holds the indices of leaves that are wholly part of the body; ``html`` is the
    sanitised body, whose content ids make a picture ``inline``. TNEF and uuencoded files come
    out of their containers; a container that can't be read stays as it is. Names are clean
    and unique; types come from content and name.
    """
    cids = referenced_cids(html or "")
    taken: set[str] = set()
    files: list[ParsedFile] = []
    for found in _all_found(leaves, shown):
        name = unique_name(clean_filename(found.name), taken)
        files.append(_file(found, name, cids))
    return tuple(files)


def is_tnef(leaf: Leaf) -> bool:
    """Whether a leaf is Outlook's winmail.dat, by type or by name."""
    return leaf.content_type in _TNEF_TYPES or (leaf.filename or "").lower() == "winmail.dat"


def _all_found(leaves: Sequence[Leaf], shown: frozenset[int]) -> Iterator[_Found]:
    room = MAX_UNPACKED
    number = 0
    for index, leaf in enumerate(leaves):
        unpacked = _inside_shown(leaf) if index in shown else _unpack(leaf)
        size = sum(len(found.content) for found in unpacked)
        if size > room or number + len(unpacked) > MAX_FILES:
            unpacked, size = [_plain(leaf)], 0
        room -= size
        number += len(unpacked)
        yield from unpacked


def _unpack(leaf: Leaf) -> list[_Found]:
    if is_tnef(leaf):
        return _inside_tnef(leaf)
    return [_plain(leaf)]


def _plain(leaf: Leaf) -> _Found:
    return _Found(_name(leaf), leaf.content_type, leaf.payload, _bare_cid(leaf.cid), leaf.location)


def _inside_tnef(leaf: Leaf) -> list[_Found]:
    try:
        tnef = read_tnef(leaf.payload)
    except TnefError:
        return [_plain(leaf)]
    if not (tnef.files or tnef.text or tnef.html):
        return [_plain(leaf)]
    found = []
    for number, file in enumerate(tnef.files, 1):
        kind = sniff(file.content, name=file.name, declared=file.content_type)
        name = file.name or f"attachment-{number}{extension_for(kind)}"
        found.append(_Found(name, file.content_type, file.content, file.cid))
    return found


def _inside_shown(leaf: Leaf) -> list[_Found]:
    """Return the files that stand inside the text of a shown body."""
    if leaf.content_type == "text/html":
        if b"data:image" not in leaf.payload.replace(b"\x00", b"").lower():
            return []
        _, images = extract_data_images(decode_html(leaf.payload, leaf.charset))
        return [
            _Found(
                f"image-{number}{extension_for(image.content_type)}", "", image.content, image.cid
            )
            for number, image in enumerate(images, 1)
        ]
    if b"begin " not in leaf.payload:
        return []
    text = decode_text(leaf.payload, leaf.charset).replace("\r\n", "\n")
    return [_Found(file.name, "", file.content) for file in uuencode.extract(text)[1]]


def _file(found: _Found, name: str, cids: frozenset[str]) -> ParsedFile:
    content_type = sniff(found.content, name=name, declared=found.content_type)
    plain = ParsedFile(name, content_type, found.content, cid=found.cid)
    if not content_type.startswith("image/") or content_type == "image/svg+xml":
        return plain
    for key in (found.cid, found.location, found.name):
        if key and key in cids:
            return replace(plain, inline=True, cid=key)
    return plain


def _name(leaf: Leaf) -> str:
    if leaf.filename:
        return leaf.filename
    if leaf.content_type == "message/rfc822":
        return f"{_subject(leaf.payload) or 'message'}.eml"
    if leaf.content_type in _STEMS:
        return _STEMS[leaf.content_type]
    kind = sniff(leaf.payload, declared=leaf.content_type)
    stem = "image" if kind.startswith("image/") else "attachment"
    return stem + extension_for(kind)


def _subject(message: bytes) -> str:
    """Return the decoded subject of a raw message, path separators made harmless."""
    headers, _ = split_head(message[:_HEADER_BYTES])
    return re.sub(r"[/\\]+", "-", headers.text("subject") or "").strip()


def _bare_cid(cid: str | None) -> str | None:
    return (cid or "").strip().strip("<>").strip() or None
