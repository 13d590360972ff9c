"""The ASGI application: pages over HTTP, live events over WebSocket."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.project.settings")
django_application = get_asgi_application()

from channels.auth import AuthMiddlewareStack  # noqa: E402 - needs the loaded apps
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402 - needs the loaded apps
from channels.security.websocket import (  # noqa: E402 - needs the loaded apps
    AllowedHostsOriginValidator,
)

from helpdesk.live.routing import websocket_urlpatterns  # noqa: E402 - needs the loaded apps

application = ProtocolTypeRouter(
    {
        "http": django_application,
        "websocket": AllowedHostsOriginValidator(
            AuthMiddlewareStack(URLRouter(websocket_urlpatterns))
        ),
    }
)
