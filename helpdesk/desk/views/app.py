"""The desk as an installed app: its manifest, its worker, and the page without a connection."""

import json
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_cookie

from helpdesk.agents.queries import first_authority
from helpdesk.ui.storage import asset_version

SCOPE = "/a/"
ICONS = (
    ("img/app-192.png", "192x192", "any"),
    ("img/app-512.png", "512x512", "any"),
    ("img/app-maskable-512.png", "512x512", "maskable"),
)
# What the page without a connection is made of.
SHELL = (
    *("css/fonts.css", "css/tokens.css", "css/agent.css", "vendor/kern/tokens.css"),
    *("js/theme.js", "img/favicon.svg", "fonts/fira-sans-latin-400-normal.woff2"),
)
LIGHT, BRAND = "#ffffff", "#2044aa"


@require_GET
@cache_control(public=True, max_age=3600)
@vary_on_cookie
def manifest(_request: HttpRequest) -> JsonResponse:
    """Describe the app; everybody may read it, it names the authority and nobody else."""
    authority = first_authority()
    name = f"Anliegen – {authority.name}" if authority else "Anliegen"
    described = {
        "id": SCOPE,
        "name": name,
        "short_name": authority.short_name if authority else "Anliegen",
        "description": gettext("Requests of citizens, for staff"),
        "lang": authority.language if authority else "de",
        "start_url": SCOPE,
        "scope": SCOPE,
        "display": "standalone",
        "background_color": LIGHT,
        "theme_color": BRAND,
        "icons": [
            {"src": static(path), "sizes": sizes, "type": "image/png", "purpose": purpose}
            for path, sizes, purpose in ICONS
        ],
        "shortcuts": [
            {"name": gettext("New request"), "url": reverse("desk:new")},
            {"name": gettext("Phone note"), "url": reverse("desk:call")},
        ],
    }
    return JsonResponse(described, content_type="application/manifest+json")


@require_GET
@cache_control(no_cache=True)
def worker(_request: HttpRequest) -> HttpResponse:
    """Serve the worker below the pages it works for, with the files of this version."""
    names = {
        "VERSION": f"anliegen-{asset_version()}",
        "OFFLINE": reverse("desk:offline"),
        "ASSETS": settings.STATIC_URL,
        "SHELL": [reverse("desk:offline"), *(static(path) for path in SHELL)],
    }
    head = "".join(f"const {name} = {json.dumps(value)};\n" for name, value in names.items())
    return HttpResponse(head + _script(), content_type="text/javascript; charset=utf-8")


@lru_cache(maxsize=1)
def _script() -> str:
    found = finders.find("js/worker.js")
    return Path(str(found)).read_text(encoding="utf-8")


@require_GET
@cache_control(public=True, max_age=3600)
def offline(request: HttpRequest) -> HttpResponse:
    """Say that there is no connection; the worker keeps this page, so it names nobody."""
    return render(request, "desk/offline.html")
