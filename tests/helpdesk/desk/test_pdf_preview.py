"""PDFs of a thread in a frame of its page: nothing else goes out by this way."""

from pathlib import Path

import pytest
from django.urls import reverse
from pytest_django import Settings

from helpdesk.files.models import ScanState, StoredFile
from helpdesk.files.store import put
from helpdesk.tickets.models import Attachment
from tests.factories.house import House, make_house, make_ticket
from tests.helpdesk.desk.pages import Page, page_of, signed_in

pytestmark = pytest.mark.django_db
PDF, HTML = b"%PDF-1.7\n%%EOF", b"<script>alert(1)</script>"


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture(autouse=True)
def _folder(settings: Settings, tmp_path: Path) -> None:
    settings.FILES_ROOT = tmp_path


def attached(house: House, content: bytes, kind: str = "application/pdf") -> Attachment:
    return Attachment.objects.create(
        article=make_ticket(house).articles.get(),
        file=put(content, kind),
        name='Vollmacht "neu".pdf',
        content_type=kind,
        size=len(content),
    )


def shown(house: House, file: Attachment) -> Page:
    return signed_in(house.anna).get(reverse("desk:document", args=[file.pk]))


def test_a_pdf_is_shown_to_our_own_pages_and_loads_nothing(house: House) -> None:
    file = attached(house, PDF)

    answer = shown(house, file)
    page = signed_in(house.anna).get(page_of(file.article.ticket)).content.decode()

    assert answer.getvalue() == PDF
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("inline")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in answer["Content-Security-Policy"]
    assert f'data-document="{reverse("desk:document", args=[file.pk])}"' in page


@pytest.mark.parametrize(
    "content, kind",
    [
        (HTML, "application/pdf"),
        (HTML, "text/html"),
        (b"\xff\xd8\xff", "image/jpeg"),
    ],
)
def test_what_is_no_pdf_by_its_bytes_is_not_shown(house: House, content: bytes, kind: str) -> None:
    answer = shown(house, attached(house, content, kind))

    assert answer.status_code == 415
    assert_is_sentence(answer)


def assert_is_sentence(answer: Page) -> None:
    """It is read in the frame, where a refusal of frames would leave an empty box."""
    assert answer["Content-Type"].startswith("text/plain")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in answer["Content-Security-Policy"]


def test_a_pdf_that_is_held_back_stays_so(house: House) -> None:
    file = attached(house, PDF)
    StoredFile.objects.filter(pk=file.file_id).update(scan_state=ScanState.HELD)

    answer = shown(house, file)

    assert answer.status_code == 403
    assert_is_sentence(answer)
