"""Videos that a page plays: whole, in pieces, and never what only calls itself a video."""

from pathlib import Path

import pytest
from django.http import FileResponse, HttpResponseBase
from django.test import RequestFactory
from pytest_django import Settings

from helpdesk.files import serve, store
from helpdesk.files.media import respond_in_place
from helpdesk.files.models import ScanState, StoredFile
from helpdesk.lib.filetypes import sniff

pytestmark = pytest.mark.django_db
MP4 = b"\x00\x00\x00\x18ftypmp42" + bytes(range(256)) * 40
WEBM = b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm" + b"\0" * 50
VTT = b"WEBVTT\n\n00:00.000 --> 00:02.000\nGuten Tag\n"


@pytest.fixture(autouse=True)
def _root(settings: Settings, tmp_path: Path) -> None:
    settings.FILES_ROOT = tmp_path / "files"


@pytest.fixture
def video() -> StoredFile:
    return store.put(MP4, "video/mp4")


def ask(
    stored: StoredFile, *, method: str = "GET", content_type: str = "", **headers: str
) -> tuple[HttpResponseBase, bytes]:
    """Return the answer and its bytes; closing it would tell Django that a request has ended."""
    request = RequestFactory().generic(method, "/", headers=headers)
    response = respond_in_place(
        request, stored, "Film.mp4", content_type=content_type or stored.content_type, inline=True
    )
    if not isinstance(response, FileResponse):
        return response, response.content  # type: ignore[attr-defined] # it is no stream
    sent = b"".join(response)
    response.file_to_stream.close()  # type: ignore[union-attr] # it was given a file
    return response, sent


def test_bytes_that_came_as_something_else_before_are_played_as_what_they_are_here() -> None:
    first = store.put(MP4, "application/octet-stream")
    again = store.put(MP4, "video/mp4")

    response, sent = ask(again, content_type="video/mp4")

    assert (again, again.content_type) == (first, "application/octet-stream")
    assert (response["Content-Type"], sent) == ("video/mp4", MP4)


def test_a_video_is_sent_whole_in_place_and_says_that_pieces_are_to_be_had(
    video: StoredFile,
) -> None:
    response, sent = ask(video)

    assert (response.status_code, sent) == (200, MP4)
    assert dict(response.items()) == {
        "Content-Type": "video/mp4",
        "Content-Length": str(len(MP4)),
        "Accept-Ranges": "bytes",
        "ETag": f'"{video.sha256}"',
        "Content-Disposition": 'inline; filename="Film.mp4"',
        "Content-Security-Policy": serve.SANDBOX,
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "private, no-store",
    }


@pytest.mark.parametrize(
    "asked, first, last",
    [
        ("bytes=0-0", 0, 0),
        ("bytes=0-", 0, len(MP4) - 1),
        ("bytes=100-199", 100, 199),
        ("bytes=100-99999999", 100, len(MP4) - 1),
        ("bytes=-10", len(MP4) - 10, len(MP4) - 1),
        ("bytes=-99999999", 0, len(MP4) - 1),
    ],
)
def test_a_piece_is_exactly_what_was_asked_for(
    video: StoredFile, asked: str, first: int, last: int
) -> None:
    response, sent = ask(video, Range=asked)

    assert (response.status_code, sent) == (206, MP4[first : last + 1])
    assert response["Content-Range"] == f"bytes {first}-{last}/{len(MP4)}"
    assert response["Content-Length"] == str(len(sent))


@pytest.mark.parametrize("asked", [f"bytes={len(MP4)}-", "bytes=-0", "bytes=999999999999999999-"])
def test_a_piece_that_is_not_there_is_refused_with_the_size(video: StoredFile, asked: str) -> None:
    response, sent = ask(video, Range=asked)

    assert (response.status_code, sent) == (416, b"")
    assert response["Content-Range"] == f"bytes */{len(MP4)}"


@pytest.mark.parametrize(
    "headers",
    [
        {"Range": "bytes=5-2"},
        {"Range": "bytes=-"},
        {"Range": "bytes=0-1,5-6"},
        {"Range": "pages=0-1"},
        {"Range": "bytes=0-" + "9" * 400},
        {"Range": "bytes=٣-"},
        {"Range": "bytes=0-1", "If-Range": '"another"'},
    ],
)
def test_what_is_no_piece_of_these_bytes_is_answered_with_the_whole(
    video: StoredFile, headers: dict[str, str]
) -> None:
    response, sent = ask(video, **headers)

    assert (response.status_code, sent) == (200, MP4)


def test_a_piece_is_asked_for_by_get_alone_and_by_the_tag_of_the_same_bytes(
    video: StoredFile,
) -> None:
    same, _sent = ask(video, Range="bytes=0-1", **{"If-Range": f'"{video.sha256}"'})
    head, _sent = ask(video, method="HEAD", Range="bytes=0-1")

    assert (same.status_code, head.status_code) == (206, 200)
    assert head["Content-Length"] == str(len(MP4))


@pytest.mark.parametrize(
    "content, content_type",
    [
        (b"<script>alert(1)</script>", "video/mp4"),
        (b"\x00\x00\x00\x18ftypheic<script>", "video/mp4"),
        (b"\x1a\x45\xdf\xa3 matroska <script>", "video/webm"),
        (b"<html>WEBVTT", "text/vtt"),
        (MP4, "video/quicktime"),
        (MP4, "text/html"),
    ],
)
def test_what_is_no_video_by_its_bytes_or_its_type_is_a_neutral_download(
    content: bytes, content_type: str
) -> None:
    response, sent = ask(store.put(content, content_type), Range="bytes=0-1")

    assert (response.status_code, sent) == (200, content)
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment")


def test_a_held_or_missing_video_is_a_plain_sentence(video: StoredFile) -> None:
    StoredFile.objects.update(scan_state=ScanState.HELD)
    video.refresh_from_db()
    held, _sent = ask(video, Range="bytes=0-1")
    StoredFile.objects.update(scan_state=ScanState.CLEAN)
    video.refresh_from_db()
    store.path_of(video.sha256).unlink()
    missing, _sent = ask(video)

    assert (held.status_code, missing.status_code) == (403, 410)


@pytest.mark.parametrize(
    "content, name, kind",
    [
        (MP4, "a.txt", "video/mp4"),
        (WEBM, "a.bin", "video/webm"),
        (WEBM.replace(b"webm", b"matr"), "a.webm", "video/x-matroska"),
        (VTT, "a.txt", "text/vtt"),
        (b"\xef\xbb\xbf" + VTT, "a.html", "text/vtt"),
    ],
)
def test_what_may_be_played_is_told_by_its_bytes(content: bytes, name: str, kind: str) -> None:
    assert sniff(content, name=name, declared="text/html") == kind
