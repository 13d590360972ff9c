"""Attack case 5, of photographs: nothing that goes outside tells where it was taken."""

import io
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from PIL import Image, PngImagePlugin
from pytest_django import Settings

from helpdesk.files import store
from helpdesk.files.models import StoredFile
from helpdesk.tickets.inbound import InboundFile
from helpdesk.tickets.models import Attachment, Ticket
from knowledgebase.domain.files import NewFile, add_file
from tests.attack.holder import file_address, opened
from tests.factories.house import House, make_house, make_ticket
from tests.factories.knowledge import make_answer, make_section
from tests.helpdesk.portal.report.walking import GPS, photo

pytestmark = pytest.mark.django_db
CAMERA = b"Kanarienkamera"


@pytest.fixture(autouse=True)
def _folder(settings: Settings, tmp_path: Path) -> None:
    settings.FILES_ROOT = tmp_path / "files"


@pytest.fixture
def house() -> House:
    return make_house()


def by_mail(house: House, content: bytes, kind: str, name: str) -> Ticket:
    stored = store.put(content, kind)
    return make_ticket(house, files=(InboundFile(stored.pk, name, kind, stored.size),))


def handed_out(ticket: Ticket, query: str = "") -> tuple[int, bytes]:
    attachment = Attachment.objects.get(article__ticket=ticket)
    response = opened(ticket).get(file_address(ticket, attachment.pk) + query)
    parts = response.streaming_content if response.streaming else [response.content]  # type: ignore[attr-defined]  # a file's response
    return response.status_code, b"".join(parts)


@pytest.mark.parametrize("query", ["", "?inline"])
def test_a_photo_that_came_by_mail_goes_out_without_place_and_camera(
    house: House, query: str
) -> None:
    original = photo().read()
    assert CAMERA in original
    ticket = by_mail(house, original, "image/jpeg", "loch.jpg")

    status, content = handed_out(ticket, query)

    assert status == 200
    assert CAMERA not in content
    assert not Image.open(io.BytesIO(content)).getexif().get_ifd(GPS)
    assert store.read_file(Attachment.objects.get().file) == original


def test_the_copy_is_made_once_and_only_when_somebody_asks(house: House) -> None:
    ticket = by_mail(house, photo().read(), "image/jpeg", "loch.jpg")
    before = Attachment.objects.get().public_file

    first, second = handed_out(ticket), handed_out(ticket)

    assert before is None
    assert first == second
    assert StoredFile.objects.count() == 2


@pytest.mark.parametrize("kind", ["image/heic", "image/tiff", "image/jpeg"])
def test_a_picture_that_can_not_be_freed_of_it_stays_inside(house: House, kind: str) -> None:
    ticket = by_mail(house, b"\xff\xd8\xff\xe1broken " + CAMERA, kind, "loch.img")

    status, content = handed_out(ticket)

    assert (status, CAMERA in content) == (403, False)
    assert "bleibt beim Amt" in content.decode()


def test_what_is_no_picture_goes_out_as_it_came(house: House) -> None:
    ticket = by_mail(house, b"%PDF-1.7 ...", "application/pdf", "antrag.pdf")

    assert handed_out(ticket) == (200, b"%PDF-1.7 ...")


def published(house: House, name: str, content: bytes) -> bytes:
    answer = make_answer(make_section(house.authority))
    row = add_file(answer_id=answer.pk, file=NewFile(name, content), user=house.anna)
    return store.read_file(row.file)


def test_a_photo_in_the_knowledge_base_loses_it_before_it_is_kept(house: House) -> None:
    content = published(house, "rathaus.jpg", photo().read())

    assert CAMERA not in content
    assert StoredFile.objects.count() == 1


def test_a_drawing_keeps_each_pixel_and_loses_its_notes(house: House) -> None:
    picture = Image.new("RGBA", (20, 10), (10, 200, 30, 128))
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Author", "Kanarienkamera")
    exif = Image.Exif()
    exif[0x0110] = "Kanarienkamera"
    out = io.BytesIO()
    picture.save(out, "PNG", pnginfo=notes, exif=exif)
    assert CAMERA in out.getvalue()

    content = published(house, "plan.png", out.getvalue())

    made = Image.open(io.BytesIO(content))
    assert CAMERA not in content
    assert made.tobytes() == picture.tobytes()


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n\x00\x00\xff\xffIDATcut", b"\xff\xd8\xff!"])
def test_a_broken_picture_is_not_published(house: House, content: bytes) -> None:
    with pytest.raises(ValidationError):
        published(house, "plan.png", content)

    assert not StoredFile.objects.exists()
