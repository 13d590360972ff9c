"""Pages for browser tests: fresh contexts whose every fault fails the test at its end."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.test import override_settings
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from tests.e2e.desk_data import WITHOUT_SOCKET
from tests.e2e.gallery import Gallery
from tests.e2e.screens_town import make_town
from tests.e2e.support import DESKTOP, Watch
from tests.servers.anliegen import Anliegen, anliegen
from tests.servers.chromium import PATIENCE_MS
from tests.servers.plugin import opened_browser

NewPage = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything in this folder as a browser test."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here) and item.get_closest_marker("e2e_all") is None:
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="module", autouse=True)
def _sync_queries_beside_the_browser() -> Iterator[None]:
    """Playwright's event loop runs in this thread, which Django would take for its own.

    A module long, as the browser, so that the database can still be emptied after a test.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield


@pytest.fixture(scope="package", autouse=True)
def _static_files_stay_in_the_browser() -> Iterator[None]:
    """A page of the desk has forty of them; each context asks once, as a browser does in a town."""
    serve = StaticFilesHandler.serve

    def kept(handler: StaticFilesHandler, request: HttpRequest) -> HttpResponseBase:
        response = serve(handler, request)
        response["Cache-Control"] = "max-age=3600, immutable"
        return response

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(StaticFilesHandler, "serve", kept)
        yield


@pytest.fixture(scope="package")
def browser(pytestconfig: pytest.Config) -> Iterator[Browser]:
    """One Chromium for all that is driven here in a row; no test of these is asynchronous."""
    with opened_browser(pytestconfig) as opened:
        yield opened


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, tables: Path) -> Iterator[Anliegen]:
    """The demonstration, served in a process of its own; a module shares it."""
    with anliegen(tmp_path_factory.mktemp("e2e") / "data", tables=tables) as running:
        yield running


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Faults of all pages of this test; add to ``expected`` what you provoke."""
    watching = Watch()
    yield watching
    assert watching.unexpected() == []


@pytest.fixture
def new_page(browser: Browser, watch: Watch) -> Iterator[NewPage]:
    """Open a page in a context of its own: another person, another device.

    Takes what playwright's ``new_context`` takes, such as ``viewport=PHONE``,
    ``color_scheme="dark"``, ``locale="en-GB"`` or ``java_script_enabled=False``.
    """
    with ExitStack() as stack:

        def open_page(**options: Any) -> Page:
            given = {"viewport": DESKTOP, "locale": "de-DE", "timezone_id": "Europe/Berlin"}
            context = browser.new_context(**(given | options))
            stack.callback(context.close)
            context.set_default_timeout(PATIENCE_MS)
            page = context.new_page()
            watch.attach(page)
            return page

        yield open_page


@pytest.fixture
def page(new_page: NewPage) -> Page:
    """A page at 1440 × 900 in German."""
    return new_page()


@pytest.fixture
def gallery(
    live_server: LiveServer, new_page: NewPage, watch: Watch
) -> Iterator[Callable[[str], Gallery]]:
    """Open one of the towns that screens are looked at in.

    The demo mailbox is there, and administrators need no second factor.
    """
    # What comes after a page has been judged: its socket, which this server has not.
    watch.expected.extend(WITHOUT_SOCKET)
    with override_settings(DEMO=True):
        yield lambda town: Gallery(make_town(town), live_server.url, new_page, watch)
