"""Requests are answered in one go, on threads that last, and apart from each other."""

import asyncio
import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from django.db import connection, connections
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.utils.translation import activate, get_language
from pytest_django import Settings

from helpdesk.project.handler import PageHandler


def where(_request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    open_one = id(connection.connection)
    return JsonResponse({"thread": threading.get_ident(), "connection": open_one})


def speak(_request: HttpRequest) -> HttpResponse:
    before = get_language()
    activate("ar")
    return HttpResponse(before)


def break_down(_request: HttpRequest) -> HttpResponse:
    raise RuntimeError("broken")


def send_file(_request: HttpRequest) -> FileResponse:
    return FileResponse(io.BytesIO(b"Zeile\n" * 50_000))


def count(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(len(request.body)))


urlpatterns = [
    path("wo/", where),
    path("sprache/", speak),
    path("kaputt/", break_down),
    path("datei/", send_file),
    path("laenge/", count),
]


@dataclass
class Answered:
    """What came back."""

    status: int = 0
    body: bytes = b""
    ends: list[str] = field(default_factory=list)


@contextmanager
def noted(ends: list[str]) -> Iterator[None]:
    """Note when Django is told of a request."""

    def started(**_told: object) -> None:
        ends.append("started")

    def finished(**_told: object) -> None:
        ends.append("finished")

    request_started.connect(started)
    request_finished.connect(finished)
    try:
        yield
    finally:
        request_started.disconnect(started)
        request_finished.disconnect(finished)


@pytest.fixture
def handler(settings: Settings) -> PageHandler:
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = []
    return PageHandler(threads=1)


def asked(handler: PageHandler, address: str, *pieces: bytes, is_whole: bool = True) -> Answered:
    """Send a request in pieces; one that is not whole ends with its connection."""
    found = Answered()
    messages = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
    last = {"type": "http.request", "body": b"", "more_body": False}
    messages.append(last if is_whole else {"type": "http.disconnect"})
    waiting = iter(messages)

    async def receive() -> Any:  # noqa: ANN401 - as ASGI has it
        return next(waiting)

    async def send(message: Any) -> None:  # noqa: ANN401 - the same
        found.status = message.get("status", found.status)
        found.body += message.get("body", b"")

    scope = {
        "type": "http",
        "method": "POST" if pieces else "GET",
        "path": address,
        "query_string": b"",
        "headers": [(b"host", b"testserver")],
    }
    with noted(found.ends):
        asyncio.run(handler(scope, receive, send))
    return found


@pytest.mark.django_db(transaction=True)
def test_a_thread_and_its_connection_last_from_one_request_to_the_next(
    handler: PageHandler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(connections.settings["default"], "CONN_MAX_AGE", 600)

    first, second = asked(handler, "/wo/"), asked(handler, "/wo/")

    assert (first.status, first.body) == (200, second.body)
    assert first.ends == ["started", "finished"]


def test_no_language_is_left_to_who_comes_after(handler: PageHandler) -> None:
    languages = [asked(handler, "/sprache/").body for _ in range(3)]

    assert set(languages) == {languages[0]}
    assert languages[0] != b"ar"


@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume")
def test_a_file_is_sent_to_its_end(handler: PageHandler) -> None:
    found = asked(handler, "/datei/")

    assert (found.status, len(found.body)) == (200, 300_000)
    assert found.ends[-1] == "finished"


def test_a_body_in_pieces_is_read_and_one_that_breaks_off_is_answered_by_nothing(
    handler: PageHandler,
) -> None:
    whole = asked(handler, "/laenge/", b"x" * 100_000, b"y" * 23)
    broken = asked(handler, "/laenge/", b"x" * 100_000, is_whole=False)

    assert whole.body == b"100023"
    assert (broken.status, broken.ends) == (0, [])


def test_a_view_that_breaks_down_is_an_answer_and_the_next_one_works(handler: PageHandler) -> None:
    broken = asked(handler, "/kaputt/")

    assert broken.status == 500
    assert broken.ends == ["started", "finished"]
    assert asked(handler, "/sprache/").status == 200
