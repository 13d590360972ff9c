"""Styles and scripts within the page are allowed by their hashes, and nothing else is."""

import base64
import hashlib
import re

import pytest
from django.test import Client, RequestFactory

from helpdesk.ui import inlining
from tests.factories.house import make_house

pytestmark = pytest.mark.django_db
ELEMENT = re.compile(r"<(style|script)>(.*?)</\1>", re.DOTALL)


def source_of(text: str) -> str:
    """Return how a policy names a text (CSP Level 3, section 2.3.1)."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def directive(policy: str, name: str) -> set[str]:
    """Return the sources of one directive."""
    parts = [part.split() for part in policy.split(";")]
    return next(set(part[1:]) for part in parts if part[0] == name)


@pytest.mark.parametrize("address", ["/", "/melden/", "/status/", "/gibtesnicht/", "/einbetten/"])
def test_the_policy_allows_exactly_what_stands_in_the_page(address: str) -> None:
    house = make_house()
    house.authority.color_light, house.authority.color_dark = "#7a1f3d", "#f0a0b8"
    house.authority.save()

    page = Client().get(address)

    found = ELEMENT.findall(page.content.decode())
    policy = page.headers["Content-Security-Policy"]
    styles = {source_of(text) for tag, text in found if tag == "style"}
    scripts = {source_of(text) for tag, text in found if tag == "script"}
    assert directive(policy, "style-src") == {"'self'"} | styles
    assert directive(policy, "script-src") == {"'self'"} | scripts
    assert len(styles) >= 2
    assert "#7a1f3d" in page.content.decode()


def test_a_page_that_no_policy_hears_of_has_links() -> None:
    request = RequestFactory().get("/")

    shown = inlining.sheets(request, ("css/portal.css",)), inlining.script(None, "js/theme.js")

    assert shown == (
        '<link rel="stylesheet" href="/static/css/portal.css">',
        '<script src="/static/js/theme.js"></script>',
    )


def test_fonts_in_the_page_are_named_as_they_are_served() -> None:
    request = RequestFactory().get("/")
    request.inlined = {}  # type: ignore[attr-defined]  # as the middleware does

    shown = inlining.sheets(request, ("css/fonts-portal.css",))

    assert "url(/static/fonts/fira-sans-latin-400-normal.woff2)" in shown
    assert "../" not in shown


def test_a_colour_that_is_none_gets_into_no_style() -> None:
    sheet = inlining.colour_sheet("red;}</style><script>", "#f0a0b8")

    assert ("script" in sheet, "#f0a0b8" in sheet) == (False, True)


def test_pages_are_compressed_and_files_of_the_interface_are_not() -> None:
    make_house()
    packing = {"Accept-Encoding": "gzip"}

    page, sheet = Client(headers=packing).get("/"), Client(headers=packing).get("/api/v1/openapi")

    assert page.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in page.headers["Vary"]
    assert not sheet.has_header("Content-Encoding")
