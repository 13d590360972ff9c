"""Attack case 5: what a browser might run is a download of neutral type, also for citizens."""

import pytest
from django.core.cache import cache

from tests.attack.holder import file_address, opened, send_file
from tests.factories.house import make_house, make_ticket

pytestmark = pytest.mark.django_db
SCRIPT = b"<script>alert(1)</script>"
ACTIVE = {
    "bild.svg": (b"<svg xmlns='http://www.w3.org/2000/svg'>" + SCRIPT + b"</svg>", "image/svg+xml"),
    "seite.html": (b"<!doctype html>" + SCRIPT, "text/html"),
    "seite.xhtml": (b"<?xml version='1.0'?><html>" + SCRIPT + b"</html>", "application/xhtml+xml"),
    "foto.png": (b"<html>" + SCRIPT, "image/png"),
    "post.mht": (b"MIME-Version: 1.0\r\n\r\n" + SCRIPT, "multipart/related"),
}


@pytest.mark.parametrize("name", sorted(ACTIVE))
@pytest.mark.parametrize("query", ["", "?inline"])
def test_an_active_file_from_the_status_page_is_never_run(name: str, query: str) -> None:
    cache.clear()
    ticket = make_ticket(make_house())
    file = send_file(ticket, name, *ACTIVE[name])

    response = opened(ticket).get(file_address(ticket, file.pk) + query)
    response.close()

    assert response.status_code == 200
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert response["Content-Type"].split(";")[0] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize("query", ["", "?inline"])
def test_markup_behind_the_first_bytes_of_a_picture_does_not_go_out_at_all(query: str) -> None:
    cache.clear()
    ticket = make_ticket(make_house())
    file = send_file(ticket, "gemischt.png", b"\x89PNG\r\n\x1a\n" + SCRIPT, "image/png")

    response = opened(ticket).get(file_address(ticket, file.pk) + query)

    assert (response.status_code, SCRIPT in response.content) == (403, False)
    assert response["Content-Type"] == "text/plain; charset=utf-8"
