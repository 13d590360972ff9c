"""The report form: a page of it, and filing a report, as a browser without scripts does."""

import re
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.test import Client

from bench.counting import statements
from bench.proc import measured, median_of
from helpdesk.forms.models import Draft

WARM_UP = 5
TEXT = "Die Straßenlaterne vor der Lindenstraße 12 ist seit drei Tagen dunkel."
PROOF = re.compile(r'name="proof" value="([^"]+)"')


def post(client: Client, path: str, values: dict[str, str]) -> str:
    """Send a step and return where it leads."""
    proof = PROOF.search(client.get(path).content.decode())
    assert proof is not None, f"{path} shows no form"
    response = client.post(path, {"proof": proof[1], "homepage": "", **values})
    assert response.status_code == 302, f"{path}: {response.status_code}"
    return str(response["Location"])


def ready(number: int) -> tuple[Client, dict[str, str]]:
    """Return a browser before sending, and what it will send."""
    client = Client(SERVER_NAME="localhost")
    post(client, "/melden/", {"text": f"{TEXT} Nummer {number}."})
    post(client, "/melden/thema/alle/", {"topic": "none"})
    post(client, "/melden/ort/", {"place": "Lindenstraße 12"})
    post(client, "/melden/fotos/", {"do": "go"})
    contact = {"way": "mail", "email": f"form{number}@citizen.example", "name": "Erika Muster"}
    assert post(client, "/melden/kontakt/", contact) == "/melden/pruefen/"
    page = client.get("/melden/pruefen/").content.decode()
    proof = PROOF.search(page)
    assert proof is not None
    return client, {"proof": proof[1], "homepage": ""}


def measure(*, rounds: int, count: int, database_pid: int | None) -> dict[str, Any]:
    """Return processor time and statements of a page of the form and of a filing."""
    assert not settings.DEBUG
    visitor = Client(SERVER_NAME="localhost")
    post(visitor, "/melden/", {"text": TEXT})
    found: dict[str, Any] = {}
    for name, path in {"form page": "/melden/", "form topic": "/melden/thema/"}.items():
        for _ in range(WARM_UP):
            visitor.get(path, follow=True)
        with statements() as sent:
            size = len(visitor.get(path, follow=True).content)
        spans: list[dict[str, float]] = []
        for _ in range(rounds):
            spans.append({})
            with measured(spans[-1], count, database_pid=database_pid):
                for _ in range(count):
                    visitor.get(path, follow=True)
        found[name] = {"statements": sent.total(), "bytes": size, "cpu": median_of(spans)}
    # As each page before it is measured, the last step is taken some times beforehand.
    _filing(1, WARM_UP, None, first=0)
    found["form filing"] = _filing(rounds, count, database_pid, first=WARM_UP)
    return found


def _filing(rounds: int, count: int, database_pid: int | None, *, first: int) -> dict[str, Any]:
    spans: list[dict[str, float]] = []
    total = 0
    for number in range(rounds):
        # Limits count networks; all of these come from one.
        cache.clear()
        browsers = []
        for place in range(count):
            cache.clear()
            browsers.append(ready(first + number * count + place))
        Draft.objects.update(created_at="2026-01-01T00:00:00Z")
        settings.REPORT_LIMITS = (10**6, 10**6, 10**6)
        spans.append({})
        with statements() as sent, measured(spans[-1], count, database_pid=database_pid):
            for client, values in browsers:
                response = client.post("/melden/pruefen/", values)
                assert response.headers.get("Location") == "/melden/angekommen/"
        total = sent.total()
    return {"statements": total / count, "bytes": 0, "cpu": median_of(spans)}
