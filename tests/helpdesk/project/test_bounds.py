"""Bodies without an end: refused while they come in, kept nowhere."""

import asyncio

import pytest

from helpdesk.project.bounds import MARK, BodyLimit, Message, Receive, Scope, Send

LIMIT = 1000


class Site:
    """Reads a body whole, as Django does, and notes what reached it; the rest it puts away."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.marked: list[bool] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = b""
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        self.bodies.append(body)
        self.marked.append(scope.get(MARK, False))
        await send({"type": "http.response.start", "status": 200})


def ask(site: Site, pieces: list[bytes], declared: int | None = None) -> int:
    """Send pieces; return how many of them were taken from the wire."""
    headers = [] if declared is None else [(b"content-length", str(declared).encode())]
    taken = 0

    async def receive() -> Message:
        nonlocal taken
        taken += 1
        more = taken < len(pieces)
        return {"type": "http.request", "body": pieces[taken - 1], "more_body": more}

    async def send(_message: Message) -> None:
        return None

    scope: Scope = {"type": "http", "method": "POST", "path": "/", "headers": headers}
    asyncio.run(BodyLimit(site, largest=LIMIT)(scope, receive, send))
    return taken


def test_what_fits_passes_untouched() -> None:
    site = Site()

    ask(site, [b"a" * 600, b"b" * 400])

    assert (site.bodies, site.marked) == ([b"a" * 600 + b"b" * 400], [False])


@pytest.mark.parametrize("declared", [None, 5000, 10])
def test_what_is_larger_reaches_the_application_empty_and_marked(declared: int | None) -> None:
    site = Site()

    taken = ask(site, [b"x" * 500] * 10, declared)

    assert (site.bodies, site.marked) == ([b""], [True])
    assert taken == 10


def test_reading_away_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("helpdesk.project.bounds.PATIENCE", 3000)
    site = Site()

    taken = ask(site, [b"x" * 500] * 1000)

    assert taken < 10
    assert site.marked == [True]
