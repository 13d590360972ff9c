"""The WebSocket part of the server: cookies are read, the one address is routed, others refused."""

from typing import Any

from channels.routing import URLRouter
from channels.sessions import CookieMiddleware
from django.urls import path, re_path

from helpdesk.live.consumers import DeskConsumer


async def _refuse(_scope: Any, _receive: Any, send: Any) -> None:  # noqa: ANN401 - as ASGI hands them over
    """Close before accepting, which a browser sees as 403."""
    await send({"type": "websocket.close"})


websocket_urlpatterns: list[Any] = [
    path("ws/desk/", DeskConsumer.as_asgi()),  # type: ignore[arg-type] # the stubs know only HTTP views
    re_path("", _refuse),  # type: ignore[arg-type] # the same
]
# What the server mounts for the protocol "websocket".
websocket_application = CookieMiddleware(URLRouter(websocket_urlpatterns))
