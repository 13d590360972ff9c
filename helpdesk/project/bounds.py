"""How large a request may be, counted while it comes in: before anything of it is stored.

Django under ASGI writes a body to disk to its end before a view sees it; a stream
without an end would fill the disk. What is too large is read away and forgotten, so
that the browser shows our answer instead of a broken connection, but only so far.
"""

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


class BodyTooLargeError(Exception):
    """The body went on beyond the limit."""


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
        read, has_answered = 0, False

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > self._largest:
                raise BodyTooLargeError
            return message

        async def watched(message: Message) -> None:
            nonlocal has_answered
            has_answered = True
            await send(message)

        try:
            await self._app(scope, counted, watched)
        except BodyTooLargeError:
            if has_answered:
                raise
            await self._answer(scope, receive, send, read=read)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, *, read: int) -> None:
        while read < PATIENCE:
            message = await receive()
            read += len(message.get("body", b""))
            if message["type"] != "http.request" or not message.get("more_body", False):
                break

        async def nothing() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        await self._app(emptied(scope), nothing, send)


def declared_length(scope: Scope) -> int:
    """Return the length a request says it has, 0 if it says none."""
    value = dict(scope.get("headers", ())).get(b"content-length", b"0")
    return int(value) if value.isdigit() else 0


def emptied(scope: Scope) -> Scope:
    """Return the request as a GET without a body, marked for the page that refuses it."""
    dropped = {b"content-length", b"content-type", b"transfer-encoding"}
    headers = [(name, value) for name, value in scope["headers"] if name not in dropped]
    return {**scope, "method": "GET", "headers": headers, MARK: True}
