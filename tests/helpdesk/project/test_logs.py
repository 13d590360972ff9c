"""No log line holds a secret link (attack 19, 64)."""

import logging
import sys

from helpdesk.project.logs import Formatter, without_secrets

TOKEN = "5-f4ptdgy6wzcmxjttgwjd4uqqba"


def line(message: str, *values: object, error: bool = False) -> str:
    """Return what the console would show."""
    found = sys.exc_info() if error else None
    record = logging.LogRecord("django.request", logging.WARNING, "x", 1, message, values, found)
    return Formatter("{levelname} {message}", style="{").format(record)


def test_a_line_about_a_status_page_shows_no_token() -> None:
    lines = [
        line("%s: %s", "Unprocessable Entity", f"/s/{TOKEN}/antworten/"),
        line("Forbidden (%s): %s", "Origin checking failed.", f"/s/{TOKEN}/"),
        line("Not Found: %s", f"/language/en/?next=%2Fs%2F{TOKEN}%2F"),
        line("Incident %s at %s", "ab12", f"ResolverMatch(kwargs={{'token': '{TOKEN}'}})"),
        line("Not Found: /a/konto/einladung/geheim-geheim/"),
    ]

    assert not [one for one in lines if TOKEN in one or "geheim" in one]
    assert lines[0] == "WARNING Unprocessable Entity: /s/…/antworten/"


def test_a_traceback_shows_no_token() -> None:
    try:
        int(f"http://testserver/s/{TOKEN}/")
    except ValueError:
        text = line("Internal Server Error: %s", f"/s/{TOKEN}/", error=True)

    assert "ValueError" in text
    assert TOKEN not in text


def test_other_addresses_stay_as_they_are() -> None:
    for text in ("GET /static/css/status.css", "/a/t/2026-000001/", "/status/", "it's 1/s"):
        assert without_secrets(text) == text
