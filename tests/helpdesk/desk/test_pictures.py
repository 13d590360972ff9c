"""Pictures of a thread: small in it, large in a dialog, and neither with hidden data."""

import io
from pathlib import Path

import pytest
from django.urls import reverse
from PIL import Image
from pytest_django import Settings

from helpdesk.files.models import ScanState, StoredFile
from helpdesk.files.store import put
from helpdesk.tickets.models import Attachment, Ticket
from tests.factories.house import House, make_house, make_ticket
from tests.helpdesk.desk.pages import Page, page_of, signed_in
from tests.helpdesk.portal.report.walking import photo

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture(autouse=True)
def _folder(settings: Settings, tmp_path: Path) -> None:
    settings.FILES_ROOT = tmp_path


def attached(ticket: Ticket, content: bytes, kind: str = "image/jpeg") -> Attachment:
    return Attachment.objects.create(
        article=ticket.articles.get(),
        file=put(content, kind),
        name="loch & rad.jpg",
        content_type=kind,
        size=len(content),
    )


def shown(house: House, name: str, file: Attachment) -> Page:
    return signed_in(house.anna).get(reverse(f"desk:{name}", args=[file.pk]))


@pytest.mark.parametrize("name, edge", [("picture", 1200), ("thumbnail", 128)])
def test_a_picture_is_shown_encoded_anew_and_made_once(house: House, name: str, edge: int) -> None:
    file = attached(make_ticket(house), photo(size=(1200, 900)).read())

    first, second = shown(house, name, file), shown(house, name, file)

    content = first.getvalue()
    picture = Image.open(io.BytesIO(content))
    assert max(picture.size) == edge
    assert dict(picture.getexif()) == {}
    assert second.getvalue() == content
    assert first["Content-Disposition"].startswith("inline")
    assert "sandbox" in first["Content-Security-Policy"]
    file.refresh_from_db()
    assert (file.thumbnail is not None) == (name == "thumbnail")


def test_the_thread_shows_it_small_and_opens_it_in_the_page(house: House) -> None:
    ticket = make_ticket(house)
    file = attached(ticket, photo().read())

    html = signed_in(house.anna).get(page_of(ticket)).content.decode()

    assert f'<img src="/a/files/{file.pk}/small/" alt=""' in html
    assert f'data-picture="/a/files/{file.pk}/picture/" data-name="loch &amp; rad.jpg"' in html


@pytest.mark.parametrize(
    "content, kind, status",
    [(b"\xff\xd8\xff broken", "image/jpeg", 415), (b"%PDF-1.4", "application/pdf", 415)],
)
def test_what_is_no_picture_is_refused_in_words(
    house: House, content: bytes, kind: str, status: int
) -> None:
    file = attached(make_ticket(house), content, kind)

    for name in ("picture", "thumbnail"):
        response = shown(house, name, file)
        assert response.status_code == status
        assert "herunterladen" in response.content.decode()


def test_what_a_scanner_holds_back_has_no_look(house: House) -> None:
    file = attached(make_ticket(house), photo().read())
    StoredFile.objects.filter(pk=file.file_id).update(scan_state=ScanState.HELD)

    assert [shown(house, name, file).status_code for name in ("picture", "thumbnail")] == [403, 403]
