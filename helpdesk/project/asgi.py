"""The ASGI application: pages over HTTP, live events over WebSocket."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.project.settings")
django_application = get_asgi_application()

from channels.routing import ProtocolTypeRouter  # noqa: E402 - needs the loaded apps

from helpdesk.live.routing import websocket_application  # noqa: E402 - needs the loaded apps
from helpdesk.project.bounds import BodyLimit  # noqa: E402 - after the application's own import

application = ProtocolTypeRouter(
    {"http": BodyLimit(django_application), "websocket": websocket_application}
)
