"""Makes a picture that may be shown outside, in a process that can only hurt itself.

Reads a picture from standard input and writes a JPEG without anything but its pixels
to standard output; its argument names the longest edge. Started by
:mod:`helpdesk.files.pictures`; knows no Django. Its exit code is 0, 2 for what is no
picture we can read, 3 for one with too many pixels.
"""

import io
import resource
import sys

from PIL import Image, ImageCms, ImageOps

MEMORY = 700 * 1024 * 1024
SECONDS = 10
MOST_PIXELS = 50_000_000
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
QUALITY = 82
UNREADABLE, TOO_LARGE = 2, 3


def copy_of(content: bytes, edge: int) -> bytes:
    """Return the picture upright, at most ``edge`` pixels wide and high, without metadata."""
    Image.MAX_IMAGE_PIXELS = None  # our own limit is lower than Pillow's warning
    with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
        if picture.width * picture.height > MOST_PIXELS:
            sys.exit(TOO_LARGE)
        # A JPEG can be decoded at a fraction of its size, in a fraction of the time.
        picture.draft("RGB", (edge, edge))
        picture.load()
        upright = ImageOps.exif_transpose(picture)
        upright.thumbnail((edge, edge), Image.Resampling.LANCZOS, reducing_gap=2.0)
        plain = on_white(in_srgb(upright))
    out = io.BytesIO()
    # A fresh picture of the pixels alone: no EXIF, no comment, no profile, no thumbnail.
    Image.frombytes("RGB", plain.size, plain.tobytes()).save(
        out, "JPEG", quality=QUALITY, optimize=True
    )
    return out.getvalue()


def in_srgb(picture: Image.Image) -> Image.Image:
    """Bring colours of a wider space into the one that is meant without a profile."""
    profile = picture.info.get("icc_profile")
    if not profile or picture.mode not in {"RGB", "RGBA"}:
        return picture
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        target = ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(picture, source, target) or picture
    except (ImageCms.PyCMSError, OSError):
        return picture


def on_white(picture: Image.Image) -> Image.Image:
    """Return RGB; what is transparent becomes white."""
    if picture.mode not in {"RGBA", "LA", "PA"} and "transparency" not in picture.info:
        return picture.convert("RGB")
    layer = picture.convert("RGBA")
    ground = Image.new("RGB", layer.size, "white")
    ground.paste(layer, mask=layer.getchannel("A"))
    return ground


def main() -> None:
    """Work within limits of memory and time that the kernel holds."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))
    try:
        made = copy_of(sys.stdin.buffer.read(), int(sys.argv[1]))
    except (OSError, ValueError, SyntaxError, MemoryError, EOFError, Image.DecompressionBombError):
        sys.exit(UNREADABLE)
    sys.stdout.buffer.write(made)


if __name__ == "__main__":
    main()
