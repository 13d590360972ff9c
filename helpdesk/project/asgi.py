"""The ASGI application: pages over HTTP, live events over WebSocket."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.project.settings")
django.setup(set_prefix=False)

from channels.routing import ProtocolTypeRouter  # noqa: E402 - needs the loaded apps

from helpdesk.live.routing import websocket_application  # noqa: E402 - needs the loaded apps
from helpdesk.project.bounds import BodyLimit  # noqa: E402 - the same
from helpdesk.project.handler import PageHandler  # noqa: E402 - the same

application = ProtocolTypeRouter(
    {"http": BodyLimit(PageHandler()), "websocket": websocket_application}
)
