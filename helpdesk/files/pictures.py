"""The copy of a picture that may be shown outside: its pixels and nothing else.

A photograph carries where and when it was taken and with which device. The picture is
decoded in a process of its own with limits on memory and time, since decoders are
where crafted files strike.
"""

import subprocess
import sys
import threading
from pathlib import Path

CONTENT_TYPE = "image/jpeg"
READABLE = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})
EDGE = 2048
# Beyond that a telephone that shows it runs out of memory; as in the child.
MOST_PIXELS = 50_000_000
SECONDS = 20
_PNG = b"\x89PNG\r\n\x1a\n"
_TELLING = frozenset({b"eXIf", b"tEXt", b"zTXt", b"iTXt", b"tIME"})
# All markers of a frame (T.81, table B.1): C0 to CF but those of tables and of reserved kinds.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_CHILD = Path(__file__).with_name("picture_child.py")
_TOO_LARGE = 3
# One at a time in a process: several large pictures at once would not fit into memory.
_TURN = threading.Lock()


class PictureError(Exception):
    """No picture that we can read."""


class PictureTooLargeError(PictureError):
    """It has more pixels than we decode."""


def public_copy(content: bytes, edge: int = EDGE) -> bytes:
    """Return an upright JPEG of at most ``edge`` pixels without metadata; raises PictureError."""
    with _TURN:
        try:
            done = subprocess.run(  # noqa: S603 - our own program, nothing of the file in it
                [sys.executable, "-I", str(_CHILD), str(edge)],
                input=content,
                capture_output=True,
                timeout=SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise PictureError from error
    if done.returncode == _TOO_LARGE:
        raise PictureTooLargeError
    if done.returncode or not done.stdout:
        raise PictureError
    return done.stdout


def demand_showable(content: bytes, kind: str) -> None:
    """Refuse a drawing of more pixels than a browser should unpack, by what its head says.

    Raises PictureTooLargeError. PNG (W3C) 11.2.1: from byte 16 on; GIF89a 18: from byte 6 on.
    """
    if kind not in {"image/png", "image/gif"}:
        return
    width, height = size_of(content, kind)
    if width * height > MOST_PIXELS:
        raise PictureTooLargeError


def size_of(content: bytes, kind: str) -> tuple[int, int]:
    """Return width and height in pixels by what the head of a picture says; (0, 0) for others.

    JPEG (ITU T.81), B.1.1.4 and B.2.2: segments follow each other, a frame names its lines.
    """
    if kind == "image/png":
        return int.from_bytes(content[16:20]), int.from_bytes(content[20:24])
    if kind == "image/gif":
        return int.from_bytes(content[6:8], "little"), int.from_bytes(content[8:10], "little")
    at = 2 if kind == "image/jpeg" else len(content)
    while at + 9 <= len(content) and content[at] == 0xFF:
        if content[at + 1] in _FRAMES:
            height, width = content[at + 5 : at + 7], content[at + 7 : at + 9]
            return int.from_bytes(width), int.from_bytes(height)
        at += 2 + int.from_bytes(content[at + 2 : at + 4])
    return 0, 0


def without_notes(png: bytes) -> bytes:
    """Return a PNG without its texts, times and EXIF, every pixel as it was.

    For what is published as it was drawn: a JPEG would blur a plan. Raises PictureError.
    PNG (W3C, third edition), 5.3: length, type, data, checksum.
    """
    if not png.startswith(_PNG):
        raise PictureError
    demand_showable(png, "image/png")
    kept, at = [_PNG], len(_PNG)
    while at + 12 <= len(png):
        end = at + 12 + int.from_bytes(png[at : at + 4])
        if png[at + 4 : at + 8] not in _TELLING:
            kept.append(png[at:end])
        at = end
    if at != len(png):
        raise PictureError
    return b"".join(kept)
