"""A desk made of two sample pages that answers the browser from memory: no server, no database."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from django.contrib.staticfiles import finders
from django.template import Context, Engine
from django.template.loader import render_to_string
from django.urls import URLPattern, set_urlconf
from django.utils import translation
from playwright.sync_api import Page, Request, Route, WebSocketRoute

from helpdesk.agents.models import User
from helpdesk.desk.views.commands import keys

HOST = "http://desk.test"
urlpatterns: list[URLPattern] = []  # the samples know no other page
SAMPLES = Path(__file__).parent / "samples"
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self' ws://desk.test; form-action 'self'; base-uri 'none'"
)
USER = SimpleNamespace(
    pk=1, name="Max Krüger", email="max@example.org", is_authenticated=True, theme="system"
)
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
CLOCK = SimpleNamespace(level="urgent", label="0:38")


@contextmanager
def alone() -> Iterator[None]:
    """Render in English and without the product's addresses."""
    set_urlconf(__name__)
    with translation.override("en"):
        yield
    set_urlconf(None)


def sample(name: str) -> str:
    """Render a sample page in English."""
    tickets = [
        SimpleNamespace(
            id=number,
            title=f"Request {number}",
            status="open",
            owner=USER,
            clock=CLOCK,
            active=datetime(2026, 11, 20, 9, tzinfo=UTC),
        )
        for number in (1, 2, 3)
    ]
    with alone():
        template = Engine.get_default().from_string((SAMPLES / name).read_text(encoding="utf-8"))
        nav = [{"label": "Mine", "url": "/list", "count": 3, "icon": "person", "current": True}]
        context = {"tickets": tickets, "user": USER, "nav": nav, "csrf_token": "token"}
        return template.render(Context(context))


def commands() -> str:
    """Render the table of commands as the part of a page."""
    user = User(key_changes={"e": "d"})
    with alone():
        return render_to_string("desk/parts/commands.html", {"groups": keys(user)})


class Site:
    """What the browser gets, and what it sent; ``answers`` may be changed by a test."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str, str]] = []
        self.frames: list[dict[str, Any]] = []
        self.socket: WebSocketRoute | None = None
        self.errors: list[str] = []
        self.answers: dict[str, tuple[int, str]] = {
            "/list": (200, sample("list.html")),
            "/ticket": (200, sample("ticket.html")),
            "/commands": (200, commands()),
            "/draft": (204, ""),
            "/sent": (200, sample("list.html")),
        }

    def open(self, page: Page, path: str) -> None:
        """Answer this page's requests and open ``path``; errors of the page are kept."""
        page.route("**/*", self.answer)
        page.route_web_socket("**/ws/desk/", self.listen)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda line: self.note(line.type, line.text))
        page.goto(HOST + path)
        page.wait_for_function("document.querySelector('[data-live-state],#thread') !== null")
        wait_for(page, lambda: bool(self.frames))

    def note(self, kind: str, text: str) -> None:
        """Keep what the console complains of, the security policy's complaints above all."""
        if kind == "error":
            self.errors.append(text)

    def answer(self, route: Route, request: Request) -> None:
        """Serve a static file, a page or a short answer."""
        path = request.url.removeprefix(HOST)
        if path.startswith("/static/"):
            file = Path(str(finders.find(path.removeprefix("/static/"))))
            content_type = TYPES.get(file.suffix, "font/woff2")
            route.fulfill(body=file.read_bytes(), content_type=content_type)
            return
        self.requests.append((request.method, path, request.post_data or ""))
        status, body = self.answers.get(path, self.answers.get(path.split("?")[0], (404, "")))
        headers = {"Content-Security-Policy": CSP, "Content-Type": "text/html; charset=utf-8"}
        if status == 303:
            headers["Location"] = body
        route.fulfill(status=status, body=body, headers=headers)

    def listen(self, socket: WebSocketRoute) -> None:
        """Play the server of the live socket."""
        self.socket = socket
        socket.on_message(lambda message: self.frames.append(json.loads(message)))

    def tell(self, **frame: object) -> None:
        """Send a frame to the page."""
        assert self.socket is not None
        self.socket.send(json.dumps(frame))

    def posted(self, path: str) -> list[str]:
        """Return the bodies posted to ``path``."""
        return [body for method, to, body in self.requests if (method, to) == ("POST", path)]


def wait_for(page: Page, condition: Callable[[], bool], seconds: float = 60) -> None:
    """Let the page work until the condition holds; fails when it never does."""
    for _ in range(int(seconds * 50)):
        if condition():
            return
        page.wait_for_timeout(20)
    raise AssertionError(condition)


def error_page(code: int) -> str:
    """Render one of the error pages without any context; it leads on into the product."""
    with translation.override("en"):
        return render_to_string(f"errors/{code}.html")
