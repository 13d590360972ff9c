"""Answers each request in one go, on a thread that lasts and keeps its connection to the database.

Django under ASGI gives each request a thread of its own and goes back to the event loop between
the middleware and the view, for views that are coroutines. Ours are none: a page paid for a new
thread, a new connection and six journeys between threads, more than for many a page itself
(docs/adr/0104).
"""

from collections.abc import MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any, cast

from asgiref.sync import sync_to_async
from django.core import signals
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.http import FileResponse, HttpResponseBase
from django.urls import set_script_prefix

from helpdesk.project.threads import PAGES

Scope = MutableMapping[str, Any]


class PageHandler(ASGIHandler):
    """Django's handler for views that are plain functions."""

    def __init__(self, *, threads: int = PAGES) -> None:
        """Make the threads; each begins with the first request that finds no idle one."""
        super().__init__()
        pool = ThreadPoolExecutor(threads, thread_name_prefix="page")
        self._in_thread = sync_to_async(self._answer, thread_sensitive=False, executor=pool)

    def load_middleware(self, is_async: bool = False) -> None:  # noqa: FBT001, FBT002 - Django's signature
        """Chain the middleware without a way back to the event loop."""
        del is_async
        super().load_middleware(is_async=False)

    async def handle(self, scope: Scope, receive: Any, send: Any) -> None:  # noqa: ANN401 - as ASGI has them
        """Answer one request; a connection that ended is noticed when the answer is sent."""
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        try:
            response = await self._in_thread(scope, body)
            await self.send_response(response, send)
            if response.streaming:
                await sync_to_async(response.close)()
        finally:
            body.close()

    def _answer(self, scope: Scope, body: IO[bytes]) -> HttpResponseBase:
        """Make the whole response; the signals are those of Django, on this thread as well."""
        set_script_prefix(get_script_prefix(scope))
        signals.request_started.send(sender=type(self), scope=scope)
        request, refusal = self.create_request(scope, body)
        answer = self.get_response(request) if request else refusal
        response = cast("HttpResponseBase", answer)
        response._handler_class = type(self)  # type: ignore[attr-defined]  # noqa: SLF001 - as Django does
        if isinstance(response, FileResponse):
            response.block_size = self.chunk_size
        if response.streaming:
            # It is read and closed by another thread; this one has done its part.
            signals.request_finished.send(sender=type(self))
        else:
            response.close()
        return response
