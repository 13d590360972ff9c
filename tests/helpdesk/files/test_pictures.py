"""The copy of a picture that may be shown outside: its pixels and nothing else."""

import io

import pytest
from PIL import Image

from helpdesk.files.pictures import PictureError, PictureTooLargeError, public_copy, size_of
from tests.helpdesk.portal.report.walking import GPS, photo


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def encoded(picture: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def test_nothing_hidden_is_left_and_the_picture_stands_upright() -> None:
    original = photo().read()
    assert opened(original).getexif().get_ifd(GPS)

    copy = public_copy(original)

    made = opened(copy)
    assert dict(made.getexif()) == {}
    assert set(made.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert b"Kanarienkamera" not in copy
    assert made.size == (480, 640)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF", "JPEG"])
def test_every_kind_that_is_taken_becomes_a_jpeg(kind: str) -> None:
    made = opened(public_copy(encoded(Image.new("RGB", (20, 10), "red"), kind)))

    assert (made.format, made.size) == ("JPEG", (20, 10))


@pytest.mark.parametrize(
    "kind,size", [("PNG", (20, 10)), ("GIF", (20, 10)), ("JPEG", (20, 10)), ("WEBP", (0, 0))]
)
def test_size_of_reads_the_head_of_a_picture_and_of_nothing_else(
    kind: str, size: tuple[int, int]
) -> None:
    content = encoded(Image.new("RGB", (20, 10), "red"), kind)

    assert size_of(content, f"image/{kind.lower()}") == size
    assert size_of(content[:12], "image/jpeg") == (0, 0)
    assert size_of(b"", "image/png") == (0, 0)


def test_what_is_transparent_becomes_white() -> None:
    clear = encoded(Image.new("RGBA", (8, 8), (0, 0, 0, 0)), "PNG")

    assert opened(public_copy(clear)).getpixel((4, 4)) == (255, 255, 255)


def test_a_comment_and_text_chunks_are_gone() -> None:
    gif = encoded(Image.new("RGB", (8, 8)), "GIF", comment=b"Kanarienvogel")

    assert b"Kanarienvogel" not in public_copy(gif)


def test_a_large_picture_is_made_smaller() -> None:
    large = encoded(Image.new("RGB", (5000, 2500), "green"), "JPEG")

    assert opened(public_copy(large)).size == (2048, 1024)


def test_a_picture_with_too_many_pixels_is_refused_unread() -> None:
    bomb = encoded(Image.new("1", (30_000, 30_000)), "PNG")

    with pytest.raises(PictureTooLargeError):
        public_copy(bomb)


@pytest.mark.parametrize(
    "content", [b"", b"no picture", b"\xff\xd8\xff\xe0cut", b"<svg onload='x()'/>", b"%PDF-1.7"]
)
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(PictureError):
        public_copy(content)
