"""What a browser is told about a stored file."""

from pathlib import Path

import pytest
from django.http import FileResponse, HttpResponseBase
from pytest_django import Settings

from helpdesk.files import serve, store
from helpdesk.files.models import ScanState, StoredFile

pytestmark = pytest.mark.django_db
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20


@pytest.fixture(autouse=True)
def _root(settings: Settings, tmp_path: Path) -> None:
    settings.FILES_ROOT = tmp_path / "files"


def answer(stored: StoredFile, name: str, *, inline: bool = False) -> HttpResponseBase:
    """Read an answer whole; closing it would tell Django that a request has ended."""
    response = serve.respond(stored, name, inline=inline)
    if isinstance(response, FileResponse):
        response.sent = b"".join(response)  # type: ignore[attr-defined] # for the assertions alone
        response.file_to_stream.close()  # type: ignore[union-attr] # it was given a file
    return response


def test_respond_sends_a_guarded_download() -> None:
    stored = store.put(b"Antrag", "text/plain")

    response = answer(stored, "Antrag für Müller.txt")

    assert response.sent == b"Antrag"  # type: ignore[attr-defined] # set by answer()
    assert dict(response.items()) == {
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Length": "6",
        "Content-Disposition": "attachment; filename*=utf-8''Antrag%20f%C3%BCr%20M%C3%BCller.txt",
        "Content-Security-Policy": serve.SANDBOX,
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "private, no-store",
    }


@pytest.mark.parametrize(
    "content, content_type",
    [
        (b"<script>alert(1)</script>", "text/html"),
        (b"<svg onload='alert(1)'/>", "image/svg+xml"),
        (b"<?xml version='1.0'?><a/>", "application/xml"),
        (b"<script>alert(1)</script>", "image/png"),
        (b"<script>alert(1)</script>", "application/pdf"),
    ],
)
def test_respond_never_shows_what_a_browser_might_run(content: bytes, content_type: str) -> None:
    stored = store.put(content, content_type)

    response = answer(stored, "a.html", inline=True)

    assert response["Content-Disposition"] == 'attachment; filename="a.html"'
    assert "sandbox" in response["Content-Security-Policy"]
    assert "html" not in response["Content-Type"]
    assert "xml" not in response["Content-Type"]


@pytest.mark.parametrize(
    "content, content_type", [(PNG, "image/png"), (b"%PDF-1.7 ...", "application/pdf")]
)
def test_respond_shows_images_and_pdf_in_place_when_asked(
    content: bytes, content_type: str
) -> None:
    stored = store.put(content, content_type)

    response = answer(stored, "bild", inline=True)

    assert response["Content-Type"] == content_type
    assert response["Content-Disposition"] == 'inline; filename="bild"'


@pytest.mark.parametrize(
    "content, status", [(b"%PDF-1.7 ...", 200), (b"<script>alert(1)</script>", 415)]
)
@pytest.mark.parametrize("content_type", ["application/pdf", "application/octet-stream"])
def test_respond_framed_goes_by_the_bytes_whatever_they_came_as_at_first(
    content: bytes, status: int, content_type: str
) -> None:
    stored = store.put(content, content_type)

    response = serve.respond_framed(stored, "bescheid.pdf", refusal="Nein.")

    assert response.status_code == status
    shown = "application/pdf" if status == 200 else "text/plain; charset=utf-8"
    assert response["Content-Type"] == shown
    assert response["X-Content-Type-Options"] == "nosniff"
    response.close()


def test_respond_puts_no_line_break_of_a_name_into_the_header() -> None:
    stored = store.put(b"x", "text/plain")

    response = answer(stored, 'a"\r\nX-Evil: 1\u202e.txt')

    assert "X-Evil" not in response
    assert "\n" not in response["Content-Disposition"]


def test_respond_says_that_a_file_is_missing() -> None:
    stored = store.put(b"x", "text/plain")
    store.path_of(stored.sha256).unlink()

    response = answer(stored, "a.txt")

    assert response.status_code == 410


def test_respond_withholds_a_held_file() -> None:
    stored = store.put(b"x", "text/plain")
    stored.scan_state = ScanState.HELD

    response = answer(stored, "a.txt")

    assert response.status_code == 403
