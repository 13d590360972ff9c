"""How large a request may be, counted while it comes in: before anything of it is stored.

Django under ASGI writes a body to disk to its end before a view sees it; a stream
without an end would fill the disk. What is too large is read away and forgotten, so
that the browser shows our answer instead of a broken connection, but only so far. What
comes too slowly to be anybody's upload is given up.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Any, Any, Any], Awaitable[None]]

# Five photos of 10 MB and what a form has around them.
LARGEST = 56_000_000
# What tells the application that a body was too large.
MARK = "anliegen.too_large"
# So much more is read away for the sake of a readable answer.
PATIENCE = 500_000_000


# A body may stand still for so long, and comes at such a speed in the long run.
STILL_SECONDS = 30.0
FIRST_SECONDS = 60.0
SLOWEST = 4_000
_TOO_SLOW = b"The request took too long."


class BodyTooSlowError(Exception):
    """The body stood still, or crept."""


class _Body:
    """A body on its way to the application, measured.

    Where it ends, the application sees a connection that ended: so it puts away what it has.
    """

    def __init__(self, receive: Receive, largest: int) -> None:
        self.read = 0
        self.is_too_large = self.is_too_slow = False
        self._receive = receive
        self._largest = largest
        self._has_more = True
        self._began = time.monotonic()

    async def next_message(self) -> Message:
        """Return what the application is to see next."""
        if not self._has_more:
            # After the body it waits for the end of the connection, as long as its answer takes.
            return await self._receive()
        try:
            message = await _in_time(self._receive, self.read, self._began)
        except BodyTooSlowError:
            self.is_too_slow = True
            return {"type": "http.disconnect"}
        self.read += len(message.get("body", b""))
        self._has_more = bool(message.get("more_body", False))
        self.is_too_large = self.read > self._largest
        return {"type": "http.disconnect"} if self.is_too_large else message


class BodyLimit:
    """An ASGI application before another: what is too large reaches it empty and marked."""

    def __init__(self, app: App, *, largest: int = LARGEST) -> None:
        """Guard ``app``, which answers marked requests with 413."""
        self._app = app
        self._largest = largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if declared_length(scope) > self._largest:
            await self._answer(scope, receive, send, read=0)
            return
        body, has_answered = _Body(receive, self._largest), False

        async def watched(message: Message) -> None:
            nonlocal has_answered
            has_answered = True
            await send(message)

        await self._app(scope, body.next_message, watched)
        if has_answered:
            return
        if body.is_too_slow:
            await _give_up(send)
        elif body.is_too_large:
            await self._answer(scope, receive, send, read=body.read)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, *, read: int) -> None:
        began = time.monotonic()
        with contextlib.suppress(BodyTooSlowError):
            while read < PATIENCE:
                message = await _in_time(receive, read, began)
                read += len(message.get("body", b""))
                if message["type"] != "http.request" or not message.get("more_body", False):
                    break

        await self._app(emptied(scope), _nothing(), send)


def _nothing() -> Receive:
    """Return what gives an empty body and then waits, as for a connection that stays open."""
    empty = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> Message:
        for message in empty:
            return message
        # Django cancels this when its answer is out; it takes nothing else for an answer.
        await asyncio.Event().wait()
        raise AssertionError

    return receive


async def _in_time(receive: Receive, read: int, began: float) -> Message:
    """Return the next message of a body, or raise BodyTooSlowError."""
    left = FIRST_SECONDS + read / SLOWEST - (time.monotonic() - began)
    try:
        async with asyncio.timeout(max(0.0, min(STILL_SECONDS, left))):
            return await receive()
    except TimeoutError as error:
        raise BodyTooSlowError from error


async def _give_up(send: Send) -> None:
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(_TOO_SLOW)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": 408, "headers": headers})
    await send({"type": "http.response.body", "body": _TOO_SLOW})


def declared_length(scope: Scope) -> int:
    """Return the length a request says it has, 0 if it says none."""
    value = dict(scope.get("headers", ())).get(b"content-length", b"0")
    return int(value) if value.isdigit() else 0


def emptied(scope: Scope) -> Scope:
    """Return the request as a GET without a body, marked for the page that refuses it."""
    dropped = {b"content-length", b"content-type", b"transfer-encoding"}
    headers = [(name, value) for name, value in scope["headers"] if name not in dropped]
    return {**scope, "method": "GET", "headers": headers, MARK: True}
