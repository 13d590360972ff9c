"""Attack cases 1, 2 and 6 in headless Chromium: hostile mail on every page that shows mail.

No dialog, no script report of the CSP, no event handler in the DOM, no request to a stranger.
"""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Dialog, Frame, Page
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from channels_in.models import Account
from helpdesk.tickets.models import Article, Attachment
from tests.attack.hostile_mail import HEADER, PAYLOADS, filed, header_mail, html_mail
from tests.channels_in.making import make_account
from tests.e2e.conftest import (  # noqa: F401 - pytest finds fixtures by their names here
    NewPage,
    _sync_queries_beside_the_browser,
    new_page,
    page,
    watch,
)
from tests.e2e.desk_data import WITHOUT_SOCKET, sign_in
from tests.e2e.support import Watch
from tests.factories.house import House, make_house
from tests.helpdesk.desk.pages import page_of
from tests.helpdesk.search.making import index_everything
from tests.helpdesk.ui.site import wait_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.e2e]
# An event handler, or an address that runs, anywhere in a page of ours or a frame in it.
HANDLERS = """() => [...document.querySelectorAll("*")].flatMap((one) => [...one.attributes]
  .filter((a) => /^on/i.test(a.name) || (/^(src|href|action|formaction|srcset|data)$/i.test(a.name)
    && /^\\s*(javascript|vbscript|data):/i.test(a.value)))
  .map((a) => `${one.tagName} ${a.name}=${a.value}`)).filter((found) => !/^HTML/.test(found))"""
ALL = [pytest.mark.e2e_all, pytest.mark.timeout(1800)]
EVERY = [pytest.param(8, id="every eighth"), pytest.param(1, id="all", marks=ALL)]


@pytest.fixture
def house(
    transactional_db: None, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> House:
    del transactional_db
    settings.FILES_ROOT = tmp_path_factory.mktemp("files")
    return make_house()


@pytest.fixture
def account(house: House) -> Account:
    return make_account(house)


@pytest.fixture
def anna(
    page: Page,  # noqa: F811 - the fixture
    house: House,
    live_server: LiveServer,
    watch: Watch,  # noqa: F811 - the fixture
) -> Page:
    """A browser in which Anna is signed in; a dialog is closed and becomes a fault."""
    watch.expected.extend([*WITHOUT_SOCKET, "404 (Not Found)"])

    def closed(dialog: Dialog) -> None:
        watch.faults.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    page.on("dialog", closed)
    sign_in(page, house.anna, live_server.url)
    return page


def _handlers(shown: Page) -> list[str]:
    return [found for frame in shown.frames for found in _in_frame(frame)]


def _in_frame(frame: Frame) -> list[str]:
    found: list[str] = frame.evaluate(HANDLERS)
    return found


@pytest.mark.parametrize("step", EVERY)
def test_case_1_html_of_a_stranger_runs_nowhere(
    anna: Page, account: Account, live_server: LiveServer, step: int
) -> None:
    articles = [
        filed(account, html_mail(html, number, subject=f"Kanarie {html[:200]}".replace("\x00", "")))
        for number, html in enumerate(PAYLOADS[::step])
    ]
    index_everything()
    found: dict[str, list[str]] = {}

    def look(address: str) -> None:
        anna.goto(f"{live_server.url}{address}")
        if handlers := _handlers(anna):
            found[address] = handlers

    for article in articles:
        look(reverse("desk:formatted", args=(article.pk,)))
    for article in articles[::8]:
        look(page_of(article.ticket))
        anna.locator("[data-formatted]").first.click()
        anna.wait_for_timeout(100)
        assert _handlers(anna) == []
        anna.emulate_media(media="print")
        anna.emulate_media(media="screen")
    for address in ("/a/v/all/", "/a/suche/?q=Kanarie", "/a/suche/?q=Vorher"):
        look(address)

    assert found == {}


def test_case_2_a_payload_in_every_field_is_text_on_every_page(
    anna: Page, account: Account, live_server: LiveServer
) -> None:
    article = filed(account, header_mail(1))
    index_everything()
    inner = Attachment.objects.get(content_type="message/rfc822")

    for address in (
        page_of(article.ticket),
        reverse("desk:message", args=(inner.pk,)),
        "/a/v/all/",
        "/a/suche/?q=onerror",
    ):
        anna.goto(f"{live_server.url}{address}")
        assert anna.locator('img[src="x"]').count() == 0
        assert _handlers(anna) == []
        assert HEADER in anna.locator("body").inner_text()


class _Canary(BaseHTTPRequestHandler):
    hits: list[str] = []

    def do_GET(self) -> None:
        self.hits.append(f"{self.path} {self.headers.get('Referer', '')}".strip())
        self.send_response(404)
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        pass


@pytest.fixture
def canary() -> Iterator[str]:
    """A server of ours that counts who comes; yields its address."""
    _Canary.hits.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Canary)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_case_6_nothing_is_fetched_from_elsewhere_until_somebody_asks(
    anna: Page, account: Account, live_server: LiveServer, canary: str
) -> None:
    html = (
        f'<link rel="stylesheet" href="{canary}/link"><link rel="dns-prefetch" href="{canary}/dns">'
        f"<style>@import url({canary}/import); p{{background:url({canary}/css)}}</style>"
        f'<body background="{canary}/body"><p style="background:url({canary}/style)">Hallo</p>'
        f'<img src="{canary}/img" srcset="{canary}/srcset 2x">'
        f'<video poster="{canary}/poster"></video>'
        f'<iframe src="{canary}/frame"></iframe><object data="{canary}/object"></object>'
        f'<table background="{canary}/table"><tr><td>x</td></tr></table>'
        f'<input type=image src="{canary}/input">'
    )
    article = filed(account, html_mail(html, 1))

    anna.goto(f"{live_server.url}{page_of(article.ticket)}")
    anna.locator("[data-formatted]").click()
    frame = anna.frame_locator("iframe.formatted")
    frame.get_by_text("Hallo").wait_for()
    anna.wait_for_timeout(300)
    before = list(_Canary.hits)
    frame.locator('a[href="?pictures"]').click()
    frame.locator(f'img[src="{canary}/img"]').wait_for(state="attached")
    wait_for(anna, lambda: bool(_Canary.hits))
    anna.wait_for_timeout(300)

    assert before == []
    # Only the picture, and nobody told from where.
    assert _Canary.hits == ["/img"]


def test_case_7_a_mail_covers_and_renames_nothing(house: House, account: Account) -> None:
    article = filed(
        account,
        html_mail(
            '<div id="cmd" class="top" name="cookie" style="position:fixed;inset:0">X</div>'
            '<form id="answer-form"><input name="csrfmiddlewaretoken"></form>'
            '<img name="body" width=99999>',
            1,
        ),
    )
    client = Client()
    client.force_login(house.anna)

    shown = client.get(reverse("desk:formatted", args=(article.pk,))).content.decode()
    body = shown.partition("<main")[2]

    for word in ("style=", " class=", " id=", " name=", "<form", "<input", "99999"):
        assert word not in body.replace(' class="vh"', ""), word
    assert "X" in Article.objects.get().text
