"""The type of a file by its content and name; what its sender says counts least."""

import re
from typing import Protocol

from helpdesk.lib.filenames import split_extension

UNKNOWN = "application/octet-stream"
_HEAD = 1024


class Readable(Protocol):
    """What bytes can be read from, and again from the beginning."""

    def read(self, num_bytes: int | None = ..., /) -> bytes:
        """Return the next bytes."""

    def seek(self, offset: int, whence: int = ..., /) -> int:
        """Go to a place."""


_VALID = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,95}\Z")

# Offset, bytes, type. What is in here is believed against name and header.
_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (0, b"II*\x00", "image/tiff"),
    (0, b"MM\x00*", "image/tiff"),
    (4, b"ftypheic", "image/heic"),
    (4, b"ftypheix", "image/heic"),
    (4, b"ftypmif1", "image/heif"),
    (4, b"ftypavif", "image/avif"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"{\\rtf", "application/rtf"),
    (0, b"\x1f\x8b\x08", "application/gzip"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"Rar!\x1a\x07", "application/vnd.rar"),
    (0, b"MZ", "application/vnd.microsoft.portable-executable"),
    (0, b"\x7fELF", "application/x-executable"),
    (0, b"\x78\x9f\x3e\x22", "application/ms-tnef"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"OggS", "audio/ogg"),
    (4, b"ftypM4A", "audio/mp4"),
    (4, b"ftyp3gp", "video/3gpp"),
    (4, b"ftypqt", "video/quicktime"),
    (4, b"ftyp", "video/mp4"),
    (0, b"WEBVTT", "text/vtt"),
    (0, b"\xef\xbb\xbfWEBVTT", "text/vtt"),
)
_EBML = b"\x1a\x45\xdf\xa3"
# The kinds of MP4 that browsers play (ISO/IEC 14496-12, section 4.3): what else begins so, such as
# pictures and what telephones record in formats of their own, they do not.
_BRANDS = frozenset(b"isom iso2 iso3 iso4 iso5 iso6 mp41 mp42 avc1 MSNV dash mmp4".split()) | {
    b"M4V "
}
_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OFFICE_XML = "application/vnd.openxmlformats-officedocument."
_BY_EXTENSION = {
    ".txt": "text/plain",
    ".log": "text/plain",
    ".csv": "text/csv",
    ".ics": "text/calendar",
    ".vcf": "text/vcard",
    ".md": "text/markdown",
    ".htm": "text/html",
    ".html": "text/html",
    ".xhtml": "application/xhtml+xml",
    ".xml": "application/xml",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".eml": "message/rfc822",
    ".pdf": "application/pdf",
    ".rtf": "application/rtf",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".jfif": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".bmp": "image/bmp",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".heic": "image/heic",
    ".heif": "image/heif",
    ".zip": "application/zip",
    ".gz": "application/gzip",
    ".7z": "application/x-7z-compressed",
    ".rar": "application/vnd.rar",
    ".doc": "application/msword",
    ".xls": "application/vnd.ms-excel",
    ".ppt": "application/vnd.ms-powerpoint",
    ".msg": "application/vnd.ms-outlook",
    ".docx": f"{_OFFICE_XML}wordprocessingml.document",
    ".xlsx": f"{_OFFICE_XML}spreadsheetml.sheet",
    ".pptx": f"{_OFFICE_XML}presentationml.presentation",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".odp": "application/vnd.oasis.opendocument.presentation",
    ".mp3": "audio/mpeg",
    ".m4a": "audio/mp4",
    ".wav": "audio/wav",
    ".ogg": "audio/ogg",
    ".opus": "audio/ogg",
    ".mp4": "video/mp4",
    ".mov": "video/quicktime",
    ".3gp": "video/3gpp",
    ".avi": "video/x-msvideo",
    ".webm": "video/webm",
    ".mkv": "video/x-matroska",
    ".vtt": "text/vtt",
    ".p7s": "application/pkcs7-signature",
    ".p7m": "application/pkcs7-mime",
    ".asc": "application/pgp-signature",
    ".exe": "application/vnd.microsoft.portable-executable",
    ".js": "text/javascript",
    ".dat": UNKNOWN,
    ".bin": UNKNOWN,
}
_EXTENSIONS = {kind: extension for extension, kind in reversed(_BY_EXTENSION.items())}
_INSIDE_ZIP = frozenset((".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp", ".zip"))
_INSIDE_OLE = frozenset((".doc", ".xls", ".ppt", ".msg"))
_ZIP_MIMETYPE = re.compile(rb"mimetype(application/[a-z0-9.+-]{1,80})")
_MARKUP = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]{0,300}>\s*)?(?:<!--.{0,500}?-->\s*)?"
    rb"<(!doctype\s+html|html|head|body|script|iframe|svg|!doctype\s+svg|\?xml)",
    re.IGNORECASE | re.DOTALL,
)


def sniff(content: bytes, *, name: str = "", declared: str = "") -> str:
    """Return the media type of ``content``, lower case, without parameters.

    Bytes that tell win over all; then a type that came with the file if it is no more
    than a container of unknown kind or agrees with the name; then the name. Markup is
    named as what it is whatever it claims to be, so nothing passes it off as an image.
    """
    head = content[:_HEAD]
    extension = split_extension(name)[1].lower()
    declared = declared.partition(";")[0].strip().lower()
    told = _by_magic(head, extension) or _by_ebml(head) or _by_markup(head, extension)
    if told is not None:
        return told
    named = _BY_EXTENSION.get(extension)
    if not _VALID.match(declared) or declared == UNKNOWN or declared.startswith("multipart/"):
        return named or UNKNOWN
    return declared


def sniff_upload(file: "Readable", name: str) -> str:
    """Return the media type of an open file, which then stands at its beginning again."""
    head = file.read(_HEAD)
    file.seek(0)
    return sniff(head, name=name)


def extension_for(content_type: str) -> str:
    """Return the usual extension of a media type with its dot, or an empty string."""
    return _EXTENSIONS.get(content_type, "") if content_type != UNKNOWN else ""


def is_mp4(head: bytes) -> bool:
    """Tell whether the first bytes are those of an MP4 video that browsers play."""
    return head[4:8] == b"ftyp" and head[8:12] in _BRANDS


def is_webm(head: bytes) -> bool:
    """Tell whether the first bytes are those of WebM: a Matroska that names itself so."""
    return head.startswith(_EBML) and b"webm" in head[:64]


def is_captions(head: bytes) -> bool:
    """Tell whether the first bytes are those of captions (WebVTT, section 4)."""
    return head.removeprefix(b"\xef\xbb\xbf").startswith(b"WEBVTT")


def _by_ebml(head: bytes) -> str | None:
    if not head.startswith(_EBML):
        return None
    return "video/webm" if is_webm(head) else "video/x-matroska"


def _by_magic(head: bytes, extension: str) -> str | None:
    if head.startswith(_ZIP):
        inner = _ZIP_MIMETYPE.search(head[:200])
        if inner is not None:
            return inner[1].decode()
        return _BY_EXTENSION[extension if extension in _INSIDE_ZIP else ".zip"]
    if head.startswith(_OLE):
        known = extension in _INSIDE_OLE
        return _BY_EXTENSION[extension] if known else "application/x-ole-storage"
    for offset, magic, kind in _MAGIC:
        # Two letters may as well begin a text; binary files hold zero bytes early.
        if head.startswith(magic, offset) and (len(magic) > 2 or b"\x00" in head):
            return kind
    return None


def _by_markup(head: bytes, extension: str) -> str | None:
    match = _MARKUP.match(head)
    if match is None:
        return None
    root = match[1].lower()
    if b"svg" in root or (root == b"?xml" and b"<svg" in head.lower()):
        return "image/svg+xml"
    if root == b"?xml":
        return _BY_EXTENSION.get(extension, "application/xml")
    return "text/html" if extension != ".xhtml" else _BY_EXTENSION[extension]
