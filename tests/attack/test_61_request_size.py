"""Attack case 61: requests without an end, in length, number or time, cost next to nothing."""

import asyncio
import resource
import select
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from helpdesk.project import bounds, patience
from helpdesk.project.asgi import application
from helpdesk.project.patience import PatientProtocol
from tests.factories.house import make_house
from tests.servers.base import LOOPBACK, wait_until

PIECE = b"x" * 1_000_000
FIVE_GIGABYTES = 5_000
MEGABYTE = 1024 * 1024


def resident() -> int:
    """Return how much memory this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


@dataclass
class Answer:
    """What came back of a request, and how many pieces of its body were taken."""

    status: int
    taken: int


def stream(pieces: int, **headers: str) -> Answer:
    """Send a body in pieces to the application, without saying how long it will be."""
    found = Answer(0, 0)

    async def receive() -> Any:  # noqa: ANN401 - as ASGI has it
        if found.taken == pieces:
            await asyncio.Event().wait()
        found.taken += 1
        return {"type": "http.request", "body": PIECE, "more_body": found.taken < pieces}

    async def send(message: Any) -> None:  # noqa: ANN401 - whatever it sends
        found.status = message.get("status", found.status)

    scope: Any = {
        "type": "http",
        "method": "POST",
        "path": "/melden/",
        "raw_path": b"/melden/",
        "query_string": b"",
        "http_version": "1.1",
        "scheme": "http",
        "server": ("testserver", 80),
        "client": ("192.0.2.1", 5),
        "headers": [
            (b"host", b"testserver"),
            (b"transfer-encoding", b"chunked"),
            *((name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()),
        ],
    }
    asyncio.run(application(scope, receive, send))
    return found


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "content_type",
    ["multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "application/json"],
)
def test_a_chunked_body_of_five_gigabytes_is_cut_early_and_kept_nowhere(content_type: str) -> None:
    make_house()
    stream(60, content_type=content_type)
    before = resident()

    answer = stream(FIVE_GIGABYTES, content_type=content_type)

    assert answer.status == 413
    assert answer.taken <= (bounds.LARGEST + bounds.PATIENCE) / len(PIECE) + 2
    assert resident() - before < 50 * MEGABYTE


@pytest.mark.django_db
def test_a_thousand_and_one_fields_or_a_hundred_and_one_files_are_refused() -> None:
    make_house()
    client = Client(raise_request_exception=False)

    fields = client.post("/melden/", {f"f{number}": "x" for number in range(1001)})
    files = client.post(
        "/melden/", {f"u{number}": SimpleUploadedFile("x", b"x") for number in range(101)}
    )

    assert (fields.status_code, files.status_code) == (400, 400)


@pytest.mark.django_db
@pytest.mark.parametrize("filling", [b" " * 2_000_000, b"=" * 2_000_000, b"YQ= " * 500_000])
def test_parts_in_base64_that_hold_nothing_take_no_time(filling: bytes) -> None:
    """CVE-2026-33033: blanks in a part's base64 were read again for each piece."""
    make_house()
    part = (
        b'--x\r\nContent-Disposition: form-data; name="upload"; filename="a.jpg"\r\n'
        b"Content-Transfer-Encoding: base64\r\n\r\n" + filling + b"\r\n--x--\r\n"
    )
    client = Client(raise_request_exception=False)
    began = time.process_time()

    page = client.generic("POST", "/melden/", part, content_type="multipart/form-data; boundary=x")

    assert page.status_code < 500
    assert time.process_time() - began < 5


# What follows goes over a wire, to the protocol that the program serves with.


@contextmanager
def serving() -> Iterator[int]:
    """Serve a page that reads its body, as the program serves its own; yield the port."""

    async def page(scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - as ASGI has it
        if scope["type"] != "http":
            return
        while (message := await receive()).get("more_body"):
            pass
        if message["type"] == "http.disconnect":
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"here"})

    listener = socket.create_server((LOOPBACK, 0))
    config = uvicorn.Config(
        bounds.BodyLimit(page), http=PatientProtocol, lifespan="off", log_config=None
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    wait_until(lambda: server.started)
    try:
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()


def connect(port: int) -> socket.socket:
    return socket.create_connection((LOOPBACK, port), timeout=10)


def ask(port: int, head: bytes, body: bytes = b"") -> bytes:
    """Return all that is answered to these bytes until the connection ends."""
    with connect(port) as wire:
        wire.sendall(head + b"\r\n" + body)
        return read_all(wire)


def drip(wire: socket.socket, piece: bytes, *, times: int, pause: float = 0.001) -> int:
    """Send a piece again and again until nobody takes it or an answer comes; return how much."""
    for sent in range(times):
        try:
            wire.sendall(piece)
        except (BrokenPipeError, ConnectionResetError):
            return sent * len(piece)
        if select.select([wire], [], [], pause)[0]:
            return (sent + 1) * len(piece)
    return times * len(piece)


def read_all(wire: socket.socket) -> bytes:
    found = b""
    try:
        while piece := wire.recv(4096):
            found += piece
    except ConnectionResetError:
        pass
    return found


GET = b"GET / HTTP/1.1\r\nHost: testserver\r\nConnection: close\r\n"
POST = b"POST / HTTP/1.1\r\nHost: testserver\r\nConnection: close\r\n"


def test_an_ordinary_request_is_answered() -> None:
    with serving() as port:
        got = ask(port, GET)
        posted = ask(port, POST + b"Content-Length: 4\r\n", b"text")

    assert got.startswith(b"HTTP/1.1 200 ")
    assert b"\r\nhere\r\n" in posted


@pytest.mark.parametrize(
    "headers",
    [
        b"".join(b"X-%d: y\r\n" % number for number in range(10_000)),
        b"X-Long: " + b"y" * 300_000 + b"\r\n",
    ],
)
def test_ten_thousand_headers_or_one_without_an_end_are_refused(headers: bytes) -> None:
    with serving() as port:
        refused = ask(port, GET + headers)
        after = ask(port, GET)

    assert refused.startswith(b"HTTP/1.1 400 ")
    assert after.startswith(b"HTTP/1.1 200 ")


def test_headers_that_never_end_are_cut_off_though_each_comes_in_a_piece_of_its_own() -> None:
    with serving() as port, connect(port) as wire:
        wire.sendall(GET + b"X-Long: ")

        sent = drip(wire, b"y" * 1_000, times=60_000)

    assert patience.HEAD_BYTES < sent < 60_000_000


def test_a_hundred_slow_heads_get_408_and_hold_up_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "HEAD_SECONDS", 0.5)
    with serving() as port:
        before = resident()
        wires = [connect(port) for _ in range(100)]
        for wire in wires[:50]:
            wire.sendall(b"GET / HTTP/1.1\r\nHost: t")
        meanwhile = ask(port, GET)
        answers = [read_all(wire)[:13] for wire in wires]
        grown = resident() - before
        for wire in wires:
            wire.close()

    assert meanwhile.startswith(b"HTTP/1.1 200 ")
    assert answers == [b"HTTP/1.1 408 "] * 100
    assert grown < 50 * MEGABYTE


def test_a_second_request_of_a_connection_has_its_time_as_well(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(patience, "HEAD_SECONDS", 0.5)
    with serving() as port, connect(port) as wire:
        wire.sendall(b"GET / HTTP/1.1\r\nHost: testserver\r\n\r\n")
        first = wire.recv(4096)
        wire.sendall(b"GET /again HT")
        second = read_all(wire)

    assert first.startswith(b"HTTP/1.1 200 ")
    assert b"HTTP/1.1 408 " in second


def test_a_body_that_stands_still_gets_408(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "STILL_SECONDS", 0.5)
    with serving() as port, connect(port) as wire:
        wire.sendall(POST + b"Content-Length: 100\r\n\r\nbegun")
        answer = read_all(wire)

    assert answer.startswith(b"HTTP/1.1 408 ")


def test_a_body_that_creeps_gets_408_though_it_never_stands_still(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bounds, "FIRST_SECONDS", 0.5)
    with serving() as port, connect(port) as wire:
        wire.sendall(POST + b"Content-Length: 100\r\n\r\n")
        assert drip(wire, b"x", times=99, pause=0.05) > 1
        answer = read_all(wire)

    assert answer.startswith(b"HTTP/1.1 408 ")


def test_a_slow_answer_is_no_slow_body(monkeypatch: pytest.MonkeyPatch) -> None:
    """After its body a page may take as long as it needs."""
    monkeypatch.setattr(bounds, "STILL_SECONDS", 0.1)
    waited: list[str] = []

    async def slow(_scope: Any, receive: Any, _send: Any) -> None:  # noqa: ANN401 - as ASGI has it
        await receive()
        waited.append((await receive())["type"])

    messages = iter([{"type": "http.request", "body": b"x", "more_body": False}])

    async def receive() -> Any:  # noqa: ANN401 - as ASGI has it
        for message in messages:
            return message
        await asyncio.sleep(0.4)
        return {"type": "http.disconnect"}

    async def send(_message: Any) -> None:  # noqa: ANN401 - as ASGI has it
        return None

    scope = {"type": "http", "headers": []}
    asyncio.run(bounds.BodyLimit(slow)(scope, receive, send))

    assert waited == ["http.disconnect"]
